/* SPDX-License-Identifier: BSD-3-Clause */
/* Doubles as short text that reads back as the same double: Grisu2, from Florian Loitsch,
 * "Printing floating-point numbers quickly and accurately with integers" (PLDI 2010).
 *
 * The interval of reals that read back as the value is scaled by a power of ten until its whole
 * part fits in 32 bits; digits are then cut from its upper end as soon as what is left out still
 * lies inside. All in 64-bit integers; one digit too many in about a thousandth of all values,
 * which Redis (since 7.2) and Valkey print just the same. */
#include <math.h>

#include "base/text.h"

#define SIGNIFICAND_BITS 52
#define HIDDEN_BIT ((uint64_t)1 << SIGNIFICAND_BITS)
#define EXPONENT_BIAS (1023 + SIGNIFICAND_BITS)
/* Any double has 17 digits at most; one more is cut before the interval is known to be left. */
#define DIGITS_MAX 20

/* significand × 2^exponent */
struct scaled {
    uint64_t significand;
    int exponent;
};

#define POWER_FIRST (-348)
#define POWER_STEP 8

/* 10^-348, 10^-340, … 10^340, each as the nearest 64-bit significand with its top bit set. The
 * binary exponent is floor(log2(10^k)) - 63. */
static const uint64_t power_significands[] = {
    0xfa8fd5a0081c0288, 0xbaaee17fa23ebf76, 0x8b16fb203055ac76, 0xcf42894a5dce35ea,
    0x9a6bb0aa55653b2d, 0xe61acf033d1a45df, 0xab70fe17c79ac6ca, 0xff77b1fcbebcdc4f,
    0xbe5691ef416bd60c, 0x8dd01fad907ffc3c, 0xd3515c2831559a83, 0x9d71ac8fada6c9b5,
    0xea9c227723ee8bcb, 0xaecc49914078536d, 0x823c12795db6ce57, 0xc21094364dfb5637,
    0x9096ea6f3848984f, 0xd77485cb25823ac7, 0xa086cfcd97bf97f4, 0xef340a98172aace5,
    0xb23867fb2a35b28e, 0x84c8d4dfd2c63f3b, 0xc5dd44271ad3cdba, 0x936b9fcebb25c996,
    0xdbac6c247d62a584, 0xa3ab66580d5fdaf6, 0xf3e2f893dec3f126, 0xb5b5ada8aaff80b8,
    0x87625f056c7c4a8b, 0xc9bcff6034c13053, 0x964e858c91ba2655, 0xdff9772470297ebd,
    0xa6dfbd9fb8e5b88f, 0xf8a95fcf88747d94, 0xb94470938fa89bcf, 0x8a08f0f8bf0f156b,
    0xcdb02555653131b6, 0x993fe2c6d07b7fac, 0xe45c10c42a2b3b06, 0xaa242499697392d3,
    0xfd87b5f28300ca0e, 0xbce5086492111aeb, 0x8cbccc096f5088cc, 0xd1b71758e219652c,
    0x9c40000000000000, 0xe8d4a51000000000, 0xad78ebc5ac620000, 0x813f3978f8940984,
    0xc097ce7bc90715b3, 0x8f7e32ce7bea5c70, 0xd5d238a4abe98068, 0x9f4f2726179a2245,
    0xed63a231d4c4fb27, 0xb0de65388cc8ada8, 0x83c7088e1aab65db, 0xc45d1df942711d9a,
    0x924d692ca61be758, 0xda01ee641a708dea, 0xa26da3999aef774a, 0xf209787bb47d6b85,
    0xb454e4a179dd1877, 0x865b86925b9bc5c2, 0xc83553c5c8965d3d, 0x952ab45cfa97a0b3,
    0xde469fbd99a05fe3, 0xa59bc234db398c25, 0xf6c69a72a3989f5c, 0xb7dcbf5354e9bece,
    0x88fcf317f22241e2, 0xcc20ce9bd35c78a5, 0x98165af37b2153df, 0xe2a0b5dc971f303a,
    0xa8d9d1535ce3b396, 0xfb9b7cd9a4a7443c, 0xbb764c4ca7a44410, 0x8bab8eefb6409c1a,
    0xd01fef10a657842c, 0x9b10a4e5e9913129, 0xe7109bfba19c0c9d, 0xac2820d9623bf429,
    0x80444b5e7aa7cf85, 0xbf21e44003acdd2d, 0x8e679c2f5e44ff8f, 0xd433179d9c8cb841,
    0x9e19db92b4e31ba9, 0xeb96bf6ebadf77d9, 0xaf87023b9bf0ee6b,
};

/* The power of ten that brings a normalised number of this exponent into 2^[-60, -32] × 64 bits;
 * `power` is its decimal exponent. */
static struct scaled power_for(int exponent, int *power) {
    /* 78913 / 2^18 is log10(2). */
    int wanted = -60 - (exponent + 64);
    int decimal = (wanted * 78913) >> 18;
    int index = (decimal - POWER_FIRST) / POWER_STEP;
    for (;; index++) {
        *power = POWER_FIRST + index * POWER_STEP;
        /* 217706 / 2^16 is log2(10); the shift rounds down, as floor must. */
        int binary = ((*power * 217706) >> 16) - 63;
        if (exponent + binary + 64 >= -60) {
            return (struct scaled){power_significands[index], binary};
        }
    }
}

/* The upper half of the product, rounded. */
static struct scaled scale(struct scaled a, struct scaled b) {
    unsigned __int128 product = (unsigned __int128)a.significand * b.significand;
    product += (unsigned __int128)1 << 63;
    return (struct scaled){(uint64_t)(product >> 64), a.exponent + b.exponent + 64};
}

