/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that claim to be a packed list: what is refused, what is taken, and what becomes of lists
 * that are valid but not in the shortest form. */
#include <criterion/criterion.h>

#include "unit/structures/packed_bytes.h"

static struct packed_check check_hex(const char *digits) {
    struct bytes input = packed_from_hex(digits);
    struct packed_check check = packed_list_validate(input);
    packed_discard(input);
    return check;
}

Test(packed_list_validate, takes_the_empty_list) {
    struct packed_check check = check_hex("070000000000ff");
    cr_assert(check.is_valid && check.is_canonical);
    cr_assert_eq(check.count, 0);
    cr_assert_eq(check.bytes_needed, PACKED_LIST_EMPTY_BYTES);
}

/* The size is put before `rest`: it is not what is wrong. */
static bool is_valid_of(const char *rest) {
    struct bytes behind = packed_from_hex(rest);
    uint32_t len = (uint32_t)(sizeof(len) + behind.len);
    uint8_t *list = malloc(len);
    cr_assert_not_null(list);
    memcpy(list, &len, sizeof(len));
    memcpy(list + sizeof(len), behind.data, behind.len);
    struct packed_check check = packed_list_validate(bytes_make(list, len));
    free(list);
    packed_discard(behind);
    return check.is_valid;
}

Test(packed_list_validate, refuses_what_is_wrong_anywhere) {
    cr_assert(is_valid_of("0200 0101 816102 ff"));
    static const char *const wrong[] = {
        "0100 ff",           /* an element less than it says */
        "0100 0101 0101 ff", /* an element more */
        "0100 0101 00",      /* another end */
        "0100 0102 ff",      /* a wrong length from behind */
        "0200 0102 816102 ff",
        "0100 0181 ff", /* one that goes on before the element */
        "0100 01 ff",   /* none */
        "0100 816101 ff",
        "0100 826103 ff", /* a text that goes on into the end */
        "0100 bf6102 ff", /* and far beyond */
        "0100 c001 ff",   /* half of 13 bits */
        "0100 c0 ff",
        "0100 f10102 ff",             /* half of 16 bits */
        "0100 f40102030405060708 ff", /* 64 bits without a length */
        "0100 e0 ff",                 /* a long text, cut in its length, and in its bytes */
        "0100 e00261 03 ff",
        "0100 f00100 ff",
        "0100 f0ffffffff 61 06 ff",
        "0100 f0f8ffffff 61 06 ff",
        "0100 f50101 ff", /* tags that there are not */
        "0100 fe01 ff",
        "0100 ff01 ff", /* an end in the midst */
        "0000 ff ff",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        cr_assert_not(is_valid_of(wrong[i]), "number %zu: %s", i, wrong[i]);
}

Test(packed_list_validate, refuses_another_size_than_it_says) {
    static const char *const wrong[] = {
        "",
        "ff",
        "060000000000",
        "060000000000ff",
        "080000000000ff",
        "00000000 0000 ff",
        "07000000 0000 ff ff",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        cr_assert_not(check_hex(wrong[i]).is_valid, "number %zu: %s", i, wrong[i]);
}

Test(packed_list_validate, takes_an_unknown_count) {
    struct packed_check check = check_hex("0b000000ffff01010201ff");
    cr_assert(check.is_valid && check.is_canonical);
    cr_assert_eq(check.count, 2);
}

static void check_rewritten(const char *from, const char *to) {
    struct bytes input = packed_from_hex(from), wanted = packed_from_hex(to);
    struct packed_check check = packed_list_validate(input);
    cr_assert(check.is_valid);
    cr_assert_not(check.is_canonical);
    cr_assert_eq(check.bytes_needed, wanted.len);
    uint8_t *list = malloc(check.bytes_needed);
    cr_assert_not_null(list);
    packed_list_rewrite(input, list);
    cr_assert(bytes_equal(packed_bytes(list), wanted));
    cr_assert(packed_list_validate(packed_bytes(list)).is_canonical);
    free(list);
    packed_discard(input);
    packed_discard(wanted);
}

Test(packed_list_validate, takes_longer_forms_as_the_peers_do_and_makes_them_short) {
    /* "12" as a text, 5 in 16 bits, two texts with longer lengths, 5 in 13 bits. */
    check_rewritten("20000000050082313203f1050003e00361626305f002000000616207c00502ff",
                    "1600000005000c0105018361626304826162030501ff");
    /* -1 in 24, 32 and 64 bits. */
    check_rewritten("1c0000000300f2ffffff04f3ffffffff05f4ffffffffffffffff09ff",
                    "100000000300dfff02dfff02dfff02ff");
}

/* A list of one text, so long that the entry is `encoded` bytes before its length from behind. */
static struct bytes one_text(size_t encoded, const char *behind, size_t behind_bytes) {
    size_t bytes = PACKED_LIST_EMPTY_BYTES + encoded + behind_bytes;
    uint32_t total = (uint32_t)bytes, len = (uint32_t)encoded - 5;
    uint8_t *list = malloc(bytes);
    cr_assert_not_null(list);
    memset(list, 'x', bytes);
    memcpy(list, &total, sizeof(total));
    memcpy(list + 4, "\1\0\xf0", 3);
    memcpy(list + 7, &len, sizeof(len));
    memcpy(list + PACKED_LIST_FIRST + encoded, behind, behind_bytes);
    list[bytes - 1] = 0xff;
    return bytes_make(list, bytes);
}

Test(packed_list_validate, takes_the_lengths_of_valkey_where_redis_spends_a_byte_more) {
    struct bytes redis = one_text(16383, "\x00\xff\xff", 3);
    struct bytes valkey = one_text(16383, "\x7f\xff", 2);
    struct packed_check check = packed_list_validate(redis);
    cr_assert(check.is_valid && check.is_canonical);
    check = packed_list_validate(valkey);
    cr_assert(check.is_valid && !check.is_canonical);
    cr_assert_eq(check.bytes_needed, redis.len);
    uint8_t *list = malloc(check.bytes_needed);
    cr_assert_not_null(list);
    packed_list_rewrite(valkey, list);
    cr_assert(bytes_equal(packed_bytes(list), redis));
    free(list);
    packed_discard(redis);
    packed_discard(valkey);
}

Test(packed_list_validate, refuses_other_lengths_of_long_entries) {
    struct bytes wrong[] = {
        one_text(16382, "\x00\xff\xfe", 3),
        one_text(16384, "\x00\x81\x80", 3), /* a spare byte */
        one_text(16384, "\x00\x80", 2),
        one_text(16382, "\x7f\xff", 2), /* another */
        one_text(16383, "", 0),
        one_text(16383, "\x7f", 1), /* cut */
        one_text(16383, "\x00\xff", 2),
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        cr_assert_not(packed_list_validate(wrong[i]).is_valid, "number %zu", i);
        packed_discard(wrong[i]);
    }
    struct bytes right = one_text(16384, "\x01\x80\x80", 3);
    cr_assert(packed_list_validate(right).is_canonical);
    packed_discard(right);
}

Test(packed_list_validate,
     refuses_a_list_cut_anywhere_and_reads_what_it_takes_when_a_byte_differs) {
    static const char good[] =
        "70000000140000017f01c08002dfff02cfff02d00002f1001003f1ffef03f1ff7f03f200800004f200008004f3"
        "0000800005f30000008005f4000000800000000009f4ffffffffffffff7f099339323233333732303336383534"
        "37373538303814822d300383303037048001816102ff";
    struct bytes whole = packed_from_hex(good);
    for (size_t len = 0; len < whole.len; len++) {
        uint8_t *part = malloc(len + (len == 0));
        cr_assert_not_null(part);
        memcpy(part, whole.data, len);
        cr_assert_not(packed_list_validate(bytes_make(part, len)).is_valid, "%zu bytes", len);
        free(part);
    }
    uint8_t *bytes = (uint8_t *)(uintptr_t)whole.data;
    size_t taken = 0;
    for (size_t i = 0; i < whole.len * 255; i++) {
        uint8_t saved = bytes[i / 255];
        bytes[i / 255] = (uint8_t)(saved + 1 + i % 255);
        struct packed_check check = packed_list_validate(whole);
        if (check.is_valid) {
            uint8_t *list = malloc(check.bytes_needed);
            cr_assert_not_null(list);
            packed_list_rewrite(whole, list);
            struct packed_check again = packed_list_validate(packed_bytes(list));
            cr_assert(again.is_canonical);
            cr_assert_eq(again.count, check.count);
            free(list);
            taken++;
        }
        bytes[i / 255] = saved;
    }
    cr_assert_gt(taken, 1000); /* payloads of another content */
    packed_discard(whole);
}
