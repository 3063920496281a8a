/* SPDX-License-Identifier: BSD-3-Clause */
#include "keyspace/string_value.h"

#include <criterion/criterion.h>

#include "base/memory.h"

static char letters[STRING_INLINED_MAX + 2];

static struct bytes text(size_t len) {
    memset(letters, 'x', sizeof(letters));
    return bytes_make(letters, len);
}

static struct value value_of(struct bytes bytes) {
    struct value value;
    cr_assert(string_value_try(bytes, NULL, &value));
    cr_assert_eq(value.type, &string_type);
    return value;
}

static void assert_reads(const struct value *value, struct bytes bytes) {
    char scratch[TEXT_INTEGER_MAX];
    cr_assert(bytes_equal(string_bytes(value, scratch), bytes));
    cr_assert_eq(string_length(value), bytes.len);
}

Test(string_value, lies_as_an_integer_when_the_text_is_that_of_one) {
    const char *integers[] = {"0", "-1", "42", "9223372036854775807", "-9223372036854775808"};
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        struct value value = value_of(bytes_of(integers[i]));
        cr_assert_eq(value.storage, VALUE_INTEGER);
        assert_reads(&value, bytes_of(integers[i]));
    }
}

Test(string_value, keeps_every_other_text_as_it_is) {
    const char *texts[] = {"", "-", "-0", "+1", "01", " 1", "1 ", "1.0", "9223372036854775808"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct value value = value_of(bytes_of(texts[i]));
        cr_assert_eq(value.storage, VALUE_INLINED, "'%s'", texts[i]);
        assert_reads(&value, bytes_of(texts[i]));
    }
}

Test(string_value, lies_in_a_box_of_its_own_when_it_is_long) {
    struct value value = value_of(text(STRING_INLINED_MAX));
    cr_assert_eq(value.storage, VALUE_INLINED);
    cr_assert_eq(value.inlined.data, letters, "a view: nothing is copied");
    value = value_of(text(STRING_INLINED_MAX + 1));
    cr_assert_eq(value.storage, VALUE_BOXED);
    assert_reads(&value, text(STRING_INLINED_MAX + 1));
    string_value_drop(&value);
}

Test(string_value, shares_the_blob_that_holds_exactly_these_bytes) {
    struct blob *blob = blob_copy(text(STRING_INLINED_MAX + 1));
    struct value value;
    cr_assert(string_value_try(blob_bytes(blob), blob, &value));
    cr_assert_eq(value.boxed, blob);
    cr_assert_eq(blob->refs, 2);
    string_value_drop(&value);
    cr_assert_eq(blob->refs, 1);
    blob->len++;
    struct bytes part = {blob->data, blob->len - 1};
    cr_assert(string_value_try(part, blob, &value));
    cr_assert_neq(value.boxed, blob, "of more than these bytes a copy is made");
    blob->len--;
    string_value_drop(&value);
    blob_unref(blob);
}

Test(string_value, says_when_there_is_no_memory) {
    struct value value;
    memory_fail_try(1);
    cr_assert_not(string_value_try(text(STRING_INLINED_MAX + 1), NULL, &value));
    memory_fail_try(0);
}

Test(string_value, names_its_encoding_as_redis_does) {
    struct value value = value_of(BYTES("12"));
    cr_assert_str_eq(string_type.encoding(&value), "int");
    value = value_of(text(STRING_EMBEDDED_MAX));
    cr_assert_str_eq(string_type.encoding(&value), "embstr");
    value = value_of(text(STRING_EMBEDDED_MAX + 1));
    cr_assert_str_eq(string_type.encoding(&value), "raw");
    value = value_of(text(3));
    value.encoding = STRING_RAW;
    cr_assert_str_eq(string_type.encoding(&value), "raw");
}

Test(string_value, digests_alike_however_it_lies) {
    struct value integer = value_of(BYTES("12"));
    struct value inlined = {.type = &string_type, .storage = VALUE_INLINED, .inlined = BYTES("12")};
    struct blob *blob = blob_copy(BYTES("12"));
    struct value boxed = {.type = &string_type, .storage = VALUE_BOXED, .boxed = blob};
    struct value_digest digests[3] = {0};
    string_type.digest(&integer, &digests[0]);
    string_type.digest(&inlined, &digests[1]);
    string_type.digest(&boxed, &digests[2]);
    cr_assert_arr_eq(digests[0].sha1, digests[1].sha1, 20);
    cr_assert_arr_eq(digests[0].sha1, digests[2].sha1, 20);
    blob_unref(blob);
}

static void assert_survives_saving(struct bytes bytes) {
    struct value value = value_of(bytes);
    struct encoder encoder;
    encoder_init(&encoder);
    string_type.save(&value, &encoder);
    struct decoder decoder;
    decoder_init(&decoder, encoder_bytes(&encoder));
    struct value loaded;
    cr_assert_eq(string_type.load(&decoder, 0, &loaded), OUTCOME_OK);
    assert_reads(&loaded, bytes);
    string_value_drop(&loaded);
    string_value_drop(&value);
    decoder_deinit(&decoder);
    encoder_deinit(&encoder);
}

Test(string_value, survives_saving) {
    assert_survives_saving(BYTES("-12345"));
    assert_survives_saving(BYTES("9223372036854775807"));
    assert_survives_saving(BYTES(""));
    assert_survives_saving(BYTES("a \0 b"));
    assert_survives_saving(text(STRING_INLINED_MAX));
    assert_survives_saving(text(STRING_INLINED_MAX + 1));
}

Test(string_value, refuses_bytes_that_end_too_early) {
    struct decoder decoder;
    struct value loaded;
    decoder_init(&decoder, BYTES("\x0a"
                                 "abc"));
    cr_assert_eq(string_type.load(&decoder, 0, &loaded), OUTCOME_CORRUPT);
    decoder_deinit(&decoder);
}

Test(string_value, leaves_a_shared_blob_on_the_command_thread) {
    struct blob *blob = blob_create((size_t)4 << 20);
    cr_assert_gt(string_type.effort(blob), VALUE_EFFORT_ASYNC);
    blob_ref(blob);
    cr_assert_leq(string_type.effort(blob), VALUE_EFFORT_ASYNC);
    blob_unref(blob);
    blob_unref(blob);
}
