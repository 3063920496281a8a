/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

static void expect_bytes(struct bytes got, struct bytes expected) {
    char left[256];
    char right[256];
    left[text_quote(left, sizeof left - 1, got)] = '\0';
    right[text_quote(right, sizeof right - 1, expected)] = '\0';
    cr_expect(bytes_equal(got, expected), "got %s, expected %s", left, right);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* INCRBY, EXPIRE and OBJECT ENCODING of redis-server 7.0, 8.0 and valkey-server 9.1 agree. */
Test(text, takes_only_canonical_integers) {
    static const struct {
        struct bytes text;
        bool taken;
        int64_t value;
    } rows[] = {
        {BYTES("0"), true, 0},
        {BYTES("7"), true, 7},
        {BYTES("-1"), true, -1},
        {BYTES("1234567890"), true, 1234567890},
        {BYTES("9223372036854775807"), true, INT64_MAX},
        {BYTES("-9223372036854775808"), true, INT64_MIN},
        {BYTES("9223372036854775808"), false, 0},
        {BYTES("-9223372036854775809"), false, 0},
        {BYTES("18446744073709551615"), false, 0},
        {BYTES("99999999999999999999"), false, 0},
        {BYTES("12345678901234567890123"), false, 0},
        {BYTES(""), false, 0},
        {BYTES("-"), false, 0},
        {BYTES("-0"), false, 0},
        {BYTES("+0"), false, 0},
        {BYTES("+1"), false, 0},
        {BYTES("00"), false, 0},
        {BYTES("01"), false, 0},
        {BYTES("-01"), false, 0},
        {BYTES("--1"), false, 0},
        {BYTES(" 1"), false, 0},
        {BYTES("1 "), false, 0},
        {BYTES("1.0"), false, 0},
        {BYTES("1e3"), false, 0},
        {BYTES("0x1"), false, 0},
        {BYTES("1/"), false, 0},
        {BYTES("1:"), false, 0},
        {BYTES("\0001"), false, 0},
        {BYTES("1\0"), false, 0},
        {BYTES("00000000000000000001"), false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t value = 0;
        cr_expect_eq(text_to_integer(rows[i].text, &value), rows[i].taken, "%s", rows[i].text.data);
        cr_expect_eq(value, rows[i].value, "%s", rows[i].text.data);
    }
}

Test(text, takes_unsigned_up_to_its_end) {
    uint64_t value;
    cr_expect(text_to_unsigned(BYTES("18446744073709551615"), &value));
    cr_expect_eq(value, UINT64_MAX);
    cr_expect(text_to_unsigned(BYTES("9999999999999999999"), &value));
    cr_expect_eq(value, 9999999999999999999u);
    cr_expect_not(text_to_unsigned(BYTES("18446744073709551616"), &value));
    cr_expect_not(text_to_unsigned(BYTES("1844674407370955161:"), &value));
    cr_expect_not(text_to_unsigned(BYTES("-1"), &value));
    cr_expect_not(text_to_unsigned(BYTES("-0"), &value));
}

static void expect_integer_round_trip(int64_t value) {
    char out[TEXT_INTEGER_MAX];
    char expected[32];
    int64_t back = 0;
    size_t len = text_from_integer(out, value);
    snprintf(expected, sizeof expected, "%lld", (long long)value);
    cr_assert(bytes_equal(bytes_make(out, len), bytes_of(expected)), "%s", expected);
    cr_assert(text_to_integer(bytes_make(out, len), &back));
    cr_assert_eq(back, value);
}

Test(text, prints_integers_that_read_back) {
    uint64_t state = 88172645463325252;
    for (int64_t power = 1; power < INT64_MAX / 10; power *= 10) {
        for (int64_t near = -1; near <= 1; near++) {
            expect_integer_round_trip(power + near);
            expect_integer_round_trip(-power + near);
        }
    }
    for (int i = 0; i < 20000; i++) {
        expect_integer_round_trip((int64_t)(next_random(&state) >> (state % 64)));
    }
    expect_integer_round_trip(INT64_MAX);
    expect_integer_round_trip(INT64_MIN);
    char out[TEXT_INTEGER_MAX];
    expect_bytes(bytes_make(out, text_from_unsigned(out, UINT64_MAX)),
                 BYTES("18446744073709551615"));
}

/* ZADD and ZSCORE on redis-server 8.0 and valkey-server 9.1. */
Test(text, prints_doubles_as_the_peers_do) {
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {3, "3"},
        {3.1, "3.1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {0.01234567, "0.01234567"},
        {0.0012345, "0.0012345"},
        {0.00123456789012, "0.00123456789012"},
        {0.00012345, "1.2345e-4"},
        {0.00001, "0.00001"},
        {-0.000015, "-0.000015"},
        {0.000001, "0.000001"},
        {1.2345e-5, "1.2345e-5"},
        {1e-7, "1e-7"},
        {-1.25e-7, "-1.25e-7"},
        {1234.567890123, "1234.567890123"},
        {12345.678901234, "1.2345678901234e+4"},
        {123456.789, "123456.789"},
        {123456.7891234, "1.234567891234e+5"},
        {1e15, "1000000000000000"},
        {1e17, "100000000000000000"},
        {123456789012345678.0, "123456789012345680"},
        {1e18, "1000000000000000000"},
        {1234567890123456789.0, "1234567890123456768"},
        {4611686018427387904.0, "4611686018427387904"},
        {-4611686018427387904.0, "-4611686018427387904"},
        {4611686018427388928.0, "4611686018427389000"},
        {9223372036854775807.0, "9223372036854776000"},
        {5e18, "5e+18"},
        {1e19, "1e+19"},
        {12345678901234567890.0, "12345678901234567000"},
        {1e21, "1e+21"},
        {1e23, "99999999999999990000000"},
        {-1.2345678901234567e25, "-1.2345678901234566e+25"},
        {1e300, "1e+300"},
        {1.2345678901234567e-25, "1.2345678901234566e-25"},
        {5e-324, "5e-324"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {HUGE_VAL, "inf"},
        {-HUGE_VAL, "-inf"},
        {(double)NAN, "nan"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[TEXT_DOUBLE_MAX];
        expect_bytes(bytes_make(out, text_from_double(out, rows[i].value)), bytes_of(rows[i].text));
    }
}

/* The library is the judge, in both directions. */
static void expect_double_round_trip(double value) {
    char out[TEXT_DOUBLE_MAX + 1];
    double back = 0;
    size_t len = text_from_double(out, value);
    out[len] = '\0';
    cr_assert(text_to_double(bytes_make(out, len), &back), "%s", out);
    cr_assert_eq(memcmp(&back, &value, sizeof value), 0, "%s is not %a", out, value);
    back = strtod(out, NULL);
    cr_assert_eq(memcmp(&back, &value, sizeof value), 0, "%s is not %a", out, value);
}

Test(text, prints_doubles_that_read_back) {
    uint64_t state = 88172645463325252;
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next_random(&state);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) expect_double_round_trip(value);
        expect_double_round_trip((double)(int64_t)(bits >> 20) / 1000);
        bits &= 0x000fffffffffffff; /* too small for a full significand */
        memcpy(&value, &bits, sizeof value);
        expect_double_round_trip(value);
    }
    for (int exponent = -1074; exponent < 1024; exponent++) {
        double power = ldexp(1, exponent);
        expect_double_round_trip(power);
        expect_double_round_trip(nextafter(power, 0));
        expect_double_round_trip(nextafter(power, 1e308));
    }
}

Test(text, reads_decimals_as_the_library_does) {
    uint64_t state = 42;
    for (int i = 0; i < 100000; i++) {
        char text[64];
        int exponent = (int)(next_random(&state) % 680) - 340;
        uint64_t digits = next_random(&state) >> (next_random(&state) % 64);
        if (i % 2 == 0) exponent %= 30;
        int len = snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)digits,
                           (unsigned long long)(state % 1000), exponent);
        double expected = strtod(text, NULL);
        double value;
        bool taken = text_to_double(bytes_make(text, (size_t)len), &value);
        bool representable = isfinite(expected) &&
                             (expected != 0 || (digits == 0 && state % 1000 == 0));
        cr_assert_eq(taken, representable, "%s", text);
        if (taken) cr_assert_eq(value, expected, "%s", text);
    }
}

