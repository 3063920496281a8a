/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges of bits: BITCOUNT and BITPOS. */
#include "families/bitmap/bitmap.h"
#include "families/bitmap/bitmap_words.h"

/* As the client says it: both ends included, negative ones counted from the end. */
struct range {
    int64_t start;
    int64_t end;
    bool in_bits;
};

static void judge_unit(struct call *call, struct bytes word, struct range *range) {
    range->in_bits = bytes_is(word, "BIT");
    if (!range->in_bits && !bytes_is(word, "BYTE")) args_syntax_error(call);
}

/* The part of `range` that is there, as [first, end) in bits. */
static void settle(const struct range *range, struct bytes bytes, uint64_t *first, uint64_t *end) {
    int64_t total = (int64_t)bytes.len * (range->in_bits ? 8 : 1);
    int64_t from = range->start, to = range->end;
    if (from < 0) from = from < -total ? 0 : from + total;
    if (to < 0) to = to < -total ? 0 : to + total;
    if (to >= total) to = total - 1;
    *first = *end = 0;
    if (from > to) return;
    uint64_t unit = range->in_bits ? 1 : 8;
    *first = (uint64_t)from * unit;
    *end = ((uint64_t)to + 1) * unit;
}

/* --- BITCOUNT --- */

static void take_count_range(struct call *call, struct range *range) {
    *range = (struct range){.start = 0, .end = -1};
    int given = args_left(call);
    if (given == 0) return;
    if (given != 2 && given != 3) args_syntax_error(call);
    range->start = args_integer(call, INT64_MIN, INT64_MAX);
    range->end = args_integer(call, INT64_MIN, INT64_MAX);
    if (given == 3) judge_unit(call, args_bytes(call), range);
}

void bitmap_bitcount(struct call *call) {
    struct bytes key = args_key(call);
    struct range range;
    take_count_range(call, &range);
    if (args_failed(call)) return;

    struct value value;
    char scratch[TEXT_INTEGER_MAX];
    if (!key_read(call, key, &string_type, &value)) {
        if (!call->failed) reply_integer(call, 0);
        return;
    }
    struct bytes bytes = string_bytes(&value, scratch);
    uint64_t first = 0, end = 0;
    /* Two places before the beginning, which both mean the first byte, may still be in no order. */
    bool ordered = range.start >= 0 || range.end >= 0 || range.start <= range.end;
    if (ordered) settle(&range, bytes, &first, &end);
    reply_integer(call, (int64_t)bitmap_count_range(bytes, first, end));
}

/* --- BITPOS --- */

/* Redis judges the unit before the end. */
static void take_search_range(struct call *call, struct range *range, bool *end_given) {
    *range = (struct range){.start = 0, .end = -1};
    int given = args_left(call);
    *end_given = given >= 2;
    if (given == 0) return;
    if (given > 3) args_syntax_error(call);
    range->start = args_integer(call, INT64_MIN, INT64_MAX);
    if (given == 3) judge_unit(call, args_peek(call, 1), range);
    if (given >= 2) range->end = args_integer(call, INT64_MIN, INT64_MAX);
}

static int64_t search(struct bytes bytes, bool bit, const struct range *range, bool end_given) {
    uint64_t first, end;
    settle(range, bytes, &first, &end);
    if (first == end) return -1;
    uint64_t found = bitmap_find(bytes, bit, first, end);
    if (found != BITMAP_NONE) return (int64_t)found;
    /* Zeros follow a string without end, unless the client says where to stop. */
    return bit || end_given ? -1 : (int64_t)end;
}

void bitmap_bitpos(struct call *call) {
    struct bytes key = args_key(call);
    int64_t bit = args_integer(call, INT64_MIN, INT64_MAX);
    if (bit != 0 && bit != 1) args_fail(call, "ERR The bit argument must be 1 or 0.");
    struct range range;
    bool end_given;
    take_search_range(call, &range, &end_given);
    if (args_failed(call)) return;

    struct value value;
    char scratch[TEXT_INTEGER_MAX];
    if (key_read(call, key, &string_type, &value))
        reply_integer(call, search(string_bytes(&value, scratch), bit != 0, &range, end_given));
    else if (!call->failed) reply_integer(call, bit != 0 ? -1 : 0);
}
