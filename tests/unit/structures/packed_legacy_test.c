/* SPDX-License-Identifier: BSD-3-Clause */
/* Ziplists and zipmaps made into packed lists: what redis-server 7.0 makes of the same payloads,
 * byte for byte, and what is refused. */
#include "structures/packed_legacy.h"

#include <criterion/criterion.h>

#include "unit/structures/packed_bytes.h"

typedef size_t convert(struct bytes input, uint8_t *list);

static void check_made(convert *from, const char *digits, const char *wanted_digits) {
    struct bytes input = packed_from_hex(digits), wanted = packed_from_hex(wanted_digits);
    cr_assert_eq(from(input, NULL), wanted.len);
    uint8_t *list = malloc(wanted.len);
    cr_assert_not_null(list);
    cr_assert_eq(from(input, list), wanted.len);
    cr_assert(bytes_equal(packed_bytes(list), wanted));
    cr_assert(packed_list_validate(wanted).is_canonical);
    free(list);
    packed_discard(input);
    packed_discard(wanted);
}

static void check_cut(convert *from, const char *digits) {
    struct bytes whole = packed_from_hex(digits);
    for (size_t len = 0; len < whole.len; len++) {
        uint8_t *part = malloc(len + (len == 0));
        cr_assert_not_null(part);
        memcpy(part, whole.data, len);
        cr_assert_eq(from(bytes_make(part, len), NULL), 0, "%zu bytes", len);
        free(part);
    }
    packed_discard(whole);
}

static void check_refused(convert *from, const char *const *wrong, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct bytes input = packed_from_hex(wrong[i]);
        cr_assert_eq(from(input, NULL), 0, "number %zu: %s", i, wrong[i]);
        packed_discard(input);
    }
}

/* Integers of every width, short and longer texts. */
static const char ziplist[] =
    "8c000000480000000f0000f102fd02fe0d03fe7f03fe8003c07fff04c0ff7f04f0ff7fff05f0"
    "ffff7f05d0ffff7fff06e000000080000000000ae000000000000000800a0161030002404078"
    "7878787878787878787878787878787878787878787878787878787878787878787878787878"
    "78787878787878787878787878787878787878787878787878ff";

Test(packed_legacy, makes_of_a_ziplist_what_redis_makes_of_it) {
    check_made(packed_legacy_from_ziplist, ziplist,
               "850000000f0000010c010d017f01df8002df7f02f1ff7f03f2ff7fff04f2ffff7f04f3ffff7f"
               "ff05f4000000800000000009f40000000000000080098161028001e040787878787878787878"
               "7878787878787878787878787878787878787878787878787878787878787878787878787878"
               "787878787878787878787878787878787842ff");
    check_made(packed_legacy_from_ziplist, "0b0000000a0000000000ff", "070000000000ff");
}

Test(packed_legacy, takes_the_wide_length_of_a_short_entry_before_and_an_unknown_count) {
    check_made(packed_legacy_from_ziplist, "150000000d000000020000 0161 fe03000000 0162 ff",
               "0d0000000200816102816202ff");
    check_made(packed_legacy_from_ziplist, "150000000d000000ffff00 0161 fe03000000 0162 ff",
               "0d0000000200816102816202ff");
}

Test(packed_legacy, makes_a_text_that_is_an_integer_one) {
    check_made(packed_legacy_from_ziplist, "0f0000000a000000010000 023132 ff",
               "0900000001000c01ff");
    check_made(packed_legacy_from_ziplist, "120000000a0000000100 00 8000000001 7a ff",
               "0a0000000100817a02ff");
}

/* The size is put before `rest`: it is not what is wrong. */
static size_t from_ziplist_of(const char *rest) {
    struct bytes behind = packed_from_hex(rest);
    uint32_t len = (uint32_t)(sizeof(len) + behind.len);
    uint8_t *ziplist_bytes = malloc(len);
    cr_assert_not_null(ziplist_bytes);
    memcpy(ziplist_bytes, &len, sizeof(len));
    memcpy(ziplist_bytes + sizeof(len), behind.data, behind.len);
    size_t bytes = packed_legacy_from_ziplist(bytes_make(ziplist_bytes, len), NULL);
    free(ziplist_bytes);
    packed_discard(behind);
    return bytes;
}