/* ZADD on redis-server 7.0. */
Test(text, takes_the_doubles_that_the_peers_take) {
    static const struct {
        struct bytes text;
        double value;
    } taken[] = {
        {BYTES("3"), 3},
        {BYTES("+1"), 1},
        {BYTES("-0"), -0.0},
        {BYTES(".5"), 0.5},
        {BYTES("5."), 5},
        {BYTES("-.5e1"), -5},
        {BYTES("1E+5"), 100000},
        {BYTES("0e99999999999"), 0},
        {BYTES("0x10"), 16},
        {BYTES("0x1p-3"), 0.125},
        {BYTES("-0X.8P1"), -1},
        {BYTES("0x1.8"), 1.5},
        {BYTES("0x00000000000000000000"), 0},
        {BYTES("inf"), HUGE_VAL},
        {BYTES("+Inf"), HUGE_VAL},
        {BYTES("-INFINITY"), -HUGE_VAL},
        {BYTES("5e-324"), 5e-324},
        {BYTES("1.7976931348623157e308"), DBL_MAX},
        {BYTES("1.7976931348623158079e308"), DBL_MAX},
        {BYTES("9007199254740993"), 9007199254740992},
        {BYTES("9007199254740993.00000000000000000000000000000000000001"), 9007199254740994},
        {BYTES("00000000000000000000000000000000000000000000000000000001.5"), 1.5},
    };
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        double value;
        cr_assert(text_to_double(taken[i].text, &value), "%s", taken[i].text.data);
        cr_expect_eq(memcmp(&value, &taken[i].value, sizeof value), 0, "%s gave %a",
                     taken[i].text.data, value);
    }
    static const struct bytes refused[] = {
        BYTES(""),       BYTES("nan"),    BYTES("NaN(1)"),    BYTES("-nan"),
        BYTES(" 1"),     BYTES("1 "),     BYTES("\t1"),       BYTES("1\0"),
        BYTES("\0001"),  BYTES("1e"),     BYTES("1e+"),       BYTES("--1"),
        BYTES("+-1"),    BYTES("1_0"),    BYTES("0x"),        BYTES("0xg"),
        BYTES("0x1p"),   BYTES("."),      BYTES("e5"),        BYTES("-"),
        BYTES("1d"),     BYTES("infi"),   BYTES("1,5"),       BYTES("1e400"),
        BYTES("-1e400"), BYTES("1e-400"), BYTES("0x1p99999"), BYTES("1e99999999999999999999"),
        BYTES("1.5.2"),
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        double value;
        cr_expect_not(text_to_double(refused[i], &value), "%s", refused[i].data);
    }
}

