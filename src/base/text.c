/* SPDX-License-Identifier: BSD-3-Clause */
/* Words: how far apart two are, how one is shown, how a line is cut into them. */
#include "base/text.h"

/* Longer words are not worth a guess. */
#define DISTANCE_LEN_MAX 64

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static bool same_letter(char a, char b) { return ascii_lower(a) == ascii_lower(b); }

size_t text_distance(struct bytes a, struct bytes b, size_t cap) {
    size_t difference = a.len < b.len ? b.len - a.len : a.len - b.len;
    if (difference >= cap) return cap;
    if (a.len > DISTANCE_LEN_MAX || b.len > DISTANCE_LEN_MAX) return cap;
    /* rows[i % 3][j]: the distance of the first i letters of a from the first j of b. */
    size_t rows[3][DISTANCE_LEN_MAX + 1];
    for (size_t j = 0; j <= b.len; j++) rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = same_letter(a.data[i - 1], b.data[j - 1]);
            row[j] = smaller(above[j - 1] + !same, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a.data[i - 1], b.data[j - 2]) &&
                same_letter(a.data[i - 2], b.data[j - 1])) {
                row[j] = smaller(row[j], rows[(i - 2) % 3][j - 2] + 1);
            }
        }
    }
    return smaller(rows[a.len % 3][b.len], cap);
}

/* Writes how a byte is shown between quotes, four bytes at most. */
static size_t escape(char out[4], char c) {
    static const char hexadecimal[] = "0123456789abcdef";
    /* The letter of the escape stands where the byte does. */
    static const char named[] = "\\\"\n\r\t\a\b";
    static const char letters[] = "\\\"nrtab";
    const char *name = c == '\0' ? NULL : strchr(named, c);
    if (name != NULL) {
        out[0] = '\\';
        out[1] = letters[name - named];
        return 2;
    }
    if (c >= ' ' && c <= '~') {
        out[0] = c;
        return 1;
    }
    out[0] = '\\';
    out[1] = 'x';
    out[2] = hexadecimal[(uint8_t)c >> 4];
    out[3] = hexadecimal[(uint8_t)c & 15];
    return 4;
}

size_t text_quote(char *out, size_t capacity, struct bytes text) {
    size_t len = 0;
    if (capacity < 2) return 0;
    out[len++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        char shown[4];
        size_t size = escape(shown, text.data[i]);
        if (capacity - len < size + 1) break;
        memcpy(out + len, shown, size);
        len += size;
    }
    out[len++] = '"';
    return len;
}

/* A line being cut into words: read at `at`, decoded words written at `out`, never ahead of it. */
struct splitter {
    const char *at;
    const char *end;
    char *out;
};

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* What ends a word outside quotes: of the blanks, only the usual four. */
static bool ends_word(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static int hexadecimal_digit(char c) {
    c = ascii_lower(c);
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* Reads what follows a backslash between double quotes. */
static char take_escape(struct splitter *splitter) {
    char c = *splitter->at++;
    switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    case 'x':
        if (splitter->end - splitter->at >= 2) {
            int high = hexadecimal_digit(splitter->at[0]);
            int low = hexadecimal_digit(splitter->at[1]);
            if (high < 0 || low < 0) return c;
            splitter->at += 2;
            return (char)(high << 4 | low);
        }
        return c;
    default: return c;
    }
}

/* Reads from behind the opening quote to behind the closing one, which must end the word. */
static bool take_quoted(struct splitter *splitter, char quote) {
    while (splitter->at < splitter->end) {
        char c = *splitter->at++;
        if (c == quote) return splitter->at == splitter->end || is_blank(*splitter->at);
        if (c == '\\' && splitter->at < splitter->end) {
            if (quote == '"') {
                c = take_escape(splitter);
            } else if (*splitter->at == '\'') {
                c = *splitter->at++;
            }
        }
        *splitter->out++ = c;
    }
    return false;
}

static bool take_word(struct splitter *splitter) {
    while (splitter->at < splitter->end && !ends_word(*splitter->at)) {
        char c = *splitter->at++;
        if (c == '"' || c == '\'') return take_quoted(splitter, c);
        *splitter->out++ = c;
    }
    return true;
}

int text_split_words(char *line, size_t len, struct bytes *words, int max) {
    const char *zero = len == 0 ? NULL : memchr(line, '\0', len);
    if (zero != NULL) len = (size_t)(zero - line);
    struct splitter splitter = {line, line + len, line};
    int count = 0;
    for (;;) {
        while (splitter.at < splitter.end && is_blank(*splitter.at)) splitter.at++;
        if (splitter.at == splitter.end) return count;
        if (count == max) return -2;
        const char *start = splitter.out;
        if (!take_word(&splitter)) return -1;
        words[count++] = bytes_make(start, (size_t)(splitter.out - start));
    }
}
