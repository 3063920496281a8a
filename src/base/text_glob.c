/* SPDX-License-Identifier: BSD-3-Clause */
/* Glob patterns, as Redis matches them, odd ones included: a class that is never closed ends with
 * the pattern, "[]" takes nothing and "[^]" anything, a range may run backwards, "[a-]" is a range
 * from 'a' to ']' in a class not closed yet, and a backslash at the very end stands for itself.
 * Bytes above 127 come before all others in a range, as signed chars do.
 *
 * Whatever follows the last star seen is tried at one place after another; an earlier star never
 * has to move again, since what lies between two stars was found as early as it can be. So each
 * byte of the text begins at most one try, and a try reads the pattern once. */
#include <limits.h>

#include "base/text.h"

struct matcher {
    const char *at; /* in the pattern */
    const char *end;
    bool fold;
};

static char folded(char c, bool fold) { return fold ? ascii_lower(c) : c; }

/* Whether two chars make a range in this order is the machine's affair unless we say so. */
static bool in_range(char c, char low, char high) {
    return (signed char)c >= (signed char)low && (signed char)c <= (signed char)high;
}

/* Reads the class whose '[' has just been read, and says whether it takes `c`. */
static bool class_takes(struct matcher *matcher, char c) {
    const char *at = matcher->at;
    const char *end = matcher->end;
    bool fold = matcher->fold;
    bool negated = at < end && *at == '^';
    bool found = false;
    at += negated;
    char exact = c; /* an escaped byte of a class is never folded */
    c = folded(c, fold);
    while (at < end && *at != ']') {
        if (*at == '\\' && end - at >= 2) {
            found |= at[1] == exact;
            at += 2;
        } else if (end - at >= 3 && at[1] == '-') {
            bool forward = in_range(at[0], SCHAR_MIN, at[2]);
            char low = folded(forward ? at[0] : at[2], fold);
            char high = folded(forward ? at[2] : at[0], fold);
            found |= in_range(c, low, high);
            at += 3;
        } else {
            found |= folded(*at, fold) == c;
            at++;
        }
    }
    matcher->at = at < end ? at + 1 : end;
    return found != negated;
}

/* Reads one element that is no star and says whether it takes `c`. */
static bool element_takes(struct matcher *matcher, char c) {
    char mark = *matcher->at++;
    switch (mark) {
    case '?': return true;
    case '[': return class_takes(matcher, c);
    case '\\':
        if (matcher->at < matcher->end) mark = *matcher->at++;
        break;
    default: break;
    }
    return folded(mark, matcher->fold) == folded(c, matcher->fold);
}

static bool is_plain(char c) { return c != '*' && c != '?' && c != '[' && c != '\\'; }

bool text_matches(struct bytes pattern, struct bytes text, bool fold) {
    if (text.len == 0) return pattern.len == 0 || (pattern.len == 1 && pattern.data[0] == '*');
    struct matcher matcher = {pattern.data, pattern.data + pattern.len, fold};
    const char *at = text.data;
    const char *end = text.data + text.len;
    const char *retry_pattern = NULL; /* just behind the last star */
    const char *retry_text = NULL;    /* where what follows it was last tried */
    while (at < end) {
        if (matcher.at < matcher.end && *matcher.at == '*') {
            do matcher.at++;
            while (matcher.at < matcher.end && *matcher.at == '*');
            if (matcher.at == matcher.end) return true;
            retry_pattern = matcher.at;
            retry_text = at;
        } else if (matcher.at < matcher.end && element_takes(&matcher, *at)) {
            at++;
            continue;
        } else {
            if (retry_pattern == NULL) return false;
            matcher.at = retry_pattern;
            retry_text++;
        }
        /* A try can only begin where its first byte is. */
        if (!fold && is_plain(*retry_pattern) && retry_text < end) {
            retry_text = memchr(retry_text, *retry_pattern, (size_t)(end - retry_text));
            if (retry_text == NULL) return false;
        }
        at = retry_text;
    }
    while (matcher.at < matcher.end && *matcher.at == '*') matcher.at++;
    return matcher.at == matcher.end;
}

bool text_pattern_is_plain(struct bytes pattern) {
    for (size_t i = 0; i < pattern.len; i++) {
        if (!is_plain(pattern.data[i])) return false;
    }
    return true;
}