Test(text, reads_doubles_of_any_length) {
    static char text[20001];
    double value;
    memset(text, '0', sizeof text);
    text[20000] = '7';
    cr_assert(text_to_double(bytes_make(text, 20001), &value));
    cr_expect_eq(value, 7);
    text[1] = '.';
    memcpy(text + 10000, "15e9999", 7);
    cr_assert(text_to_double(bytes_make(text, 10007), &value));
    cr_expect_eq(value, 1.5);
    /* Half way between 2^53 and its neighbour, and the least bit more, far out. */
    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17);
    cr_assert(text_to_double(bytes_make(text, 15000), &value));
    cr_expect_eq(value, 9007199254740992);
    text[14999] = '1';
    cr_assert(text_to_double(bytes_make(text, 15000), &value));
    cr_expect_eq(value, 9007199254740994);
    memset(text, '9', sizeof text);
    cr_expect_not(text_to_double(bytes_make(text, sizeof text), &value));
}

static void expect_sum(const char *a, const char *b, const char *expected) {
    static char out[TEXT_LONG_DOUBLE_MAX];
    long double left;
    long double right;
    cr_assert(text_to_long_double(bytes_of(a), &left), "%s", a);
    cr_assert(text_to_long_double(bytes_of(b), &right), "%s", b);
    expect_bytes(bytes_make(out, text_from_long_double(out, left + right)), bytes_of(expected));
}

/* INCRBYFLOAT on redis-server 7.0, 8.0 and valkey-server 9.1, which agree. */
Test(text, adds_long_doubles_as_incrbyfloat_does) {
    expect_sum("0", "3", "3");
    expect_sum("0", "3.1", "3.1");
    expect_sum("0.1", "0.2", "0.3");
    expect_sum("10.50", "0.1", "10.6");
    expect_sum("5.0e3", "200", "5200");
    expect_sum("0", "1e21", "1000000000000000000000");
    expect_sum("0", "123456789012345678901234567890", "123456789012345678899921813504");
    expect_sum("0", "1e-7", "0.0000001");
    expect_sum("0", "1e-17", "0.00000000000000001");
    expect_sum("0", "5.1e-18", "0.00000000000000001");
    expect_sum("0", "5e-18", "0");
    expect_sum("0", "-5e-18", "0");
    expect_sum("0", "-1e-30", "0");
    expect_sum("-1", "1", "0");
    expect_sum("0", "-0", "0");
    expect_sum("0x10", "1", "17");
    expect_sum("1", "0x1p4", "17");
    expect_sum("0", "+1", "1");
    expect_sum("0", ".5", "0.5");
    expect_sum("0", "1e-4950", "0");
    expect_sum("-3", "0.5", "-2.5");
}

