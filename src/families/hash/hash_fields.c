/* SPDX-License-Identifier: BSD-3-Clause */
/* What the words with FIELDS have in common: taking names and times, and saying what was done. */
#include "families/hash/hash_words.h"

#define HEAD_MAX 5 /* words before the names: command, key, instant, FIELDS, n */

bool hash_take_fields(struct call *call, struct hash_fields *fields, const char *error) {
    *fields = (struct hash_fields){NULL, 0};
    if (args_failed(call)) return false;
    if (!args_word(call, "FIELDS")) {
        args_fail(call, "ERR Mandatory argument FIELDS is missing or not at the right position");
        return false;
    }
    if (args_left(call) == 0) {
        args_wrong_number(call);
        return false;
    }
    int64_t count;
    if (!text_to_integer(args_bytes(call), &count) || count < 1) {
        args_fail(call, "%s", error);
        return false;
    }
    if (count != args_left(call)) {
        args_fail(call, "ERR The `numfields` parameter must match the number of arguments");
        return false;
    }
    *fields = (struct hash_fields){&call->argv[args_index(call)], (size_t)count};
    return true;
}

/* --- times --- */

static void invalid_time(struct call *call) {
    char name[32];
    size_t len = call->argv[0].len < sizeof(name) ? call->argv[0].len : sizeof(name);
    for (size_t i = 0; i < len; i++) name[i] = ascii_lower(call->argv[0].data[i]);
    args_fail(call, "ERR invalid expire time in '%.*s' command", (int)len, name);
}

bool hash_take_deadline(struct call *call, enum hash_unit unit, bool relative,
                        int64_t *deadline_ms) {
    int64_t number = args_integer(call, INT64_MIN, INT64_MAX);
    if (args_failed(call)) return false;
    if (number < 0) {
        args_fail(call, "ERR invalid expire time, must be >= 0");
        return false;
    }
    if (__builtin_mul_overflow(number, (int64_t)unit, &number) ||
        (relative && __builtin_add_overflow(number, call_now_ms(call), &number)) ||
        number > HASH_DEADLINE_MAX) {
        invalid_time(call);
        return false;
    }
    *deadline_ms = number;
    return true;
}

static const struct {
    const char *word;
    enum hash_unit unit;
    bool relative;
} expiries[] = {
    {"EX", HASH_SECONDS, true},
    {"PX", HASH_MILLISECONDS, true},
    {"EXAT", HASH_SECONDS, false},
    {"PXAT", HASH_MILLISECONDS, false},
};

bool hash_take_expiry(struct call *call, int64_t *deadline_ms) {
    for (size_t i = 0; i < COUNT_OF(expiries); i++) {
        if (!args_word(call, expiries[i].word)) continue;
        return hash_take_deadline(call, expiries[i].unit, expiries[i].relative, deadline_ms);
    }
    return false;
}

/* --- effects --- */

bool hash_names_begin(struct hash_names *names, struct call *call, size_t count_max) {
    *names = (struct hash_names){NULL, 0};
    if (!call_wants_effects(call)) return true;
    names->words = arena_try_allocate(call_arena(call),
                                      (HEAD_MAX + count_max) * sizeof(names->words[0]));
    if (names->words == NULL) reply_no_memory(call, "the names");
    return names->words != NULL;
}

void hash_names_add(struct hash_names *names, struct bytes name) {
    if (names->words != NULL) names->words[HEAD_MAX + names->count] = name;
    names->count++;
}

/* `head` goes right in front of the names. */
static void give(struct call *call, struct hash_names *names, const struct bytes *head, int len) {
    if (names->words == NULL || names->count == 0) return;
    struct bytes *words = names->words + HEAD_MAX - len;
    memcpy(words, head, (size_t)len * sizeof(head[0]));
    call_effect_lasting(call, words, len + (int)names->count);
}

void hash_effect_remove(struct call *call, struct bytes key, struct hash_names *names) {
    give(call, names, (const struct bytes[]){BYTES("HDEL"), key}, 2);
}

void hash_effect_persist(struct call *call, struct bytes key, struct hash_names *names) {
    struct bytes count = call_integer_text(call, (int64_t)names->count);
    give(call, names, (const struct bytes[]){BYTES("HPERSIST"), key, BYTES("FIELDS"), count}, 4);
}

void hash_effect_time(struct call *call, struct bytes key, int64_t deadline_ms,
                      struct hash_names *names) {
    struct bytes count = call_integer_text(call, (int64_t)names->count);
    struct bytes instant = call_integer_text(call, deadline_ms);
    give(call, names,
         (const struct bytes[]){BYTES("HPEXPIREAT"), key, instant, BYTES("FIELDS"), count}, 5);
}
