/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <time.h>

#include "base/text.h"

struct match {
    struct bytes pattern;
    struct bytes text;
    bool matches;
};

/* Each row is what KEYS answers on redis-server 7.0, 8.0 and valkey-server 9.1, which agree. */
static const struct match peer_matches[] = {
    {BYTES(""), BYTES(""), true},
    {BYTES(""), BYTES("a"), false},
    {BYTES("*"), BYTES(""), true},
    {BYTES("*"), BYTES("a"), true},
    {BYTES("*"), BYTES("abc"), true},
    {BYTES("**"), BYTES(""), false},
    {BYTES("**"), BYTES("a"), true},
    {BYTES("a**"), BYTES("a"), true},
    {BYTES("a**"), BYTES("ab"), true},
    {BYTES("a**"), BYTES("b"), false},
    {BYTES("?"), BYTES(""), false},
    {BYTES("?"), BYTES("a"), true},
    {BYTES("?"), BYTES("ab"), false},
    {BYTES("?"), BYTES("\xff"), true},
    {BYTES("a*"), BYTES("a"), true},
    {BYTES("a*"), BYTES("abc"), true},
    {BYTES("a*"), BYTES("ba"), false},
    {BYTES("*a"), BYTES("a"), true},
    {BYTES("*a"), BYTES("ba"), true},
    {BYTES("*a"), BYTES("aa"), true},
    {BYTES("*a"), BYTES("ab"), false},
    {BYTES("*a*b*"), BYTES("ab"), true},
    {BYTES("*a*b*"), BYTES("xaxbx"), true},
    {BYTES("*a*b*"), BYTES("ba"), false},
    {BYTES("*a*b*"), BYTES("aab"), true},
    {BYTES("a*?"), BYTES("a"), false},
    {BYTES("a*?"), BYTES("ab"), true},
    {BYTES("a*?"), BYTES("abc"), true},
    {BYTES("*?*"), BYTES(""), false},
    {BYTES("*?*"), BYTES("a"), true},
    {BYTES("*aab"), BYTES("aaab"), true},
    {BYTES("*aab"), BYTES("aabaab"), true},
    {BYTES("*aab"), BYTES("aaba"), false},
    {BYTES("a?c"), BYTES("abc"), true},
    {BYTES("a?c"), BYTES("ac"), false},
    {BYTES("a?c"), BYTES("a?c"), true},
    {BYTES("[abc]"), BYTES("a"), true},
    {BYTES("[abc]"), BYTES("c"), true},
    {BYTES("[abc]"), BYTES("d"), false},
    {BYTES("[abc]"), BYTES(""), false},
    {BYTES("[abc]"), BYTES("ab"), false},
    {BYTES("[^abc]"), BYTES("a"), false},
    {BYTES("[^abc]"), BYTES("d"), true},
    {BYTES("[^abc]"), BYTES(""), false},
    {BYTES("[a-c]x"), BYTES("bx"), true},
    {BYTES("[a-c]x"), BYTES("dx"), false},
    {BYTES("[c-a]"), BYTES("b"), true},
    {BYTES("[c-a]"), BYTES("d"), false},
    {BYTES("[c-a]"), BYTES("-"), false},
    {BYTES("[^c-a]"), BYTES("b"), false},
    {BYTES("[^c-a]"), BYTES("d"), true},
    {BYTES("[]"), BYTES(""), false},
    {BYTES("[]"), BYTES("a"), false},
    {BYTES("[]"), BYTES("]"), false},
    {BYTES("[]"), BYTES("[]"), false},
    {BYTES("[]a]"), BYTES("a"), false},
    {BYTES("[]a]"), BYTES("]"), false},
    {BYTES("[]a]"), BYTES("a]"), false},
    {BYTES("[]a]"), BYTES("]a]"), false},
    {BYTES("[^]"), BYTES("a"), true},
    {BYTES("[^]"), BYTES(""), false},
    {BYTES("[^]"), BYTES("^"), true},
    {BYTES("[^]"), BYTES("ab"), false},
    {BYTES("[^]a]"), BYTES("ba]"), true},
    {BYTES("[^]a]"), BYTES("a"), false},
    {BYTES("[^]a]"), BYTES("]"), false},
    {BYTES("["), BYTES("["), false},
    {BYTES("["), BYTES("a"), false},
    {BYTES("["), BYTES(""), false},
    {BYTES("[a"), BYTES("a"), true},
    {BYTES("[a"), BYTES("[a"), false},
    {BYTES("[a"), BYTES("b"), false},
    {BYTES("[abc"), BYTES("a"), true},
    {BYTES("[abc"), BYTES("c"), true},
    {BYTES("[abc"), BYTES("d"), false},
    {BYTES("[abc"), BYTES("[abc"), false},
    {BYTES("[^"), BYTES("a"), true},
    {BYTES("[^"), BYTES("^"), true},
    {BYTES("[^"), BYTES(""), false},
    {BYTES("[^a"), BYTES("a"), false},
    {BYTES("[^a"), BYTES("b"), true},
    {BYTES("x["), BYTES("x["), false},
    {BYTES("x["), BYTES("x"), false},
    {BYTES("x["), BYTES("xa"), false},
    {BYTES("[a-"), BYTES("a"), true},
    {BYTES("[a-"), BYTES("-"), true},
    {BYTES("[a-"), BYTES("b"), false},
    {BYTES("[a-]"), BYTES("a"), true},
    {BYTES("[a-]"), BYTES("^"), true},
    {BYTES("[a-]"), BYTES("]"), true},
    {BYTES("[a-]"), BYTES("_"), true},
    {BYTES("[a-]"), BYTES("b"), false},
    {BYTES("[a-]"), BYTES("-"), false},
    {BYTES("[a-]]"), BYTES("a]"), false},
    {BYTES("[a-]]"), BYTES("a"), true},
    {BYTES("[a-]]"), BYTES("_"), true},
    {BYTES("[a-]]"), BYTES("^"), true},
    {BYTES("[-a]"), BYTES("-"), true},
    {BYTES("[-a]"), BYTES("a"), true},
    {BYTES("[-a]"), BYTES("b"), false},
    {BYTES("[--a]"), BYTES("-"), true},
    {BYTES("[--a]"), BYTES("a"), true},
    {BYTES("[--a]"), BYTES("0"), true},
    {BYTES("[--a]"), BYTES(","), false},
    {BYTES("[a^]"), BYTES("a"), true},
    {BYTES("[a^]"), BYTES("^"), true},
    {BYTES("[a^]"), BYTES("b"), false},
    {BYTES("[!a]"), BYTES("!"), true},
    {BYTES("[!a]"), BYTES("a"), true},
    {BYTES("[!a]"), BYTES("b"), false},
    {BYTES("[a-c-e]"), BYTES("b"), true},
    {BYTES("[a-c-e]"), BYTES("-"), true},
    {BYTES("[a-c-e]"), BYTES("e"), true},
    {BYTES("[a-c-e]"), BYTES("d"), false},
    {BYTES("[\\]]"), BYTES("]"), true},
    {BYTES("[\\]]"), BYTES("\\"), false},
    {BYTES("[\\]]"), BYTES("\\]"), false},
    {BYTES("[\\^a]"), BYTES("^"), true},
    {BYTES("[\\^a]"), BYTES("a"), true},
    {BYTES("[\\^a]"), BYTES("\\"), false},
    {BYTES("[\\^a]"), BYTES("b"), false},
    {BYTES("[\\-a]"), BYTES("-"), true},
    {BYTES("[\\-a]"), BYTES("a"), true},
    {BYTES("[\\-a]"), BYTES("\\"), false},
    {BYTES("[a\\-c]"), BYTES("a"), true},
    {BYTES("[a\\-c]"), BYTES("b"), false},
    {BYTES("[a\\-c]"), BYTES("c"), true},
    {BYTES("[a\\-c]"), BYTES("-"), true},
    {BYTES("[a\\-c]"), BYTES("\\"), false},
    {BYTES("[\\"), BYTES("\\"), true},
    {BYTES("[\\"), BYTES("a"), false},
    {BYTES("[a\\"), BYTES("a"), true},
    {BYTES("[a\\"), BYTES("\\"), true},
    {BYTES("[a\\"), BYTES("b"), false},
    {BYTES("[\\a-c]"), BYTES("a"), true},
    {BYTES("[\\a-c]"), BYTES("b"), false},
    {BYTES("[\\a-c]"), BYTES("-"), true},
    {BYTES("[\\a-c]"), BYTES("c"), true},
    {BYTES("[a-\\]]"), BYTES("_"), false},
    {BYTES("[a-\\]]"), BYTES("a"), false},
    {BYTES("[a-\\]]"), BYTES("a]"), true},
    {BYTES("[a-\\]]"), BYTES("\\]"), true},
    {BYTES("[a-\\]]"), BYTES("]"), false},
    {BYTES("\\*"), BYTES("*"), true},
    {BYTES("\\*"), BYTES("a"), false},
    {BYTES("\\*"), BYTES("\\*"), false},
    {BYTES("\\?"), BYTES("?"), true},
    {BYTES("\\?"), BYTES("a"), false},
    {BYTES("\\[a]"), BYTES("[a]"), true},
    {BYTES("\\[a]"), BYTES("a"), false},
    {BYTES("\\\\"), BYTES("\\"), true},
    {BYTES("\\\\"), BYTES("\\\\"), false},
    {BYTES("\\a"), BYTES("a"), true},
    {BYTES("\\a"), BYTES("\\a"), false},
    {BYTES("\\"), BYTES("\\"), true},
    {BYTES("\\"), BYTES(""), false},
    {BYTES("a\\"), BYTES("a\\"), true},
    {BYTES("a\\"), BYTES("a"), false},
    {BYTES("*\\"), BYTES("\\"), true},
    {BYTES("*\\"), BYTES("a\\"), true},
    {BYTES("*\\"), BYTES("a"), false},
    {BYTES("[*]"), BYTES("*"), true},
    {BYTES("[*]"), BYTES("a"), false},
    {BYTES("[?]"), BYTES("?"), true},
    {BYTES("[?]"), BYTES("a"), false},
    {BYTES("[[]"), BYTES("["), true},
    {BYTES("[[]"), BYTES("a"), false},
    {BYTES("]"), BYTES("]"), true},
    {BYTES("^a"), BYTES("^a"), true},
    {BYTES("^a"), BYTES("a"), false},
    {BYTES("*[a-c]*[^x]"), BYTES("ab"), true},
    {BYTES("*[a-c]*[^x]"), BYTES("zbz"), true},
    {BYTES("*[a-c]*[^x]"), BYTES("ax"), false},
    {BYTES("*[a-c]*[^x]"), BYTES("bxy"), true},
    {BYTES("*["), BYTES("a["), false},
    {BYTES("*["), BYTES("a"), false},
    {BYTES("[\x7f-\x80]"), BYTES("\x7f"), true},
    {BYTES("[\x7f-\x80]"), BYTES("\x80"), true},
    {BYTES("[\x7f-\x80]"), BYTES("\xff"), true},
    {BYTES("[\x7f-\x80]"), BYTES("a"), true},
    {BYTES("[\x7f-\x80]"), BYTES("\xa0"), true},
    {BYTES("[a-\xff]"), BYTES("a"), true},
    {BYTES("[a-\xff]"), BYTES("Z"), true},
    {BYTES("[a-\xff]"), BYTES("b"), false},
    {BYTES("[a-\xff]"), BYTES("\xff"), true},
    {BYTES("[a-\xff]"), BYTES("\x80"), false},
    {BYTES("\xff*"),
     BYTES("\xff"
           "a"),
     true},
    {BYTES("\xff*"), BYTES("a"), false},
};