Test(text, prints_the_largest_long_double_in_full) {
    static char out[TEXT_LONG_DOUBLE_MAX];
    long double value;
    cr_assert(text_to_long_double(BYTES("1e308"), &value));
    size_t len = text_from_long_double(out, value);
    cr_expect_eq(len, 308);
    expect_bytes(bytes_make(out, 40), BYTES("9999999999999999999668587965584564566056"));
    len = text_from_long_double(out, -LDBL_MAX);
    cr_expect_eq(len, 4934);
    expect_bytes(bytes_make(out, 20), BYTES("-1189731495357231765"));
}

Test(text, refuses_the_long_doubles_that_incrbyfloat_refuses) {
    static const struct bytes refused[] = {
        BYTES(""),       BYTES("nan"),     BYTES(" 1"),      BYTES("1 "),
        BYTES("1e4933"), BYTES("-1e4933"), BYTES("1e-5000"), BYTES("1x"),
    };
    long double value;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        cr_expect_not(text_to_long_double(refused[i], &value), "%s", refused[i].data);
    }
    cr_assert(text_to_long_double(BYTES("-inf"), &value));
    cr_expect_eq(value, -HUGE_VALL);
    static char text[5120];
    memset(text, '0', sizeof text);
    text[5118] = '1';
    cr_assert(text_to_long_double(bytes_make(text, 5119), &value));
    cr_expect_eq(value, 1);
    text[5119] = '1';
    cr_expect_not(text_to_long_double(bytes_make(text, 5120), &value));
}

Test(text, reads_sizes_with_their_units) {
    static const struct {
        const char *text;
        uint64_t value;
    } taken[] = {
        {"0", 0},
        {"100", 100},
        {"12b", 12},
        {"1k", 1000},
        {"1kb", 1024},
        {"1KB", 1024},
        {"5m", 5000000},
        {"5mb", 5242880},
        {"1g", 1000000000},
        {"1Gb", 1073741824},
        {"00010k", 10000},
        {"18446744073709551615", UINT64_MAX},
        {"17179869183gb", 18446744072635809792u},
    };
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        uint64_t value = 1;
        cr_expect(text_to_memory_bytes(bytes_of(taken[i].text), &value), "%s", taken[i].text);
        cr_expect_eq(value, taken[i].value, "%s", taken[i].text);
    }
    static const char *const refused[] = {"",
                                          "kb",
                                          "-1",
                                          "-1mb",
                                          "1.5gb",
                                          "1 kb",
                                          " 1",
                                          "1 ",
                                          "+1",
                                          "1t",
                                          "1kib",
                                          "0x10",
                                          "1e3",
                                          "18446744073709551616",
                                          "17179869184gb"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        uint64_t value;
        cr_expect_not(text_to_memory_bytes(bytes_of(refused[i]), &value), "%s", refused[i]);
    }
}

Test(text, reads_durations_and_rates) {
    static const struct {
        const char *text;
        int64_t ms;
    } durations[] = {
        {"250", 250},    {"250ms", 250},    {"30s", 30000}, {"5m", 300000},
        {"2h", 7200000}, {"7d", 604800000}, {"0", 0},       {"9223372036854775807", INT64_MAX},
    };
    int64_t ms;
    int64_t count;
    for (size_t i = 0; i < COUNT_OF(durations); i++) {
        cr_expect(text_to_duration_ms(bytes_of(durations[i].text), &ms), "%s", durations[i].text);
        cr_expect_eq(ms, durations[i].ms, "%s", durations[i].text);
    }
    static const char *const bad_durations[] = {
        "", "s", "-1s", "1.5s", "1w", "1 s", "9223372036854775808", "106751991168d"};
    for (size_t i = 0; i < COUNT_OF(bad_durations); i++) {
        cr_expect_not(text_to_duration_ms(bytes_of(bad_durations[i]), &ms), "%s", bad_durations[i]);
    }
    cr_expect(text_to_rate(BYTES("100/1m"), &count, &ms) && count == 100 && ms == 60000);
    cr_expect(text_to_rate(BYTES("5/s"), &count, &ms) && count == 5 && ms == 1000);
    cr_expect(text_to_rate(BYTES("1000/d"), &count, &ms) && count == 1000 && ms == 86400000);
    cr_expect(text_to_rate(BYTES("7/250"), &count, &ms) && count == 7 && ms == 250);
    cr_expect(text_to_rate(BYTES("0/s"), &count, &ms) && count == 0 && ms == 1000);
    static const char *const bad_rates[] = {"",
                                            "100",
                                            "100/",
                                            "/1m",
                                            "100/0",
                                            "100/0s",
                                            "1/-1s",
                                            "-1/s",
                                            "1/x",
                                            "1//s",
                                            "9223372036854775808/s"};
    for (size_t i = 0; i < COUNT_OF(bad_rates); i++) {
        cr_expect_not(text_to_rate(bytes_of(bad_rates[i]), &count, &ms), "%s", bad_rates[i]);
    }
}

