/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole numbers as text, both ways. Every value that a client stores is tried as an integer, so
 * what is not one must be found out at the first byte. */
#include "base/text.h"

#define INT64_DIGITS 19  /* of 9223372036854775807 */
#define UINT64_DIGITS 20 /* of 18446744073709551615 */

static const char digit_pairs[] = "00010203040506070809"
                                  "10111213141516171819"
                                  "20212223242526272829"
                                  "30313233343536373839"
                                  "40414243444546474849"
                                  "50515253545556575859"
                                  "60616263646566676869"
                                  "70717273747576777879"
                                  "80818283848586878889"
                                  "90919293949596979899";

bool text_to_unsigned(struct bytes text, uint64_t *value) {
    if (text.len == 0 || text.len > UINT64_DIGITS) return false;
    uint64_t sum = (uint8_t)(text.data[0] - '0');
    if (sum > 9) return false;
    if (sum == 0 && text.len > 1) return false;
    /* Nineteen digits can't overflow; only a twentieth needs looking at. */
    size_t safe = text.len < UINT64_DIGITS ? text.len : UINT64_DIGITS - 1;
    for (size_t i = 1; i < safe; i++) {
        uint8_t digit = (uint8_t)(text.data[i] - '0');
        if (digit > 9) return false;
        sum = sum * 10 + digit;
    }
    if (text.len == UINT64_DIGITS) {
        uint8_t digit = (uint8_t)(text.data[UINT64_DIGITS - 1] - '0');
        if (digit > 9) return false;
        if (__builtin_mul_overflow(sum, (uint64_t)10, &sum)) return false;
        if (__builtin_add_overflow(sum, (uint64_t)digit, &sum)) return false;
    }
    *value = sum;
    return true;
}

bool text_to_integer(struct bytes text, int64_t *value) {
    if (text.len == 0 || text.len > INT64_DIGITS + 1) return false;
    bool negative = text.data[0] == '-';
    uint64_t magnitude;
    struct bytes digits = {text.data + negative, text.len - negative};
    if (!text_to_unsigned(digits, &magnitude)) return false;
    if (!negative) {
        if (magnitude > INT64_MAX) return false;
        *value = (int64_t)magnitude;
        return true;
    }
    if (magnitude == 0 || magnitude > (uint64_t)INT64_MAX + 1) return false;
    *value = (int64_t)(0 - magnitude);
    return true;
}

static unsigned count_digits(uint64_t value) {
    unsigned count = 1;
    for (;;) {
        if (value < 10) return count;
        if (value < 100) return count + 1;
        if (value < 1000) return count + 2;
        if (value < 10000) return count + 3;
        value /= 10000;
        count += 4;
    }
}

size_t text_from_unsigned(char out[TEXT_INTEGER_MAX], uint64_t value) {
    unsigned len = count_digits(value);
    char *at = out + len;
    while (value >= 100) {
        unsigned pair = (unsigned)(value % 100) * 2;
        value /= 100;
        *--at = digit_pairs[pair + 1];
        *--at = digit_pairs[pair];
    }
    if (value >= 10) {
        *--at = digit_pairs[value * 2 + 1];
        *--at = digit_pairs[value * 2];
    } else {
        *--at = (char)('0' + value);
    }
    return len;
}

size_t text_from_integer(char out[TEXT_INTEGER_MAX], int64_t value) {
    if (value >= 0) return text_from_unsigned(out, (uint64_t)value);
    /* Behind the sign there is one byte less than text_from_unsigned is promised. */
    char digits[TEXT_INTEGER_MAX];
    size_t len = text_from_unsigned(digits, 0 - (uint64_t)value);
    out[0] = '-';
    memcpy(out + 1, digits, len);
    return len + 1;
}
