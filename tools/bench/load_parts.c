// SPDX-License-Identifier: BSD-3-Clause
#include "load_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_DIGITS = 12, STEPS = 32 };
static const char KEY_MARK[] = "__key__", VALUE_MARK[] = "__value:";

/* state: four digits for each number below 10 000, made once */
static char four_digits[10000][4];
/* state: error replies met by all connections */
static long error_count;

void digits_init(void) {
    for (int i = 0; i < 10000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%04d", i);
        memcpy(four_digits[i], text, 4);
    }
}

void digits_write(char *at, uint64_t number) {
    memcpy(at + 8, four_digits[number % 10000], 4);
    number /= 10000;
    memcpy(at + 4, four_digits[number % 10000], 4);
    memcpy(at, four_digits[number / 10000 % 10000], 4);
}

/* --- requests --- */

static void add_bytes(struct request *request, const char *bytes, size_t len) {
    if (request->len + len > request->room) {
        request->room = 2 * (request->len + len);
        request->bytes = realloc(request->bytes, request->room);
    }
    memcpy(request->bytes + request->len, bytes, len);
    request->len += len;
}

static void add_slot(struct request *request, size_t at) {
    request->slots = realloc(request->slots,
                             sizeof *request->slots * ((size_t)request->slot_count + 1));
    request->slots[request->slot_count++] = at;
}

/* A word with its marks replaced. `*key_at` is where the key's digits stand in it, or -1. */
static char *expand(const char *word, size_t *len, long *key_at) {
    const char *key = strstr(word, KEY_MARK), *value = strstr(word, VALUE_MARK);
    *key_at = -1;
    if (value == word) {
        *len = strtoul(word + strlen(VALUE_MARK), NULL, 10);
        char *out = malloc(*len + 1);
        for (size_t i = 0; i < *len; i++) out[i] = (char)('a' + (i * 7 + i / 26) % 26);
        return out;
    }
    if (key == NULL) {
        *len = strlen(word);
        return strdup(word);
    }
    size_t before = (size_t)(key - word), after = strlen(key + strlen(KEY_MARK));
    char *out = malloc(before + KEY_DIGITS + after + 1);
    memcpy(out, word, before);
    memset(out + before, '0', KEY_DIGITS);
    memcpy(out + before + KEY_DIGITS, key + strlen(KEY_MARK), after);
    *key_at = (long)before;
    *len = before + KEY_DIGITS + after;
    return out;
}

static void add_text(struct request *request, const char *text) {
    add_bytes(request, text, strlen(text));
}

void request_render(struct request *request, char **words, int word_count, int pipeline) {
    char head[64];
    *request = (struct request){.count = pipeline};
    for (int i = 0; i < pipeline; i++) {
        snprintf(head, sizeof head, "*%d\r\n", word_count);
        add_text(request, head);
        for (int w = 0; w < word_count; w++) {
            size_t len;
            long key_at;
            char *word = expand(words[w], &len, &key_at);
            snprintf(head, sizeof head, "$%zu\r\n", len);
            add_text(request, head);
            if (key_at >= 0) add_slot(request, request->len + (size_t)key_at);
            add_bytes(request, word, len);
            add_text(request, "\r\n");
            free(word);
        }
    }
}

/* The words `get KEY` or `set KEY VALUE` in memcached's text protocol. */
void request_render_memcached(struct request *request, char **words, int word_count, int pipeline) {
    *request = (struct request){.count = pipeline};
    for (int i = 0; i < pipeline; i++) {
        size_t len, value_len = 0;
        long key_at;
        char head[64], *key = expand(words[1], &len, &key_at), *value = NULL;
        add_text(request, words[0]);
        add_text(request, " ");
        if (key_at >= 0) add_slot(request, request->len + (size_t)key_at);
        add_bytes(request, key, len);
        free(key);
        if (word_count > 2) {
            value = expand(words[2], &value_len, &key_at);
            snprintf(head, sizeof head, " 0 0 %zu\r\n", value_len);
            add_text(request, head);
            add_bytes(request, value, value_len);
            free(value);
        }
        add_text(request, "\r\n");
    }
}

/* --- replies --- */

void replies_init(struct replies *replies, bool memcached) {
    *replies = (struct replies){.need = 1, .memcached = memcached};
}

