/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements that go unseen: LTRIM, LREM. */
#include "families/list/list_words.h"

void list_word_ltrim(struct call *call) {
    struct bytes key = args_key(call);
    int64_t start = args_integer(call, INT64_MIN, INT64_MAX);
    int64_t stop = args_integer(call, INT64_MIN, INT64_MAX);
    struct edit edit;
    if (args_failed(call) || !edit_open(&edit, call, key, &list_type)) return;
    reply_ok(call);
    if (!edit_exists(&edit)) {
        edit_cancel(&edit);
        return;
    }
    size_t total = list_count(&edit.value);
    struct list_range range = list_range_of(start, stop, total);
    if (range.count == 0) {
        list_take_away(&edit, true, total, "ltrim");
        return;
    }
    struct edit_home home;
    edit_home_init(&home, &edit);
    list_drop(&home.home, list_limits(call), true, range.first);
    list_drop(&home.home, list_limits(call), false, total - range.first - range.count);
    edit_commit_as(&edit, EVENT_LIST, "ltrim");
    /* Watchers hear of it all the same, as in Redis. */
    if (range.count == total) call_effect_none(call);
}

void list_word_lrem(struct call *call) {
    struct bytes key = args_key(call);
    int64_t count = args_integer(call, INT64_MIN, INT64_MAX);
    struct bytes element = args_bytes(call);
    struct edit edit;
    if (args_failed(call) || !edit_open(&edit, call, key, &list_type)) return;
    size_t removed = 0;
    if (edit_exists(&edit)) {
        struct edit_home home;
        size_t wanted = count == 0  ? SIZE_MAX
                        : count < 0 ? (size_t) - (uint64_t)count
                                    : (size_t)count;
        removed = list_remove(edit_home_init(&home, &edit), list_limits(call), element, wanted,
                              count < 0);
    }
    if (removed > 0) list_removed(&edit, "lrem");
    else edit_cancel(&edit);
    reply_integer(call, (int64_t)removed);
}
