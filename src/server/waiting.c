/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/waiting.h"

#include "base/hash.h"
#include "base/memory.h"
#include "commands/reply.h"
#include "keyspace/keyspace.h"
#include "server/blocking_internal.h"
#include "server/server.h"
#include "server/session.h"
#include "structures/hash_table.h"

/* One call's place in the queue of one key. */
struct key_wait {
    struct blocked *blocked;
    struct awaited_key *key;
    struct key_wait *next_of_key;
    struct key_wait *previous_of_key;
    struct key_wait *next_of_blocked;
};

struct awaited_key {
    struct key_wait *first; /* who came first */
    struct key_wait *last;
    struct awaited_key *next;
    struct awaited_key *previous;
    struct awaited_key *next_changed;
    size_t gone_count; /* of those who wait for its end, too */
    bool changed;      /* on the list */
    bool held;         /* is being served: stays, even with nobody left */
    int32_t database;
    uint32_t name_len;
    char name[]; /* the database's number, four bytes, then the key */
};

struct waiting {
    struct hash_table table;
    struct awaited_key *first; /* all of them, for whole databases */
    struct awaited_key *first_changed;
    struct awaited_key *last_changed;
    size_t gone_key_count;
    bool serving;
};

static struct bytes awaited_name(const void *item) {
    const struct awaited_key *key = item;
    return bytes_make(key->name, key->name_len);
}

static struct bytes awaited_bytes(const struct awaited_key *key) {
    return bytes_make(key->name + sizeof(int32_t), key->name_len - sizeof(int32_t));
}

struct waiting *waiting_create(void) {
    struct waiting *waiting = memory_allocate_zero(sizeof(*waiting));
    hash_table_init(&waiting->table, awaited_name);
    return waiting;
}

void waiting_destroy(struct waiting **waiting) {
    if (*waiting == NULL) return;
    hash_table_deinit(&(*waiting)->table);
    memory_free(*waiting);
    *waiting = NULL;
}

size_t waiting_key_count(const struct server *server) { return server->waiting->table.item_count; }

size_t waiting_gone_key_count(const struct server *server) {
    return server->waiting->gone_key_count;
}

/* --- the queues --- */

/* NULL: memory was refused. */
static struct awaited_key *make_key(int32_t database, struct bytes key) {
    size_t size = sizeof(struct awaited_key) + sizeof(database) + key.len;
    struct awaited_key *awaited = memory_try_allocate(size);
    if (awaited == NULL) return NULL;
    *awaited = (struct awaited_key){.database = database,
                                    .name_len = (uint32_t)(sizeof(database) + key.len)};
    memcpy(awaited->name, &database, sizeof(database));
    if (key.len > 0) memcpy(awaited->name + sizeof(database), key.data, key.len);
    return awaited;
}

/* Where there is no memory for the name: a walk over all. */
static struct awaited_key *find_slowly(const struct waiting *waiting, int32_t database,
                                       struct bytes key) {
    struct awaited_key *awaited = waiting->first;
    while (awaited != NULL &&
           (awaited->database != database || !bytes_equal(awaited_bytes(awaited), key)))
        awaited = awaited->next;
    return awaited;
}

static struct awaited_key *find_key(const struct waiting *waiting, int32_t database,
                                    struct bytes key) {
    char small[256];
    size_t len = sizeof(database) + key.len;
    char *name = len <= sizeof(small) ? small : memory_try_allocate(len);
    if (name == NULL) return find_slowly(waiting, database, key);
    memcpy(name, &database, sizeof(database));
    if (key.len > 0) memcpy(name + sizeof(database), key.data, key.len);
    struct bytes whole = bytes_make(name, len);
    struct awaited_key *found = hash_table_find(&waiting->table, hash_bytes(whole), whole, NULL);
    if (name != small) memory_free(name);
    return found;
}

