/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/error_stats.h"

#include <string.h>

#include "base/memory.h"
#include "server/observe.h"
#include "server/server.h"

/* Codes come from scripts and DEBUG ERROR too: whoever invents more gets no place. */
#define CODES_MAX 128

struct error_code {
    uint64_t count;
    uint8_t len;
    char name[ERROR_CODE_BYTES_MAX];
};

struct error_stats {
    size_t count;
    struct error_code codes[CODES_MAX]; /* sorted by name */
};

struct error_stats *error_stats_create(void) {
    return memory_allocate_zero(sizeof(struct error_stats));
}

void error_stats_destroy(struct error_stats **stats) {
    memory_free(*stats);
    *stats = NULL;
}

/* Everything up to the first blank; a text of one word has no code of its own. */
static struct bytes code_of(struct bytes text) {
    const char *blank = memchr(text.data, ' ', text.len);
    if (blank == NULL || blank == text.data) return BYTES("ERR");
    size_t len = (size_t)(blank - text.data);
    return bytes_make(text.data, len < ERROR_CODE_BYTES_MAX ? len : ERROR_CODE_BYTES_MAX);
}

void error_stats_note(struct server *server, struct bytes text) {
    struct error_stats *stats = server->error_stats;
    struct bytes code = code_of(text);
    size_t at = 0;
    for (; at < stats->count; at++) {
        struct error_code *known = &stats->codes[at];
        int order = bytes_compare(bytes_make(known->name, known->len), code);
        if (order > 0) break;
        if (order == 0) {
            known->count++;
            return;
        }
    }
    if (stats->count == CODES_MAX) return;
    memmove(&stats->codes[at + 1], &stats->codes[at],
            (stats->count - at) * sizeof(stats->codes[0]));
    stats->count++;
    stats->codes[at].count = 1;
    stats->codes[at].len = (uint8_t)code.len;
    memcpy(stats->codes[at].name, code.data, code.len);
}

void error_stats_reset(struct error_stats *stats) { stats->count = 0; }

size_t error_stats_count(const struct error_stats *stats) { return stats->count; }

struct bytes error_stats_at(const struct error_stats *stats, size_t index, uint64_t *count) {
    *count = stats->codes[index].count;
    return bytes_make(stats->codes[index].name, stats->codes[index].len);
}
