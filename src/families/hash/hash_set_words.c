/* SPDX-License-Identifier: BSD-3-Clause */
/* Setting fields and taking them out: HSET, HMSET, HSETNX; HDEL, HGETDEL. */
#include "families/hash/hash_words.h"

/* Sets all pairs that are left; gives how many fields are new, -1 when memory was refused and all
 * is said. */
static int64_t set_pairs(struct hash_edit *change, struct call *call) {
    const struct bytes *words = &call->argv[args_index(call)];
    size_t count = (size_t)args_left(call) / 2;
    if (!hash_exists(change)) {
        size_t made = hash_put_first(hash_home(change), &call->executor->keyspace.limits, words,
                                     count);
        if (made > 0) return (int64_t)made;
        hash_forget(change);
        hash_refused(change, false);
        return -1;
    }
    int64_t added = 0;
    struct hash_item item;
    bool timed = change->edit.value.encoding != HASH_PAIRS;
    for (size_t i = 0; i < count; i++) {
        if (timed) hash_meet(change, words[i * 2], &item);
        enum hash_outcome outcome = hash_store(change, words[i * 2], words[i * 2 + 1], false);
        if (outcome == HASH_REFUSED) {
            hash_refused(change, i > 0);
            if (i > 0) call_effect(call, call->argv, (int)(2 + i * 2));
            return -1;
        }
        added += outcome == HASH_ADDED;
    }
    return added;
}

static int64_t set(struct call *call) {
    struct bytes key = args_key(call);
    struct hash_edit change;
    if (args_left(call) % 2 != 0) args_wrong_number(call);
    if (args_failed(call) || !hash_open(&change, call, key)) return -1;
    int64_t added = set_pairs(&change, call);
    if (added >= 0) hash_commit(&change, "hset");
    return added;
}

void hash_hset(struct call *call) {
    int64_t added = set(call);
    if (added >= 0) reply_integer(call, added);
}

void hash_hmset(struct call *call) {
    if (set(call) >= 0) reply_ok(call);
}

void hash_hsetnx(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes field = args_bytes(call);
    struct bytes value = args_bytes(call);
    struct hash_edit change;
    struct hash_item item;
    if (!hash_open(&change, call, key)) return;
    if (hash_meet(&change, field, &item)) {
        hash_cancel(&change);
        reply_integer(call, 0);
        return;
    }
    if (hash_store(&change, field, value, false) == HASH_REFUSED) {
        hash_refused(&change, false);
        return;
    }
    hash_commit(&change, "hset");
    reply_integer(call, 1);
}

/* --- taking out --- */

void hash_hdel(struct call *call) {
    struct bytes key = args_key(call);
    struct hash_edit change;
    struct hash_item item;
    int64_t removed = 0;
    if (!hash_open(&change, call, key)) return;
    bool timed = hash_exists(&change) && change.edit.value.encoding != HASH_PAIRS;
    while (args_left(call) > 0 && hash_exists(&change)) {
        struct bytes field = args_bytes(call);
        if (timed && !hash_meet(&change, field, &item)) continue;
        removed += hash_remove(hash_home(&change), field);
    }
    if (removed > 0) hash_commit_without(&change, "hdel");
    else hash_cancel(&change);
    reply_integer(call, removed);
}

void hash_hgetdel(struct call *call) {
    struct bytes key = args_key(call);
    struct hash_edit change;
    struct hash_item item;
    struct hash_fields fields;
    struct hash_names names;
    if (!hash_open(&change, call, key)) return;
    if (!hash_take_fields(call, &fields, HASH_FIELDS_POSITIVE) ||
        !hash_names_begin(&names, call, fields.count)) {
        hash_cancel(&change);
        return;
    }
    reply_array(call, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        if (!hash_meet(&change, fields.names[i], &item)) {
            reply_null(call);
            continue;
        }
        reply_bulk(call, item.value);
        hash_take_out(&change, fields.names[i]);
        hash_names_add(&names, fields.names[i]);
    }
    if (names.count == 0) {
        hash_cancel(&change);
        return;
    }
    hash_commit_without(&change, "hdel");
    hash_effect_remove(call, key, &names);
}