/* NULL: memory was refused. */
static struct awaited_key *add_key(struct server *server, struct database *database,
                                   struct bytes key) {
    struct waiting *waiting = server->waiting;
    struct awaited_key *awaited = find_key(waiting, database->index, key);
    if (awaited != NULL) return awaited;
    awaited = make_key(database->index, key);
    if (awaited == NULL) return NULL;
    hash_table_insert(&waiting->table, hash_bytes(awaited_name(awaited)), awaited);
    awaited->next = waiting->first;
    if (waiting->first != NULL) waiting->first->previous = awaited;
    waiting->first = awaited;
    server->executor.keyspace.databases[awaited->database].watched++;
    return awaited;
}

static void remove_key(struct server *server, struct awaited_key *awaited) {
    struct waiting *waiting = server->waiting;
    struct bytes name = awaited_name(awaited);
    struct hash_place place;
    hash_table_find(&waiting->table, hash_bytes(name), name, &place);
    hash_table_remove(&waiting->table, place);
    if (awaited->previous != NULL) awaited->previous->next = awaited->next;
    else waiting->first = awaited->next;
    if (awaited->next != NULL) awaited->next->previous = awaited->previous;
    if (awaited->changed) {
        struct awaited_key *before = NULL, *at = waiting->first_changed;
        for (; at != awaited; at = at->next_changed) before = at;
        if (before != NULL) before->next_changed = awaited->next_changed;
        else waiting->first_changed = awaited->next_changed;
        if (waiting->last_changed == awaited) waiting->last_changed = before;
    }
    server->executor.keyspace.databases[awaited->database].watched--;
    memory_free(awaited);
}

/* The key has been added. */
static void join(struct server *server, struct blocked *blocked, struct awaited_key *awaited) {
    for (const struct key_wait *own = blocked->waits; own != NULL; own = own->next_of_blocked) {
        if (own->key == awaited) return;
    }
    struct key_wait *wait = memory_allocate(sizeof(*wait));
    *wait = (struct key_wait){.blocked = blocked,
                              .key = awaited,
                              .previous_of_key = awaited->last,
                              .next_of_blocked = blocked->waits};
    if (awaited->last != NULL) awaited->last->next_of_key = wait;
    else awaited->first = wait;
    awaited->last = wait;
    blocked->waits = wait;
    if (blocked->wake_when_gone && awaited->gone_count++ == 0) server->waiting->gone_key_count++;
}

void waiting_forget(struct server *server, struct blocked *blocked) {
    while (blocked->waits != NULL) {
        struct key_wait *wait = blocked->waits;
        struct awaited_key *awaited = wait->key;
        blocked->waits = wait->next_of_blocked;
        if (wait->previous_of_key != NULL) wait->previous_of_key->next_of_key = wait->next_of_key;
        else awaited->first = wait->next_of_key;
        if (wait->next_of_key != NULL) wait->next_of_key->previous_of_key = wait->previous_of_key;
        else awaited->last = wait->previous_of_key;
        memory_free(wait);
        if (blocked->wake_when_gone && --awaited->gone_count == 0)
            server->waiting->gone_key_count--;
        if (awaited->first == NULL && !awaited->held) remove_key(server, awaited);
    }
}

/* Takes away those for which nobody waits after all. */
static void remove_unjoined(struct server *server, struct database *database,
                            const struct bytes *keys, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct awaited_key *awaited = find_key(server->waiting, database->index, keys[i]);
        if (awaited != NULL && awaited->first == NULL && !awaited->held)
            remove_key(server, awaited);
    }
}

/* All memory that a client chose the size of comes first. NULL: it was refused, nobody waits. */
static struct blocked *begin(struct server *server, struct call *call,
                             const struct wait_request *request) {
    size_t added = 0;
    while (added < request->key_count &&
           add_key(server, call->database, request->keys[added]) != NULL)
        added++;
    struct blocked *blocked = NULL;
    if (added == request->key_count)
        blocked = blocking_begin(call, request->argv != NULL ? request->argv : call->argv,
                                 request->timeout_ms, request->give_up);
    if (blocked == NULL) remove_unjoined(server, call->database, request->keys, added);
    return blocked;
}