Test(packed_legacy, refuses_a_ziplist_that_is_wrong_anywhere) {
    cr_assert_eq(from_ziplist_of("0a0000000100 000161 ff"), 10);
    cr_assert_eq(from_ziplist_of("0d0000000200 000161 03f1 ff"), 12);
    static const char *const wrong[] = {
        "0a0000000100 ff",        /* an element less than it says */
        "0a0000000200 000161 ff", /* one less of two */
        "0a0000000000 000161 ff", /* one more */
        "0b0000000100 000161 ff", /* the last one elsewhere */
        "000000000100 000161 ff",
        "0a0000000200 000161 03f1 ff",
        "0a0000000100 010161 ff", /* something before the first */
        "0a0000000100 000261 ff", /* a text into the end */
        "0a0000000100 003f61 ff", /* and far beyond */
        "0a0000000100 004161 ff",
        "0a0000000100 0080ffffffff ff",
        "0a0000000100 008100000001 7a ff", /* bits that are always empty */
        "0a0000000100 00c0 ff",            /* integers cut short */
        "0a0000000100 00fe ff",
        "0a0000000100 00e001020304050607 ff",
        "0a0000000100 00ff ff", /* no encoding */
        "0a0000000100 00c10102 ff",
        "0a0000000100 00e1 ff",
        "0a0000000100 00 ff",
        "0d0000000200 000161 02f1 ff", /* a wrong length before */
        "0d0000000200 000161 fff1 ff",
        "0d0000000200 000161 fe04000000f1 ff",
        "0d0000000200 000161 fe0300 ff",
        "0a0000000100 000161 00", /* no end */
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        cr_assert_eq(from_ziplist_of(wrong[i]), 0, "number %zu: %s", i, wrong[i]);
    static const char *const wrong_size[] = {"0f0000000a0000000100 000161 ff",
                                             "0d0000000a0000000100 000161 ff", ""};
    check_refused(packed_legacy_from_ziplist, wrong_size, COUNT_OF(wrong_size));
    check_cut(packed_legacy_from_ziplist, ziplist);
}

static const char zipmap[] =
    "03046e616d65030341646100000004626f726e0403313831350000000362696f0303787878000000ff";

Test(packed_legacy, makes_of_a_zipmap_what_redis_makes_of_it) {
    check_made(packed_legacy_from_zipmap, zipmap,
               "250000000600846e616d6505834164610484626f726e05c717028362696f048378787804ff");
    check_made(packed_legacy_from_zipmap, "00ff", "070000000000ff");
}

Test(packed_legacy, takes_a_zipmap_with_wide_lengths_and_an_unknown_count) {
    check_made(packed_legacy_from_zipmap, "fe 0161 010037 fe01000000 62 0100 38 ff",
               "1100000004008161020701816202 0801ff");
}

Test(packed_legacy, takes_lengths_up_to_253_in_a_byte) {
    uint8_t input[600] = {1, 253};
    memset(input + 2, 'k', 253);
    input[255] = 253;
    input[256] = 0;
    memset(input + 257, 'v', 253);
    input[510] = 0xff;
    uint8_t list[600];
    cr_assert_eq(packed_legacy_from_zipmap(bytes_make(input, 511), list),
                 PACKED_LIST_EMPTY_BYTES + 2 * (2 + 253 + 2));
    cr_assert_eq(packed_list_get(list, packed_list_seek(list, 1)).text.len, 253);
}

Test(packed_legacy, refuses_a_zipmap_that_is_wrong_anywhere) {
    static const char *const wrong[] = {
        "ff",   /* no count */
        "01ff", /* a pair less than it says */
        "00 0161 010062 ff",
        "ff 0161 010062 ff",
        "01 0161 ff", /* a field alone */
        "01 0161 02 0062 ff",
        "01 0161 01 0162 ff", /* unused bytes that are not there */
        "01 feffffffff 61 010062 ff",
        "01 ff61 010062 ff",
        "01 0161 010062 00",   /* no end */
        "01 0161 010062 ffff", /* something behind the end */
    };
    check_refused(packed_legacy_from_zipmap, wrong, COUNT_OF(wrong));
    check_cut(packed_legacy_from_zipmap, zipmap);
}