/* Moves the last digit down while that brings the text closer to the value: `rest` is how far
 * below the upper end we are, `distance` how far the value is, `room` the whole interval. */
static void approach(char *last, uint64_t rest, uint64_t distance, uint64_t room, uint64_t unit) {
    while (rest < distance && room - rest >= unit &&
           (rest + unit < distance || distance - rest > rest + unit - distance)) {
        (*last)--;
        rest += unit;
    }
}

/* Cuts digits off `upper` until what remains is less than `room`. Their count; the value is
 * digits × 10^power. */
static int cut_digits(struct scaled upper, uint64_t room, uint64_t distance, char *digits,
                      int *power) {
    static const uint32_t tens[] = {1,      10,      100,      1000,      10000,
                                    100000, 1000000, 10000000, 100000000, 1000000000};
    int shift = -upper.exponent;
    uint64_t one = (uint64_t)1 << shift;
    uint32_t whole = (uint32_t)(upper.significand >> shift);
    uint64_t fraction = upper.significand & (one - 1);
    int len = 0;
    int places = 10;
    while (places > 1 && whole < tens[places - 1]) places--;
    while (places > 0) {
        uint32_t unit = tens[--places];
        digits[len++] = (char)('0' + whole / unit);
        whole %= unit;
        uint64_t rest = ((uint64_t)whole << shift) + fraction;
        if (rest <= room) {
            *power += places;
            approach(digits + len - 1, rest, distance, room, (uint64_t)unit << shift);
            return len;
        }
    }
    for (;;) {
        fraction *= 10;
        room *= 10;
        distance *= 10;
        digits[len++] = (char)('0' + (fraction >> shift));
        fraction &= one - 1;
        (*power)--;
        if (fraction < room) {
            approach(digits + len - 1, fraction, distance, room, one);
            return len;
        }
    }
}

/* Digits of a positive finite value and the power of ten of the last of them. */
static int shortest_digits(double value, char digits[DIGITS_MAX], int *power) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t significand = bits & (HIDDEN_BIT - 1);
    int biased = (int)(bits >> SIGNIFICAND_BITS);
    struct scaled middle = {significand, 1 - EXPONENT_BIAS};
    if (biased != 0) middle = (struct scaled){significand | HIDDEN_BIT, biased - EXPONENT_BIAS};

    /* Half way to the neighbours; the one below a power of two is half as far. */
    struct scaled upper = {middle.significand * 2 + 1, middle.exponent - 1};
    struct scaled lower = {middle.significand * 2 - 1, middle.exponent - 1};
    if (significand == 0 && biased > 1) {
        lower = (struct scaled){middle.significand * 4 - 1, middle.exponent - 2};
    }
    int zeros = __builtin_clzll(upper.significand);
    upper = (struct scaled){upper.significand << zeros, upper.exponent - zeros};
    lower.significand <<= lower.exponent - upper.exponent;
    lower.exponent = upper.exponent;
    middle.significand <<= middle.exponent - upper.exponent;
    middle.exponent = upper.exponent;

    int scale_power;
    struct scaled ten = power_for(upper.exponent, &scale_power);
    upper = scale(upper, ten);
    lower = scale(lower, ten);
    middle = scale(middle, ten);
    /* Each product is off by less than one: stay inside whatever the error. */
    upper.significand--;
    lower.significand++;
    *power = -scale_power;
    return cut_digits(upper, upper.significand - lower.significand,
                      upper.significand - middle.significand, digits, power);
}

static size_t fill(char *out, char c, int count) {
    memset(out, c, (size_t)count);
    return (size_t)count;
}

/* Lays the digits out: plain when that is not much longer, else with an exponent. */
static size_t lay_out(char *out, const char *digits, int count, int power) {
    int exponent = power + count - 1; /* of the first digit */
    int size = exponent < 0 ? -exponent : exponent;
    size_t len = 0;
    if (power >= 0 && size < count + 7) {
        memcpy(out, digits, (size_t)count);
        return (size_t)count + fill(out + count, '0', power);
    }
    if (power < 0 && (power > -7 || size < 4)) {
        int whole = count + power;
        if (whole <= 0) {
            out[len++] = '0';
            out[len++] = '.';
            len += fill(out + len, '0', -whole);
            whole = 0;
        } else {
            memcpy(out, digits, (size_t)whole);
            len = (size_t)whole;
            out[len++] = '.';
        }
        memcpy(out + len, digits + whole, (size_t)(count - whole));
        return len + (size_t)(count - whole);
    }
    out[len++] = digits[0];
    if (count > 1) {
        out[len++] = '.';
        memcpy(out + len, digits + 1, (size_t)count - 1);
        len += (size_t)count - 1;
    }
    out[len++] = 'e';
    out[len++] = exponent < 0 ? '-' : '+';
    return len + text_from_unsigned(out + len, (uint64_t)size);
}

size_t text_from_double(char out[TEXT_DOUBLE_MAX], double value) {
    if (isnan(value)) {
        memcpy(out, "nan", 3);
        return 3;
    }
    size_t len = 0;
    if (value == 0) {
        if (signbit(value)) out[len++] = '-';
        out[len++] = '0';
        return len;
    }
    /* Whole numbers of this size are printed in full, though fewer digits would do. */
    if (value >= -0x1p62 && value <= 0x1p62 && value == (double)(int64_t)value) {
        return text_from_integer(out, (int64_t)value);
    }
    if (value < 0) {
        out[len++] = '-';
        value = -value;
    }
    if (isinf(value)) {
        memcpy(out + len, "inf", 3);
        return len + 3;
    }
    char digits[DIGITS_MAX];
    int power;
    int count = shortest_digits(value, digits, &power);
    return len + lay_out(out + len, digits, count, power);
}
