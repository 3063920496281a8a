/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements that come in: at the ends, next to another, in the place of another. */
#include "families/list/list_words.h"

static void push(struct call *call, bool front, bool only_there) {
    struct bytes key = args_key(call);
    const struct bytes *elements = call->argv + args_index(call);
    size_t count = (size_t)args_left(call);
    struct edit edit;
    if (!edit_open(&edit, call, key, &list_type)) return;
    if (only_there && !edit_exists(&edit)) {
        edit_cancel(&edit);
        reply_integer(call, 0);
        return;
    }
    struct edit_home home;
    if (!list_push(edit_home_init(&home, &edit), list_limits(call), front, elements, count)) {
        list_refused(&edit);
        return;
    }
    size_t total = list_count(&edit.value);
    edit_commit_as(&edit, EVENT_LIST, front ? "lpush" : "rpush");
    reply_integer(call, (int64_t)total);
}

void list_word_lpush(struct call *call) { push(call, true, false); }
void list_word_rpush(struct call *call) { push(call, false, false); }
void list_word_lpushx(struct call *call) { push(call, true, true); }
void list_word_rpushx(struct call *call) { push(call, false, true); }

void list_word_linsert(struct call *call) {
    struct bytes key = args_key(call);
    bool after = args_word(call, "AFTER");
    if (!after && !args_word(call, "BEFORE")) args_syntax_error(call);
    struct bytes pivot = args_bytes(call);
    struct bytes element = args_bytes(call);
    struct edit edit;
    if (args_failed(call) || !edit_open(&edit, call, key, &list_type)) return;
    if (!edit_exists(&edit)) {
        edit_cancel(&edit);
        reply_integer(call, 0);
        return;
    }
    struct edit_home home;
    switch (list_insert(edit_home_init(&home, &edit), list_limits(call), pivot, after, element)) {
    case LIST_REFUSED: list_refused(&edit); return;
    case LIST_NO_PIVOT:
        edit_cancel(&edit);
        reply_integer(call, -1);
        return;
    case LIST_INSERTED: break;
    }
    size_t total = list_count(&edit.value);
    edit_commit_as(&edit, EVENT_LIST, "linsert");
    reply_integer(call, (int64_t)total);
}

/* The index is read only when there is a list to which it belongs, as in Redis. */
static bool take_index(struct call *call, const struct value *value, size_t *index) {
    int64_t given = args_integer(call, INT64_MIN, INT64_MAX);
    int64_t total = (int64_t)list_count(value);
    if (given < 0) given += total;
    if (given < 0 || given >= total) args_fail(call, "ERR index out of range");
    *index = (size_t)given;
    return !args_failed(call);
}

void list_word_lset(struct call *call) {
    struct bytes key = args_key(call);
    struct edit edit;
    size_t index;
    if (!edit_open(&edit, call, key, &list_type)) return;
    if (!edit_exists(&edit)) args_fail(call, "ERR no such key");
    else if (take_index(call, &edit.value, &index)) {
        struct edit_home home;
        if (!list_replace(edit_home_init(&home, &edit), list_limits(call), index,
                          args_bytes(call))) {
            list_refused(&edit);
            return;
        }
        edit_commit_as(&edit, EVENT_LIST, "lset");
        reply_ok(call);
        return;
    }
    edit_cancel(&edit);
}
