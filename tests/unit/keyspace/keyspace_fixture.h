/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* A keyspace with two types: plain strings and an application's object that counts how many of it
 * are alive. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/memory.h"
#include "keyspace/keyspace.h"
#include "keyspace/string_value.h"

#define START_MS ((int64_t)1700000000000)

struct object {
    uint32_t number;
    char weight[60];
};

static int objects_alive;

static inline struct object *object_create(uint32_t number) {
    struct object *object = memory_allocate(sizeof(*object));
    object->number = number;
    objects_alive++;
    return object;
}

static inline void object_destroy(void *boxed) {
    objects_alive--;
    memory_free(boxed);
}

static inline size_t object_bytes(const void *boxed, size_t samples) {
    (void)samples;
    return memory_block_bytes(boxed);
}

static inline size_t object_effort(const void *boxed) {
    return ((const struct object *)boxed)->number % 2 == 0 ? 1000 : 1;
}

static const struct value_type object_type = {
    .name = "object",
    .rdb_type = VALUE_RDB_MODULE,
    .disk_tag = "testobj-1",
    .event_class = 'a',
    .is_application = true,
    .destroy = object_destroy,
    .destroy_anywhere = true,
    .bytes = object_bytes,
    .effort = object_effort,
};

static inline struct value object_value(uint32_t number) {
    return (struct value){
        .type = &object_type, .storage = VALUE_BOXED, .boxed = object_create(number)};
}

static inline struct value text_value(struct bytes text) {
    struct value value;
    cr_assert(string_value_try(text, NULL, &value));
    return value;
}

static inline void fixture_init(struct keyspace *keyspace, int32_t databases) {
    hash_setup(NULL);
    keyspace_init(keyspace, databases, START_MS, 42);
    keyspace_add_type(keyspace, &string_type);
    keyspace_add_type(keyspace, &object_type);
}

struct key_name {
    char text[32];
    struct bytes bytes;
    uint64_t hash;
};

static inline struct key_name *key_named(struct key_name *name, uint32_t number) {
    int len = snprintf(name->text, sizeof(name->text), "key:%u", number);
    name->bytes = bytes_make(name->text, (size_t)len);
    name->hash = hash_bytes(name->bytes);
    return name;
}

static inline struct keyspace_place place_of(struct database *database, uint32_t number) {
    struct key_name name;
    key_named(&name, number);
    return keyspace_find(database, name.bytes, name.hash);
}

/* Takes a BOXED value; deadline_ms 0: none. */
static inline void put(struct keyspace *keyspace, struct database *database, uint32_t number,
                       struct value value, int64_t deadline_ms) {
    struct key_name name;
    key_named(&name, number);
    struct keyspace_place place = keyspace_find(database, name.bytes, name.hash);
    cr_assert(keyspace_store(keyspace, database, name.bytes, &place, &value, deadline_ms != 0,
                             deadline_ms));
}