Test(glob, matches_as_keys_does_on_the_peers) {
    for (size_t i = 0; i < COUNT_OF(peer_matches); i++) {
        const struct match *row = &peer_matches[i];
        char pattern[64];
        char text[64];
        pattern[text_quote(pattern, sizeof pattern - 1, row->pattern)] = '\0';
        text[text_quote(text, sizeof text - 1, row->text)] = '\0';
        cr_expect_eq(text_matches(row->pattern, row->text, false), row->matches,
                     "%s on %s should be %d", pattern, text, row->matches);
    }
}

/* From CONFIG GET, which ignores case. */
Test(glob, folds_case_only_when_asked) {
    cr_expect_not(text_matches(BYTES("MAX*"), BYTES("maxmemory"), false));
    cr_expect(text_matches(BYTES("MAX*"), BYTES("maxmemory"), true));
    cr_expect(text_matches(BYTES("max[K-N]emory*"), BYTES("maxmemory"), true));
    cr_expect(text_matches(BYTES("max[n-K]emory*"), BYTES("maxmemory"), true));
    cr_expect(text_matches(BYTES("max\\Memory*"), BYTES("maxmemory"), true));
    cr_expect_not(text_matches(BYTES("[Z-a]axmemory*"), BYTES("maxmemory"), true));
    cr_expect_not(text_matches(BYTES("max[\\M]emory*"), BYTES("maxmemory"), true));
    cr_expect_not(text_matches(BYTES("max[^A-z]emory*"), BYTES("maxmemory"), true));
}

