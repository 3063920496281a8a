/* SPDX-License-Identifier: BSD-3-Clause */
/* Fractions as text: reading doubles and long doubles, and printing long doubles in full.
 *
 * The grammar is read here and the C library is asked only about plain "digits e exponent", with
 * no point in it, so that no locale has a say. The bytes of a text are borrowed, unterminated and
 * of any length; what goes to the library fits on the stack. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/* A text as long as this is no long double to Redis, whatever its digits. */
#define LONG_DOUBLE_TEXT_MAX (5 * 1024 - 1)
/* Digits that can decide how a number is rounded: 767 for a double (the longest midpoint between
 * two neighbours), 11 514 for the long double of x86, of which a text may show fewer. What is cut
 * beyond them counts only as "and a little more". */
#define DOUBLE_DIGITS_MAX 800
#define LIBRARY_TEXT_MAX (LONG_DOUBLE_TEXT_MAX + 32)
#define EXPONENT_LIMIT 1000000000

enum number_kind { NUMBER_DECIMAL, NUMBER_HEXADECIMAL, NUMBER_INFINITE };

/* A number taken apart. */
struct number {
    enum number_kind kind;
    bool negative;
    struct bytes whole;    /* digits before the point, without leading zeros */
    struct bytes fraction; /* digits after it */
    int64_t exponent;      /* as written, clamped to ±EXPONENT_LIMIT */
};

static bool is_decimal(char c) { return c >= '0' && c <= '9'; }

static bool is_hexadecimal(char c) {
    c = ascii_lower(c);
    return is_decimal(c) || (c >= 'a' && c <= 'f');
}

static struct bytes take_digits(const char **at, const char *end, bool (*is_digit)(char)) {
    const char *start = *at;
    while (*at < end && is_digit(**at)) (*at)++;
    return bytes_make(start, (size_t)(*at - start));
}

/* The exponent's sign and digits; false when there are no digits. */
static bool take_exponent(const char **at, const char *end, int64_t *exponent) {
    bool negative = false;
    if (*at < end && (**at == '+' || **at == '-')) negative = *(*at)++ == '-';
    struct bytes digits = take_digits(at, end, is_decimal);
    if (digits.len == 0) return false;
    int64_t sum = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (sum < EXPONENT_LIMIT) sum = sum * 10 + (digits.data[i] - '0');
    }
    if (sum > EXPONENT_LIMIT) sum = EXPONENT_LIMIT;
    *exponent = negative ? -sum : sum;
    return true;
}

static bool take_number(struct bytes text, struct number *number) {
    const char *at = text.data;
    const char *end = text.data + text.len;
    *number = (struct number){.kind = NUMBER_DECIMAL};
    if (at < end && (*at == '+' || *at == '-')) number->negative = *at++ == '-';
    struct bytes rest = {at, (size_t)(end - at)};
    if (bytes_equal_fold(rest, BYTES("inf")) || bytes_equal_fold(rest, BYTES("infinity"))) {
        number->kind = NUMBER_INFINITE;
        return true;
    }
    bool (*is_digit)(char) = is_decimal;
    char exponent_mark = 'e';
    if (rest.len > 2 && at[0] == '0' && ascii_lower(at[1]) == 'x') {
        number->kind = NUMBER_HEXADECIMAL;
        is_digit = is_hexadecimal;
        exponent_mark = 'p';
        at += 2;
    }
    number->whole = take_digits(&at, end, is_digit);
    if (at < end && *at == '.') {
        at++;
        number->fraction = take_digits(&at, end, is_digit);
    }
    if (number->whole.len + number->fraction.len == 0) return false;
    while (number->whole.len > 0 && number->whole.data[0] == '0') {
        number->whole.data++;
        number->whole.len--;
    }
    if (at < end && ascii_lower(*at) == exponent_mark) {
        at++;
        if (!take_exponent(&at, end, &number->exponent)) return false;
    }
    return at == end;
}

/* Up to `max` digits of the number, leading zeros of a bare fraction gone; `dropped` counts the
 * digits of the number that were not written, so that the exponent can make up for them. */
static size_t gather_digits(const struct number *number, char *out, size_t max, int64_t *shift) {
    struct bytes parts[2] = {number->whole, number->fraction};
    int64_t places = (int64_t)number->whole.len;
    if (parts[0].len == 0) {
        while (parts[1].len > 0 && parts[1].data[0] == '0') {
            parts[1].data++;
            parts[1].len--;
            places--;
        }
    }
    size_t len = 0;
    bool more = false;
    for (int part = 0; part < 2; part++) {
        size_t room = max - len;
        size_t take = parts[part].len < room ? parts[part].len : room;
        if (take > 0) memcpy(out + len, parts[part].data, take);
        len += take;
        for (size_t i = take; i < parts[part].len && !more; i++) more = parts[part].data[i] != '0';
    }
    if (more) out[len++] = '1';
    *shift = places - (int64_t)len;
    return len;
}

