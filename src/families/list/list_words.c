/* SPDX-License-Identifier: BSD-3-Clause */
/* What the handlers share. */
#include "families/list/list_words.h"

void list_refused(struct edit *edit) {
    if (!edit->open) return;
    reply_error(edit->call, "OOM command not allowed: no memory for the value");
    edit_cancel(edit);
}

void list_removed(struct edit *edit, const char *event) {
    if (edit_exists(edit) && list_count(&edit->value) > 0) {
        edit_commit_as(edit, EVENT_LIST, event);
        return;
    }
    edit_event(edit, EVENT_LIST, event);
    if (edit_exists(edit)) edit_delete(edit, true);
    edit_commit_as(edit, EVENT_GENERIC, "del");
}

void list_take_away(struct edit *edit, bool front, size_t count, const char *event) {
    struct edit_home home;
    if (count < list_count(&edit->value))
        list_drop(edit_home_init(&home, edit), list_limits(edit->call), front, count);
    else edit_delete(edit, true);
    list_removed(edit, event);
}

bool list_take_end(struct call *call) {
    if (args_word(call, "LEFT")) return true;
    if (!args_word(call, "RIGHT")) args_syntax_error(call);
    return false;
}

struct list_range list_range_of(int64_t start, int64_t stop, size_t total) {
    int64_t count = (int64_t)total;
    if (start < 0) start = start < -count ? 0 : start + count;
    if (stop < 0) stop += count;
    if (stop >= count) stop = count - 1;
    if (start > stop) return (struct list_range){0};
    return (struct list_range){(size_t)start, (size_t)(stop - start + 1)};
}
