/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the tests of the family share: a server, a key of another type, and short ways to say what
 * a command gives. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "commands/registry.h"
#include "harness/harness.h"
#include "keyspace/keyspace.h"

static struct harness harness;

/* A type that is no string and needs no family. */
static const char *other_encoding(const struct value *value) {
    (void)value;
    return "other";
}
static const struct value_type other_type = {
    .name = "other", .disk_tag = "othertype", .event_class = 'a', .encoding = other_encoding};

static inline void string_setup(void) {
    harness_init(&harness);
    keyspace_add_type(&harness.executor.keyspace, &other_type);
    harness.executor.event_mask &= ~(uint32_t)(EVENT_OVERWRITTEN | EVENT_TYPE_CHANGED);
}

static inline void string_teardown(void) { harness_deinit(&harness); }

/* Makes a key hold something that is no string. */
static inline void hold_other(const char *key) {
    struct database *database = &harness.executor.keyspace.databases[0];
    struct bytes bytes = bytes_of(key);
    struct keyspace_place place = keyspace_find(database, bytes, hash_bytes(bytes));
    struct value value = {.type = &other_type, .storage = VALUE_INTEGER, .integer = 1};
    cr_assert(
        keyspace_store(&harness.executor.keyspace, database, bytes, &place, &value, false, 0));
}

/* What OBJECT ENCODING would say. */
static inline const char *encoding_of(const char *key) {
    struct database *database = &harness.executor.keyspace.databases[0];
    struct bytes bytes = bytes_of(key);
    struct keyspace_place place = keyspace_find(database, bytes, hash_bytes(bytes));
    cr_assert_not_null(place.entry);
    struct value value;
    keyspace_value(&harness.executor.keyspace, place.entry, &value);
    return value.type->encoding(&value);
}

#define GIVES(line, expected) cr_assert_str_eq(harness_run(&harness, line), expected, "%s", line)
#define WRONG_TYPE "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define SYNTAX_ERROR "-ERR syntax error\r\n"
#define NOT_AN_INTEGER "-ERR value is not an integer or out of range\r\n"
#define NULL_REPLY "$-1\r\n"

static inline void forget(void) {
    harness.events_len = 0;
    if (harness.events != NULL) harness.events[0] = '\0';
    harness_journal_clear(&harness);
}

/* The events as "name key,name key". */
static inline void print_events(char *out, size_t capacity) {
    size_t len = 0;
    const char *line_end = " 0\n"; /* the database is always the first here */
    for (size_t i = 0; i < harness.events_len && len + 1 < capacity; i++) {
        if (strncmp(harness.events + i, line_end, strlen(line_end)) == 0) {
            out[len++] = ',';
            i += strlen(line_end) - 1;
        } else {
            out[len++] = harness.events[i];
        }
    }
    out[len > 0 ? len - 1 : 0] = '\0';
}

/* Runs a line and compares the events and the journal that it leaves. */
static inline void leaves(const char *line, const char *events, const char *effects) {
    forget();
    harness_run(&harness, line);
    char text[1024];
    print_events(text, sizeof(text));
    cr_assert_str_eq(text, events, "%s: events are '%s', not '%s'", line, text, events);
    cr_assert_str_eq(harness_journal(&harness), effects, "%s: effects are\n%s", line,
                     harness_journal(&harness));
}