bool waiting_begin(void *context, struct call *call, const struct wait_request *request) {
    struct server *server = context;
    struct blocked *blocked = call->session->blocked;
    if (blocked != NULL) {
        if (!blocked->runs_again) return false;
        blocked->waits_again = true;
        reply_none(call);
        return true;
    }
    blocked = begin(server, call, request);
    if (blocked == NULL) {
        reply_no_memory(call, "the wait");
        return true;
    }
    blocked->type = request->type;
    blocked->wake_when_gone = request->wake_when_gone;
    for (size_t i = 0; i < request->key_count; i++)
        join(server, blocked, find_key(server->waiting, call->database->index, request->keys[i]));
    return true;
}

/* --- changes --- */

static void note_change(struct server *server, struct awaited_key *awaited) {
    struct waiting *waiting = server->waiting;
    server->executor.wake_wanted = true;
    if (awaited->changed) return;
    awaited->changed = true;
    awaited->next_changed = NULL;
    if (waiting->last_changed != NULL) waiting->last_changed->next_changed = awaited;
    else waiting->first_changed = awaited;
    waiting->last_changed = awaited;
}

void waiting_key_changed(struct server *server, struct database *database, struct bytes key) {
    if (server->waiting->table.item_count == 0) return;
    struct awaited_key *awaited = find_key(server->waiting, database->index, key);
    if (awaited != NULL) note_change(server, awaited);
}

void waiting_database_changed(struct server *server, struct database *database) {
    for (struct awaited_key *awaited = server->waiting->first; awaited != NULL;
         awaited = awaited->next) {
        if (awaited->database == database->index) note_change(server, awaited);
    }
}

/* --- waking --- */

/* Whether the key is in a state that this call wants to see. */
static bool concerns(struct server *server, const struct awaited_key *awaited,
                     const struct blocked *blocked) {
    struct keyspace *keyspace = &server->executor.keyspace;
    struct bytes key = awaited_bytes(awaited);
    struct keyspace_place place = keyspace_find(&keyspace->databases[awaited->database], key,
                                                hash_bytes(key));
    if (place.entry == NULL) return blocked->wake_when_gone;
    if (blocked->type == NULL || keyspace_entry_type(keyspace, place.entry) == blocked->type)
        return true;
    return blocked->wake_when_gone;
}

/* Runs the handler again from its first argument on. The call is gone afterwards, or waits on. */
static void run_again(struct server *server, struct blocked *blocked) {
    struct executor *executor = &server->executor;
    struct session *session = blocked->session;
    struct call *call = &blocked->call;
    struct command_entry *entry = call->entry;
    call_init(call, executor, call->command, &executor->keyspace.databases[session->database],
              blocked->argv, call->argc, &blocked->output);
    call->session = session;
    call->entry = entry;
    if (entry->parent != NULL) call->arg_at = 2;
    executor->keyspace.access.held = (session->flags & SESSION_NO_TOUCH) != 0;
    blocked->runs_again = true;
    blocked->waits_again = false;
    uint64_t before = ticks_now();
    executor_run(executor, call);
    uint64_t ticks = ticks_now() - before;
    blocked->runs_again = false;
    if (!blocked->waits_again) blocking_finish(blocked, ticks);
}

static void serve_key(struct server *server, struct awaited_key *awaited) {
    awaited->held = true;
    struct key_wait *next;
    for (struct key_wait *wait = awaited->first; wait != NULL; wait = next) {
        next = wait->next_of_key;
        if (session_is_alive(wait->blocked->session) && concerns(server, awaited, wait->blocked))
            run_again(server, wait->blocked);
    }
    awaited->held = false;
    if (awaited->first == NULL) remove_key(server, awaited);
}

void waiting_serve(void *context) {
    struct server *server = context;
    struct waiting *waiting = server->waiting;
    /* What a woken handler changes is on the list already and comes in its turn. */
    if (waiting->serving) return;
    waiting->serving = true;
    while (waiting->first_changed != NULL) {
        struct awaited_key *awaited = waiting->first_changed;
        waiting->first_changed = awaited->next_changed;
        if (waiting->first_changed == NULL) waiting->last_changed = NULL;
        awaited->changed = false;
        serve_key(server, awaited);
    }
    waiting->serving = false;
}