/* Rewrites a number as "[-]digits e exponent" (or the hexadecimal twin) for the library. */
static void write_for_library(const struct number *number, char *out, size_t digits_max) {
    size_t len = 0;
    if (number->negative) out[len++] = '-';
    bool hexadecimal = number->kind == NUMBER_HEXADECIMAL;
    if (hexadecimal) {
        out[len++] = '0';
        out[len++] = 'x';
    }
    int64_t shift;
    size_t digits = gather_digits(number, out + len, digits_max, &shift);
    if (digits == 0) {
        out[len] = '0';
        out[len + 1] = '\0';
        return;
    }
    len += digits;
    out[len++] = hexadecimal ? 'p' : 'e';
    int64_t exponent = number->exponent + shift * (hexadecimal ? 4 : 1);
    len += text_from_integer(out + len, exponent);
    out[len] = '\0';
}

/* Most numbers have few digits and a small power of ten: both are exact doubles then, and one
 * multiplication or division rounds once, which is right (Clinger 1990). */
static bool small_decimal(const struct number *number, double *value) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (number->kind != NUMBER_DECIMAL) return false;
    if (number->whole.len + number->fraction.len > 18) return false;
    int64_t exponent = number->exponent - (int64_t)number->fraction.len;
    if (exponent < -22 || exponent > 22) return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < number->whole.len; i++) {
        sum = sum * 10 + (uint8_t)(number->whole.data[i] - '0');
    }
    for (size_t i = 0; i < number->fraction.len; i++) {
        sum = sum * 10 + (uint8_t)(number->fraction.data[i] - '0');
    }
    if (sum > (uint64_t)1 << 53) return false;
    double result = (double)sum;
    result = exponent < 0 ? result / powers[-exponent] : result * powers[exponent];
    *value = number->negative ? -result : result;
    return true;
}

bool text_to_double(struct bytes text, double *value) {
    struct number number;
    if (!take_number(text, &number)) return false;
    if (number.kind == NUMBER_INFINITE) {
        *value = number.negative ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (small_decimal(&number, value)) return true;
    char out[DOUBLE_DIGITS_MAX + 32];
    write_for_library(&number, out, DOUBLE_DIGITS_MAX);
    char *end;
    errno = 0;
    double result = strtod(out, &end);
    assert(*end == '\0');
    /* Too near zero is refused as too far from it is; a subnormal is welcome. */
    if (errno == ERANGE && (isinf(result) || result == 0)) return false;
    *value = result;
    return true;
}

bool text_to_long_double(struct bytes text, long double *value) {
    if (text.len > LONG_DOUBLE_TEXT_MAX) return false;
    struct number number;
    if (!take_number(text, &number)) return false;
    if (number.kind == NUMBER_INFINITE) {
        *value = number.negative ? -HUGE_VALL : HUGE_VALL;
        return true;
    }
    char out[LIBRARY_TEXT_MAX];
    write_for_library(&number, out, LONG_DOUBLE_TEXT_MAX);
    char *end;
    errno = 0;
    long double result = strtold(out, &end);
    assert(*end == '\0');
    if (errno == ERANGE && (isinf(result) || result == 0)) return false;
    *value = result;
    return true;
}

size_t text_from_long_double(char out[TEXT_LONG_DOUBLE_MAX], long double value) {
    if (isnan(value)) {
        memcpy(out, "nan", 3);
        return 3;
    }
    if (isinf(value)) {
        memcpy(out, value < 0 ? "-inf" : "inf", value < 0 ? 4 : 3);
        return value < 0 ? 4 : 3;
    }
    if (value >= -0x1p62L && value <= 0x1p62L && value == (long double)(int64_t)value) {
        return text_from_integer(out, (int64_t)value);
    }
    int printed = snprintf(out, TEXT_LONG_DOUBLE_MAX, "%.17Lf", value);
    assert(printed > 18 && printed < TEXT_LONG_DOUBLE_MAX);
    /* Whatever stands between the digits is the locale's idea of a point. */
    size_t whole = out[0] == '-';
    while (is_decimal(out[whole])) whole++;
    size_t len = whole + 18;
    memmove(out + whole + 1, out + printed - 17, 17);
    out[whole] = '.';
    while (out[len - 1] == '0') len--;
    if (out[len - 1] == '.') len--;
    if (len == 2 && out[0] == '-' && out[1] == '0') {
        out[0] = '0';
        len = 1;
    }
    return len;
}