Test(glob, takes_bytes_of_zero_like_any_other) {
    cr_expect(text_matches(BYTES("a\0?c"), BYTES("a\0bc"), false));
    cr_expect_not(text_matches(BYTES("a\0b"), BYTES("a\0c"), false));
    cr_expect(text_matches(BYTES("*\0"), BYTES("ab\0"), false));
}

Test(glob, costs_no_more_than_pattern_times_text_with_many_stars) {
    enum { TEXT = 20000, STARS = 200 };
    static char text[TEXT];
    static char pattern[STARS * 2 + 1];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < STARS; i++) {
        pattern[i * 2] = 'a';
        pattern[i * 2 + 1] = '*';
    }
    pattern[STARS * 2] = 'b';
    /* Trying every place of every star would take longer than the universe has been there. */
    clock_t start = clock();
    cr_expect_not(
        text_matches(bytes_make(pattern, sizeof pattern), bytes_make(text, sizeof text), false));
    cr_expect_not(
        text_matches(bytes_make(pattern, sizeof pattern), bytes_make(text, sizeof text), true));
    cr_expect_lt((double)(clock() - start) / CLOCKS_PER_SEC, 2.0);
    pattern[STARS * 2] = 'a';
    cr_expect(
        text_matches(bytes_make(pattern, sizeof pattern), bytes_make(text, sizeof text), false));
}

Test(glob, knows_which_patterns_stand_for_themselves) {
    cr_expect(text_pattern_is_plain(BYTES("")));
    cr_expect(text_pattern_is_plain(BYTES("user:1]^-")));
    cr_expect_not(text_pattern_is_plain(BYTES("a*")));
    cr_expect_not(text_pattern_is_plain(BYTES("a?")));
    cr_expect_not(text_pattern_is_plain(BYTES("[a")));
    cr_expect_not(text_pattern_is_plain(BYTES("\\a")));
}
