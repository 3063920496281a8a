/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading fields that are named: HGET, HMGET, HSTRLEN, HEXISTS; and HLEN. */
#include "families/hash/hash_words.h"

void hash_hget(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes field = args_bytes(call);
    struct value value;
    struct hash_item item;
    if (!key_read(call, key, &hash_type, &value)) {
        if (!args_failed(call)) reply_null(call);
        return;
    }
    if (hash_find(&value, field, call_members_now_ms(call), &item)) reply_bulk(call, item.value);
    else reply_null(call);
}

void hash_hmget(struct call *call) {
    struct bytes key = args_key(call);
    struct value value;
    struct hash_item item;
    bool there = key_read(call, key, &hash_type, &value);
    if (args_failed(call)) return;
    int64_t now_ms = call_members_now_ms(call);
    reply_array(call, (size_t)args_left(call));
    while (args_left(call) > 0) {
        struct bytes field = args_bytes(call);
        if (there && hash_find(&value, field, now_ms, &item)) reply_bulk(call, item.value);
        else reply_null(call);
    }
}

void hash_hlen(struct call *call) {
    struct value value;
    bool there = key_read(call, args_key(call), &hash_type, &value);
    if (args_failed(call)) return;
    reply_integer(call, there ? (int64_t)hash_count(&value, call_members_now_ms(call)) : 0);
}

/* Whether the field is there; false as well when an error was replied. */
static bool find(struct call *call, struct hash_item *item) {
    struct bytes key = args_key(call);
    struct bytes field = args_bytes(call);
    struct value value;
    return key_read(call, key, &hash_type, &value) &&
           hash_find(&value, field, call_members_now_ms(call), item);
}

void hash_hstrlen(struct call *call) {
    struct hash_item item;
    bool found = find(call, &item);
    if (!args_failed(call)) reply_integer(call, found ? (int64_t)item.value.len : 0);
}

void hash_hexists(struct call *call) {
    struct hash_item item;
    bool found = find(call, &item);
    if (!args_failed(call)) reply_integer(call, found);
}
