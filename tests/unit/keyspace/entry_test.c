/* SPDX-License-Identifier: BSD-3-Clause */
/* One key in one block: what is put in comes out, whatever the lengths, and it takes what the
 * drawing in entry.h says. */
#include "keyspace/entry.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "base/memory.h"
#include "keyspace/access.h"
#include "keyspace/string_value.h"

static char *filled(size_t len, char with) {
    char *bytes = memory_allocate(len + 1);
    memset(bytes, with, len);
    return bytes;
}

static void check(const struct entry *entry, struct bytes key, const struct value *value,
                  bool has_deadline, int64_t deadline_ms) {
    cr_assert(bytes_equal(entry_key(entry), key));
    cr_assert(bytes_equal(entry_key_of(entry), key));
    cr_assert_eq(entry->type, 9);
    cr_assert_eq(entry_has_deadline(entry), has_deadline);
    if (has_deadline) cr_assert_eq(entry_deadline_ms(entry), deadline_ms);
    struct value back;
    entry_value(entry, &back);
    cr_assert_eq(back.storage, value->storage);
    cr_assert_eq(back.encoding, value->encoding);
    if (value->storage == VALUE_INLINED) cr_assert(bytes_equal(back.inlined, value->inlined));
    else cr_assert_eq(back.integer, value->integer);
}

static void round_trip(struct bytes key, const struct value *value, bool has_deadline,
                       int64_t deadline_ms) {
    size_t before = memory_used_bytes();
    struct entry *entry = entry_try_create(key, 9, value, has_deadline, deadline_ms);
    cr_assert_not_null(entry);
    cr_assert_eq(memory_used_bytes() - before, memory_small_class(entry_size(entry)));
    check(entry, key, value, has_deadline, deadline_ms);
    /* The clock of uses is nobody else's. */
    access_bits_set(entry, 0xabcdef);
    check(entry, key, value, has_deadline, deadline_ms);
    cr_assert_eq(access_bits(entry), 0xabcdef);
    entry_free(entry);
    cr_assert_eq(memory_used_bytes(), before);
}

static const size_t lengths[] = {0, 1, 16, 252, 253, 254, 255, 300, 65535, 65536, 70000};

Test(entry, keeps_keys_and_values_of_all_lengths) {
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        for (size_t j = 0; j < COUNT_OF(lengths); j++) {
            char *key = filled(lengths[i], 'k'), *bytes = filled(lengths[j], 'v');
            struct value value = {.storage = VALUE_INLINED,
                                  .encoding = (uint8_t)(j & 15),
                                  .inlined = {bytes, lengths[j]}};
            round_trip(bytes_make(key, lengths[i]), &value, false, 0);
            round_trip(bytes_make(key, lengths[i]), &value, true, 1700000000000);
            memory_free(key);
            memory_free(bytes);
        }
    }
}

Test(entry, keeps_integers_and_pointers_whole) {
    static const int64_t integers[] = {0, -1, 1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        for (uint8_t storage = VALUE_INTEGER; storage <= VALUE_BOXED; storage += VALUE_BOXED) {
            struct value value = {.storage = storage, .encoding = 15, .integer = integers[i]};
            round_trip(BYTES("key"), &value, false, 0);
            round_trip(BYTES("key"), &value, true, 5);
        }
    }
}

Test(entry, keeps_deadlines_far_beyond_48_bits_and_before_1970) {
    static const int64_t deadlines[] = {
        0,         1, ((int64_t)1 << 48) - 1, (int64_t)1 << 48, ((int64_t)1 << 48) + 1, INT64_MAX,
        INT64_MIN, -1};
    struct value value = {.storage = VALUE_INLINED, .inlined = BYTES("value")};
    for (size_t i = 0; i < COUNT_OF(deadlines); i++)
        round_trip(BYTES("key"), &value, true, deadlines[i]);
}

static size_t size_of(size_t key_len, struct value value, bool has_deadline) {
    char *key = filled(key_len, 'k');
    struct entry *entry = entry_try_create(bytes_make(key, key_len), 0, &value, has_deadline, 1);
    size_t size = entry_size(entry);
    entry_free(entry);
    memory_free(key);
    return size;
}

Test(entry, takes_the_bytes_it_promises) {
    char text[100] = {0};
    struct value small = {.storage = VALUE_INLINED, .inlined = {text, 32}};
    struct value hundred = {.storage = VALUE_INLINED, .inlined = {text, 100}};
    struct value integer = {.storage = VALUE_INTEGER};
    cr_assert_eq(memory_small_class(size_of(16, small, false)), 56);
    cr_assert_eq(memory_small_class(size_of(16, small, true)), 64);
    cr_assert_eq(memory_small_class(size_of(16, integer, false)), 32);
    cr_assert_eq(memory_small_class(size_of(16, hundred, false)), 128);
}

Test(entry, says_so_when_memory_is_refused) {
    struct value value = {.storage = VALUE_INLINED, .inlined = BYTES("value")};
    memory_fail_try(1);
    cr_assert_null(entry_try_create(BYTES("key"), 0, &value, false, 0));
    memory_fail_try(0);
}