Test(text, reads_fractions_both_ways) {
    double value;
    cr_expect(text_to_fraction(BYTES("0.2"), &value) && value == 0.2);
    cr_expect(text_to_fraction(BYTES("20%"), &value) && value == 0.2);
    cr_expect(text_to_fraction(BYTES("100%"), &value) && value == 1);
    cr_expect_not(text_to_fraction(BYTES("%"), &value));
    cr_expect_not(text_to_fraction(BYTES(""), &value));
    cr_expect_not(text_to_fraction(BYTES("inf"), &value));
    cr_expect_not(text_to_fraction(BYTES("20%%"), &value));
}

Test(text, measures_how_far_apart_words_are) {
    cr_expect_eq(text_distance(BYTES("maxmemory"), BYTES("MaxMemory"), 9), 0);
    cr_expect_eq(text_distance(BYTES("maxmemry"), BYTES("maxmemory"), 9), 1);
    cr_expect_eq(text_distance(BYTES("mxamemory"), BYTES("maxmemory"), 9), 1);
    cr_expect_eq(text_distance(BYTES("kitten"), BYTES("sitting"), 9), 3);
    cr_expect_eq(text_distance(BYTES("kitten"), BYTES("sitting"), 2), 2);
    cr_expect_eq(text_distance(BYTES(""), BYTES("abc"), 9), 3);
    cr_expect_eq(text_distance(BYTES("abc"), BYTES(""), 9), 3);
    cr_expect_eq(text_distance(BYTES(""), BYTES(""), 9), 0);
    char word[100];
    memset(word, 'a', sizeof word);
    cr_expect_eq(text_distance(bytes_make(word, 100), bytes_make(word, 99), 5), 5);
    cr_expect_eq(text_distance(bytes_make(word, 64), bytes_make(word, 60), 5), 4);
}

/* As redis-cli shows a reply. */
Test(text, quotes_what_can_not_be_printed) {
    char out[64];
    size_t len = text_quote(out, sizeof out, BYTES("a\0b\n\"'\\\x7f\x80\x1b\a\b \t\r\v\f"));
    expect_bytes(bytes_make(out, len), BYTES("\"a\\x00b\\n\\\"'\\\\\\x7f\\x80\\x1b\\a\\b \\t\\r"
                                             "\\x0b\\x0c\""));
    expect_bytes(bytes_make(out, text_quote(out, sizeof out, BYTES(""))), BYTES("\"\""));
}

Test(text, cuts_a_quoted_text_between_characters) {
    char out[8] = "#######";
    expect_bytes(bytes_make(out, text_quote(out, 7, BYTES("ab\1cd"))), BYTES("\"ab\""));
    expect_bytes(bytes_make(out, text_quote(out, 7, BYTES("abcdefgh"))), BYTES("\"abcde\""));
    expect_bytes(bytes_make(out, text_quote(out, 2, BYTES("abc"))), BYTES("\"\""));
    cr_expect_eq(text_quote(out, 1, BYTES("abc")), 0);
    cr_expect_eq(out[7], '\0');
}

