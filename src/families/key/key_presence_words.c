/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether keys are there, what they hold, and taking them out. */
#include "families/key/key_words.h"

/* DEL and UNLINK differ in what is promised, not in what is done: a big value is freed elsewhere in
 * any case, so that nobody waits for it. */
void key_word_del(struct call *call) {
    int64_t count = 0;
    while (args_left(call) > 0) {
        struct edit edit;
        edit_open(&edit, call, args_key(call), NULL);
        if (!edit_exists(&edit)) {
            edit_cancel(&edit);
            continue;
        }
        edit_delete(&edit, true);
        edit_commit_as(&edit, EVENT_GENERIC, "del");
        count++;
    }
    reply_integer(call, count);
}

static int64_t count_present(struct call *call, uint32_t flags) {
    int64_t count = 0;
    struct value value;
    while (args_left(call) > 0)
        count += key_peek(call, call->database, args_key(call), NULL, flags, &value, NULL);
    return count;
}

void key_word_exists(struct call *call) {
    reply_integer(call, count_present(call, KEY_READ_NO_TOUCH));
}

void key_word_touch(struct call *call) { reply_integer(call, count_present(call, 0)); }

void key_word_type(struct call *call) {
    struct value value;
    bool there = key_peek(call, call->database, args_key(call), NULL, KEY_READ_NO_TOUCH, &value,
                          NULL);
    reply_status(call, there ? value.type->name : "none");
}

#define THROWS_MAX 100 /* where expiry is paused, an expired key is better than no end */

void key_word_randomkey(struct call *call) {
    struct keyspace *keyspace = &call->executor->keyspace;
    for (int i = 0;; i++) {
        struct entry *entry = keyspace_random(keyspace, call->database);
        if (entry == NULL) {
            reply_null(call);
            return;
        }
        bool is_due = entry_has_deadline(entry) && entry_deadline_ms(entry) <= call_now_ms(call);
        if (!is_due || i == THROWS_MAX) {
            reply_bulk(call, entry_key(entry));
            return;
        }
        key_exists(call, entry_key(entry)); /* it goes now */
    }
}
