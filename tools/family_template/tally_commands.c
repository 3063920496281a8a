/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of this family: read the arguments, ask the thing, reply. */
#include "commands/family.h"
#include "families/tally/tally.h"
#include "families/tally/tally_types.h"

static void add(struct call *call) {
    struct bytes key = args_key(call);
    int64_t amount = args_integer(call, -TALLY_COUNT_MAX, TALLY_COUNT_MAX);
    args_end(call);
    if (args_failed(call)) return; /* the first mistake has been replied to */

    struct edit edit;
    if (!edit_open(&edit, call, key, &tally_type)) return; /* WRONGTYPE has been replied */
    bool is_new = !edit_exists(&edit);
    struct tally *tally = is_new ? tally_create() : edit.value.boxed;
    if (!tally_add(tally, amount)) {
        edit_cancel(&edit);
        if (is_new) tally_destroy(&tally);
        reply_error(call, "FULL the count would leave 0 to %lld", TALLY_COUNT_MAX);
        return;
    }
    int64_t count = tally_count(tally);
    struct value value = {.type = &tally_type, .storage = VALUE_BOXED, .boxed = tally};
    if (is_new && !edit_store(&edit, &value)) { /* out of memory has been replied */
        tally_destroy(&tally);
        return;
    }
    edit_commit(&edit, "tally.add");
    reply_integer(call, count);
}

static void get(struct call *call) {
    struct bytes key = args_key(call);
    args_end(call);
    if (args_failed(call)) return;

    struct value value;
    if (key_read(call, key, &tally_type, &value)) reply_integer(call, tally_count(value.boxed));
    else if (!args_failed(call)) reply_null(call); /* else WRONGTYPE has been replied */
}

static const struct command commands[] = {
    {
        .name = "TALLY.ADD",
        .handler = add,
        .summary = "Adds to a tally, which starts at zero.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = WRITES,
        .speed = FAST,
        ARGS(KEY("key"), INTEGER("amount")),
        .reply = "the count afterwards",
        .errors = "FULL the count would leave its bounds",
        .events = "tally.add",
        .example = "TALLY.ADD visits 5",
    },
    {
        .name = "TALLY.GET",
        .handler = get,
        .summary = "Reads a tally.",
        .complexity = "O(1)",
        .since = "0.1.0",
        .access = READS,
        .speed = FAST,
        ARGS(KEY("key")),
        .reply = "the count; null when the key does not exist",
        .example = "TALLY.GET visits",
    },
};

static const struct value_type *const types[] = {&tally_type};

const struct family tally_family = {
    .name = "tally",
    .title = "Tally",
    .commands = commands,
    .command_count = COUNT_OF(commands),
    .types = types,
    .type_count = COUNT_OF(types),
};