/* Inline commands sent to redis-server 7.0. Expected words are parted by '|'; NULL: refused. */
static const struct {
    struct bytes line;
    const char *words;
} peer_splits[] = {
    {BYTES(""), ""},
    {BYTES("   "), ""},
    {BYTES("\r"), ""},
    {BYTES("PING"), "PING"},
    {BYTES("  ECHO   x  "), "ECHO|x"},
    {BYTES("\tECHO\tx\t"), "ECHO|x"},
    {BYTES("ECHO\vx"), "ECHO\vx"},
    {BYTES("ECHO\fx"), "ECHO\fx"},
    {BYTES("ECHO a\v"), "ECHO|a\v"},
    {BYTES("ECHO a\xa0"
           "b"),
     "ECHO|a\xa0"
     "b"},
    {BYTES("ECHO a\rb"), "ECHO|a|b"},
    {BYTES("ECHO \"a\rb\""), "ECHO|a\rb"},
    {BYTES("ECHO \"a b\""), "ECHO|a b"},
    {BYTES("ECHO 'a b'"), "ECHO|a b"},
    {BYTES("ECHO \"a\\x41\\n\\r\\t\\b\\a\\q\\\"\\\\\""), "ECHO|aA\n\r\t\b\aq\"\\"},
    {BYTES("ECHO 'a\\'b\\n'"), "ECHO|a'b\\n"},
    {BYTES("ECHO \"a\"b"), NULL},
    {BYTES("ECHO 'a'b"), NULL},
    {BYTES("ECHO \"a\"'b'"), NULL},
    {BYTES("ECHO a\"b\""), "ECHO|ab"},
    {BYTES("ECHO a\"b c\""), "ECHO|ab c"},
    {BYTES("ECHO a'b c'"), "ECHO|ab c"},
    {BYTES("ECHO a\"b\"c"), NULL},
    {BYTES("ECHO \"a"), NULL},
    {BYTES("ECHO 'a"), NULL},
    {BYTES("ECHO \"a\\"), NULL},
    {BYTES("ECHO \"a\\\""), NULL},
    {BYTES("ECHO 'a\\'"), NULL},
    {BYTES("ECHO 'a\\\\'"), NULL},
    {BYTES("ECHO \"\""), "ECHO|"},
    {BYTES("ECHO ''"), "ECHO|"},
    {BYTES("\"\" x"), "|x"},
    {BYTES("ECHO \"\\x4\""), "ECHO|x4"},
    {BYTES("ECHO \"\\x4g\""), "ECHO|x4g"},
    {BYTES("ECHO \"\\xzz\""), "ECHO|xzz"},
    {BYTES("ECHO \"\\xAf\""), "ECHO|\xaf"},
    {BYTES("ECHO a\\nb"), "ECHO|a\\nb"},
    {BYTES("ECHO a\\\"b\""), "ECHO|a\\b"},
    {BYTES("ECHO a\\"), "ECHO|a\\"},
    {BYTES("\"ECHO\" x"), "ECHO|x"},
    {BYTES("ECHO \"a\"\t"), "ECHO|a"},
    {BYTES("ECHO \"a\"\v"), "ECHO|a"},
    {BYTES("ECHO #a"), "ECHO|#a"},
    {BYTES("ECHO \"'\""), "ECHO|'"},
    {BYTES("ECHO '\"'"), "ECHO|\""},
    {BYTES("ECHO a\0b"), "ECHO|a"},
    {BYTES("ECHO \"a\0b\""), NULL},
};

Test(text, splits_lines_as_inline_commands_are_split) {
    for (size_t i = 0; i < COUNT_OF(peer_splits); i++) {
        char line[64];
        char joined[64];
        struct bytes words[4];
        memcpy(line, peer_splits[i].line.data, peer_splits[i].line.len);
        int count = text_split_words(line, peer_splits[i].line.len, words, 4);
        if (peer_splits[i].words == NULL) {
            cr_expect_eq(count, -1, "%s", peer_splits[i].line.data);
            continue;
        }
        size_t len = 0;
        for (int k = 0; k < count; k++) {
            if (k > 0) joined[len++] = '|';
            memcpy(joined + len, words[k].data, words[k].len);
            len += words[k].len;
        }
        cr_expect_geq(count, 0, "%s", peer_splits[i].line.data);
        expect_bytes(bytes_make(joined, len), bytes_of(peer_splits[i].words));
    }
}

Test(text, says_when_there_are_too_many_words) {
    char line[] = "a b c ";
    struct bytes words[3];
    cr_expect_eq(text_split_words(line, 6, words, 2), -2);
    char again[] = "a b c ";
    cr_expect_eq(text_split_words(again, 6, words, 3), 3);
}
