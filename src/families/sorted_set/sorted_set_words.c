/* SPDX-License-Identifier: BSD-3-Clause */
/* What several words do alike: replies of members, ends of edits. */
#include "families/sorted_set/sorted_set_words.h"

#include <assert.h>

void sorted_set_reply_count(struct call *call, size_t count, bool with_scores) {
    reply_array(call, with_scores && call->output->protocol == 2 ? count * 2 : count);
}

void sorted_set_reply_item(struct call *call, const struct sorted_set_item *item,
                           bool with_scores) {
    if (with_scores && call->output->protocol != 2) reply_array(call, 2);
    reply_bulk(call, item->name);
    if (with_scores) reply_double(call, item->score);
}

void sorted_set_refused(struct edit *edit, bool changed) {
    struct call *call = edit->call;
    if (!call->failed) reply_error(call, "OOM command not allowed: no memory for the value");
    bool open = edit->open || edit_open(edit, call, edit->key, &sorted_set_type);
    if (!open) return;
    /* A set that was made for a member that there was no room for. */
    if (edit_exists(edit) && sorted_set_count(&edit->value) == 0) edit_delete(edit, false);
    if (changed) edit_commit_as(edit, EVENT_SORTED_SET, "zadd");
    else edit_cancel(edit);
}

void sorted_set_removed(struct edit *edit, const char *event) {
    if (!edit_exists(edit) || sorted_set_count(&edit->value) == 0) {
        edit_event(edit, EVENT_SORTED_SET, event);
        if (edit_exists(edit)) edit_delete(edit, false);
        edit_commit_as(edit, EVENT_GENERIC, "del");
        return;
    }
    edit_commit_as(edit, EVENT_SORTED_SET, event);
}

static void store_nothing(struct call *call, struct bytes key) {
    struct edit edit;
    bool open = edit_open(&edit, call, key, NULL);
    assert(open);
    if (edit_exists(&edit)) {
        edit_delete(&edit, call->executor->lazy_server_del);
        edit_commit_as(&edit, EVENT_GENERIC, "del");
    } else {
        edit_cancel(&edit);
    }
    reply_integer(call, 0);
}

void sorted_set_store(struct call *call, struct bytes key, struct sorted_set_build *build,
                      const char *event) {
    struct value value;
    if (!build->failed && build->count == 0) {
        store_nothing(call, key);
        return;
    }
    if (!sorted_set_build_finish(build, &call->executor->keyspace.limits, &value)) {
        reply_error(call, "OOM command not allowed: no memory for the value");
        return;
    }
    struct edit edit;
    bool open = edit_open(&edit, call, key, NULL);
    assert(open);
    if (!edit_replace(&edit, &value)) {
        if (value.storage == VALUE_BOXED) sorted_set_destroy(value.boxed);
        return;
    }
    edit_commit_as(&edit, EVENT_SORTED_SET, event);
    reply_integer(call, (int64_t)build->count);
}