long replies_errors(void) { return error_count; }

/* One element is whole; says whether the reply is. */
static long element_done(struct replies *replies) {
    if (--replies->need > 0) return 0;
    replies->need = 1;
    return 1;
}

static long memcached_line(struct replies *replies) {
    const char *line = replies->line;
    if (strncmp(line, "VALUE ", 6) == 0) {
        const char *bytes = strrchr(line, ' ');
        replies->skip = strtoul(bytes + 1, NULL, 10) + 2;
        replies->need = 2; // the block, then END
        return 0;
    }
    if (strncmp(line, "ERROR", 5) == 0 || strstr(line, "_ERROR")) error_count++;
    replies->need = 1;
    return element_done(replies);
}

static long line_done(struct replies *replies) {
    if (replies->memcached) return memcached_line(replies);
    long number = strtol(replies->line + 1, NULL, 10);
    switch (replies->line[0]) {
    case '$':
    case '=':
    case '!':
        if (number < 0) return element_done(replies);
        replies->skip = (size_t)number + 2;
        return 0;
    case '*':
    case '~':
    case '>': replies->need += number > 0 ? number : 0; return element_done(replies);
    case '%':
    case '|': replies->need += 2 * number; return element_done(replies);
    case '-': error_count++; return element_done(replies);
    default: return element_done(replies);
    }
}

long replies_count(struct replies *replies, const char *bytes, size_t len) {
    long complete = 0;
    const char *end = bytes + len;
    while (bytes < end) {
        if (replies->skip) {
            size_t take = replies->skip < (size_t)(end - bytes) ? replies->skip
                                                                : (size_t)(end - bytes);
            replies->skip -= take;
            bytes += take;
            if (replies->skip == 0) complete += element_done(replies);
            continue;
        }
        const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = line_end ? line_end : end;
        size_t room = sizeof replies->line - 1 - replies->line_len;
        size_t take = (size_t)(stop - bytes) < room ? (size_t)(stop - bytes) : room;
        memcpy(replies->line + replies->line_len, bytes, take);
        replies->line_len += take;
        if (line_end == NULL) return complete;
        replies->line[replies->line_len] = '\0';
        replies->line_len = 0;
        bytes = line_end + 1;
        complete += line_done(replies);
    }
    return complete;
}

/* --- times --- */

static size_t step_of(uint64_t ns) {
    if (ns < STEPS) return ns;
    unsigned doubling = 63u - (unsigned)__builtin_clzl(ns);
    return (doubling - 4) * STEPS + ((ns >> (doubling - 5)) - STEPS);
}

static uint64_t step_end(size_t step) {
    if (step < STEPS) return step + 1;
    size_t doubling = step / STEPS + 4;
    return (STEPS + step % STEPS + 1) << (doubling - 5);
}

void histogram_add(struct histogram *histogram, uint64_t ns) {
    histogram->counts[step_of(ns)]++;
    histogram->total++;
    if (ns > histogram->max_ns) histogram->max_ns = ns;
}

static double quantile_us(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)((double)histogram->total * share), seen = 0;
    for (size_t step = 0; step < 64 * STEPS; step++) {
        seen += histogram->counts[step];
        if (histogram->counts[step] && seen >= wanted) {
            uint64_t ns = step_end(step);
            return (double)(ns < histogram->max_ns ? ns : histogram->max_ns) / 1e3;
        }
    }
    return 0;
}

static uint64_t longer_than(const struct histogram *histogram, uint64_t ns) {
    uint64_t count = 0;
    for (size_t step = step_of(ns) + 1; step < 64 * STEPS; step++) count += histogram->counts[step];
    return count;
}

void histogram_print(const struct histogram *histogram) {
    printf("{\"count\": %lu, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p99.9\": %.1f, "
           "\"p99.99\": %.1f, \"max\": %.1f, \"over_1ms\": %lu, \"over_5ms\": %lu}",
           histogram->total, quantile_us(histogram, 0.5), quantile_us(histogram, 0.9),
           quantile_us(histogram, 0.99), quantile_us(histogram, 0.999),
           quantile_us(histogram, 0.9999), (double)histogram->max_ns / 1e3,
           longer_than(histogram, 1000000), longer_than(histogram, 5000000));
}
