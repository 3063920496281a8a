/* SPDX-License-Identifier: BSD-3-Clause */
/* ZREM, ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX, and the going of members that are
 * due. */
#include "families/sorted_set/sorted_set_words.h"

#define EXPIRE_AT_ONCE 1000

void sorted_set_word_zrem(struct call *call) {
    struct bytes key = args_key(call);
    struct edit edit;
    if (!edit_open(&edit, call, key, &sorted_set_type)) return;
    int64_t removed = 0;
    if (edit_exists(&edit)) {
        struct edit_home home;
        edit_home_init(&home, &edit);
        /* Nothing may be asked of a set that has become empty but its count. */
        while (args_left(call) > 0 && sorted_set_count(&edit.value) > 0)
            removed += sorted_set_remove(&home.home, args_bytes(call));
    }
    if (removed > 0) sorted_set_removed(&edit, "zrem");
    else edit_cancel(&edit);
    reply_integer(call, removed);
}

static void remove_range(struct call *call, enum sorted_set_order by, const char *event) {
    struct bytes key = args_key(call);
    struct sorted_set_range range = {.by = by, .limit = -1};
    sorted_set_bounds_take(call, &range);
    if (args_failed(call)) return;
    struct edit edit;
    if (!edit_open(&edit, call, key, &sorted_set_type)) return;
    struct sorted_set_window window = {0};
    if (edit_exists(&edit)) window = sorted_set_range_window(&range, &edit.value);
    if (window.count == 0) {
        edit_cancel(&edit);
    } else if (window.count == sorted_set_count(&edit.value)) {
        edit_delete(&edit, true);
        sorted_set_removed(&edit, event);
    } else {
        struct edit_home home;
        sorted_set_remove_ranks(edit_home_init(&home, &edit), window.first, window.count, NULL,
                                NULL);
        sorted_set_removed(&edit, event);
    }
    reply_integer(call, (int64_t)window.count);
}

void sorted_set_word_zremrangebyrank(struct call *call) {
    remove_range(call, SORTED_SET_BY_RANK, "zremrangebyrank");
}

void sorted_set_word_zremrangebyscore(struct call *call) {
    remove_range(call, SORTED_SET_BY_SCORE, "zremrangebyscore");
}

void sorted_set_word_zremrangebylex(struct call *call) {
    remove_range(call, SORTED_SET_BY_NAME, "zremrangebylex");
}

void sorted_set_expire_members(struct call *call, struct bytes key) {
    struct edit edit;
    if (!edit_open(&edit, call, key, &sorted_set_type)) return;
    struct bytes words[2 + EXPIRE_AT_ONCE] = {BYTES("ZREM"), key};
    int count = 2;
    struct bytes name;
    struct edit_home home;
    edit_home_init(&home, &edit);
    while (count < (int)COUNT_OF(words) && sorted_set_count(&edit.value) > 0 &&
           sorted_set_due(&edit.value, call_now_ms(call), &name)) {
        words[count] = arena_copy(call_arena(call), name);
        sorted_set_remove(&home.home, words[count++]);
    }
    if (count == 2) {
        edit_cancel(&edit);
        return;
    }
    sorted_set_removed(&edit, "zexpired");
    if (call_wants_effects(call)) call_effect(call, words, count);
}
