/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/family.h"
#include "server/dispatch.h"
#include "server/server.h"
#include "server/session.h"
#include "server/transaction.h"
#include "server/words.h"

static void multi(struct call *call) {
    struct transaction *transaction = session_transaction(call->session);
    if (transaction->active) {
        reply_error(call, "ERR MULTI calls can not be nested");
        return;
    }
    transaction->active = true;
    reply_ok(call);
}

static void discard(struct call *call) {
    if (!transaction_is_active(call->session->transaction)) {
        reply_error(call, "ERR DISCARD without MULTI");
        return;
    }
    transaction_end(call->session);
    reply_ok(call);
}

static void watch(struct call *call) {
    if (transaction_is_active(call->session->transaction)) {
        reply_error(call, "ERR WATCH inside MULTI is not allowed");
        return;
    }
    /* A session that is dirty already cannot become more so. */
    while (args_left(call) > 0) {
        struct bytes key = args_key(call);
        if ((call->session->flags & SESSION_DIRTY_CAS) != 0) continue;
        key_exists(call, key); /* a key that has expired goes now, not as a change later */
        if (watch_add(call->session, call->database, key)) continue;
        reply_no_memory(call, "the key");
        return;
    }
    reply_ok(call);
}

static void unwatch(struct call *call) {
    watch_remove_all(call->session);
    reply_ok(call);
}

static void free_queued(void *queued) { transaction_queued_free(queued); }

static void exec(struct call *call) {
    struct session *session = call->session;
    struct transaction *transaction = session->transaction;
    if (!transaction_is_active(transaction)) {
        reply_error(call, "ERR EXEC without MULTI");
        return;
    }
    if (transaction->aborted) {
        transaction_end(session);
        reply_error(call, "EXECABORT Transaction discarded because of previous errors.");
        return;
    }
    watches_expire(session);
    if ((session->flags & SESSION_DIRTY_CAS) != 0) {
        transaction_end(session);
        reply_null_array(call);
        return;
    }
    /* What its commands change is not watched any more. */
    watch_remove_all(session);
    struct queued_command *first = transaction->first;
    transaction->first = transaction->last = NULL;
    resp_array(call->output, transaction->count);
    call->reply_pending--;
    while (first != NULL) {
        struct queued_command *queued = first;
        first = queued->next;
        dispatch_run(session, (struct command_entry *)(uintptr_t)queued->entry, queued->argv,
                     queued->argc, NULL, call->output, true, NULL);
        /* What it did is told in its own words when all is over. */
        if (call_wants_effects(call)) executor_finally(call->executor, free_queued, queued);
        else transaction_queued_free(queued);
    }
    transaction_end(session);
    call->effects_given = true; /* each command gave its own, all in this unit */
}

static const struct command commands[] = {
    {
        .name = "DISCARD",
        .handler = discard,
        .summary = "Forgets the commands queued since MULTI.",
        .complexity = "O(N) for N queued commands",
        .since = "2.0.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_ALLOW_BUSY,
        .categories = CATEGORY_TRANSACTION,
        .reply = "OK",
    },
    {
        .name = "EXEC",
        .handler = exec,
        .summary = "Runs the commands queued since MULTI, all in one step.",
        .complexity = "Depends on the commands.",
        .since = "1.2.0",
        .access = TOUCHES_NO_KEYS,
        .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_SKIP_SLOWLOG,
        .categories = CATEGORY_TRANSACTION,
        .reply = "an array of the replies; null when a watched key has changed",
        .errors = "EXECABORT a command could not be queued",
    },
    {
        .name = "MULTI",
        .handler = multi,
        .summary = "Begins a transaction: commands are queued until EXEC.",
        .complexity = "O(1)",
        .since = "1.2.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_ALLOW_BUSY,
        .categories = CATEGORY_TRANSACTION,
        .reply = "OK",
        .example = "MULTI",
    },
    {
        .name = "UNWATCH",
        .handler = unwatch,
        .summary = "Forgets all watched keys.",
        .complexity = "O(1)",
        .since = "2.2.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_ALLOW_BUSY,
        .categories = CATEGORY_TRANSACTION,
        .reply = "OK",
        .example = "UNWATCH",
    },
    {
        .name = "WATCH",
        .handler = watch,
        .summary = "Makes the next transaction fail if one of these keys changes before it.",
        .complexity = "O(1) a key",
        .since = "2.2.0",
        .access = TOUCHES_NO_KEYS,
        .speed = FAST,
        .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_ALLOW_BUSY,
        .categories = CATEGORY_TRANSACTION,
        ARGS(KEY("key", MULTIPLE, .key_use = KEY_READ)),
        .reply = "OK",
        .example = "WATCH greeting",
    },
};

const struct family transactions_family = {
    .name = "transactions",
    .title = "Transactions",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
