/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of any width: BITFIELD and BITFIELD_RO. */
#include "families/bitmap/bitmap_field.h"
#include "families/bitmap/bitmap_words.h"

enum step_kind { STEP_GET, STEP_SET, STEP_INCRBY };

struct step {
    struct bitmap_field field;
    enum step_kind kind;
    enum bitmap_overflow overflow;
    int64_t number; /* to be set or added */
};

struct steps {
    struct step *first;
    size_t count;
    size_t len_min; /* that a string must have for all fields that are written; 0: none is */
};

/* --- reading the request --- */

static enum bitmap_overflow take_overflow(struct call *call) {
    struct bytes word = args_bytes(call);
    if (bytes_is(word, "WRAP")) return BITMAP_WRAP;
    if (bytes_is(word, "SAT")) return BITMAP_SATURATE;
    if (!bytes_is(word, "FAIL")) args_fail(call, "ERR Invalid OVERFLOW type specified");
    return BITMAP_REFUSE;
}

static enum step_kind take_kind(struct call *call) {
    enum step_kind kind = STEP_GET;
    if (args_word(call, "SET")) kind = STEP_SET;
    else if (args_word(call, "INCRBY")) kind = STEP_INCRBY;
    else if (!args_word(call, "GET")) args_syntax_error(call);
    if (args_left(call) < (kind == STEP_GET ? 2 : 3)) args_syntax_error(call);
    return kind;
}

static void take_step(struct call *call, struct steps *steps, enum bitmap_overflow overflow) {
    struct step step = {.kind = take_kind(call), .overflow = overflow};
    if (!bitmap_field_parse(args_bytes(call), &step.field)) {
        args_fail(call, "ERR Invalid bitfield type. Use something like i16 u8. "
                        "Note that u64 is not supported but i64 is.");
        return;
    }
    step.field.offset = bitmap_take_offset(call, step.field.bits);
    if (step.kind != STEP_GET) {
        step.number = args_integer(call, INT64_MIN, INT64_MAX);
        size_t end = bitmap_field_end(&step.field);
        if (end > steps->len_min) steps->len_min = end;
    }
    steps->first[steps->count++] = step;
}

/* False: a mistake was replied. */
static bool take_steps(struct call *call, struct steps *steps) {
    *steps = (struct steps){0};
    size_t most = (size_t)args_left(call) / 3 + 1; /* a step has three words or more */
    steps->first = arena_try_allocate(call_arena(call), most * sizeof(*steps->first));
    if (steps->first == NULL) {
        args_fail(call, "OOM command not allowed: no memory for the steps");
        return false;
    }
    enum bitmap_overflow overflow = BITMAP_WRAP;
    while (args_left(call) > 0) {
        if (args_word(call, "OVERFLOW")) overflow = take_overflow(call);
        else take_step(call, steps, overflow);
    }
    return !args_failed(call);
}

/* --- doing it --- */

static void reply_fields(struct call *call, struct bytes bytes, const struct steps *steps) {
    reply_array(call, steps->count);
    for (size_t i = 0; i < steps->count; i++)
        reply_integer(call, bitmap_field_read(bytes, &steps->first[i].field));
}

static void read_fields(struct call *call, struct bytes key, const struct steps *steps) {
    struct value value;
    char scratch[TEXT_INTEGER_MAX];
    if (key_read(call, key, &string_type, &value))
        reply_fields(call, string_bytes(&value, scratch), steps);
    else if (!call->failed) reply_fields(call, BYTES(""), steps);
}

/* What a SET asks for. Unsigned fields take a negative number for a very great one. So does Redis,
 * to be exact, where a signed one is so low that its distance to the greatest overflows: it
 * saturates upwards. */
static bitmap_wide number_to_set(const struct step *step) {
    if (!step->field.is_signed) return (bitmap_wide)(uint64_t)step->number;
    bitmap_wide max = bitmap_field_max(&step->field);
    bool far = step->field.bits < 64 && max - step->number > INT64_MAX;
    return far && step->overflow == BITMAP_SATURATE ? max : step->number;
}

/* Answers one step. True when it wrote another number than was there. */
static bool take_one(struct call *call, char *data, size_t len, const struct step *step,
                     bool *written) {
    const struct bitmap_field *field = &step->field;
    int64_t before = bitmap_field_read(bytes_make(data, len), field);
    *written = false;
    if (step->kind == STEP_GET) {
        reply_integer(call, before);
        return false;
    }
    bool sets = step->kind == STEP_SET;
    bitmap_wide number = sets ? number_to_set(step) : (bitmap_wide)before + step->number;
    int64_t after;
    if (!bitmap_field_fit(field, step->overflow, number, &after)) {
        reply_null(call);
        return false;
    }
    bitmap_field_write(data, field, after);
    *written = true;
    reply_integer(call, sets ? before : after);
    return before != after;
}

/* Does all steps; how many changes they count for: in a string that grew every one that wrote. */
static size_t run_steps(struct call *call, char *data, size_t len, const struct steps *steps,
                        bool grew) {
    size_t changes = 0;
    reply_array(call, steps->count);
    for (size_t i = 0; i < steps->count; i++) {
        bool written;
        bool changed = take_one(call, data, len, &steps->first[i], &written);
        if (changed || (grew && written)) changes++;
    }
    return changes;
}

static void write_fields(struct call *call, struct bytes key, const struct steps *steps) {
    struct edit edit;
    if (!edit_open(&edit, call, key, &string_type)) return;
    size_t before = edit_exists(&edit) ? string_length(&edit.value) : 0;
    bool grows = !edit_exists(&edit) || steps->len_min > before;
    size_t len = grows ? steps->len_min : before;
    char *data = string_edit(&edit, len);
    if (data == NULL) return;
    size_t changes = run_steps(call, data, len, steps, grows);
    if (changes > 0) {
        edit_commit_as(&edit, EVENT_STRING, "setbit");
        call->executor->keyspace.counters.changes += changes - 1;
    } else if (grows) {
        /* Every write was refused, but as in Redis the room for them is there now. Redis tells
         * nobody; to replay the same string the journal must know. */
        edit_commit(&edit, NULL);
    } else {
        edit_cancel(&edit);
    }
}

void bitmap_bitfield(struct call *call) {
    struct bytes key = args_key(call);
    struct steps steps;
    if (!take_steps(call, &steps)) return;
    if (steps.len_min > 0) write_fields(call, key, &steps);
    else read_fields(call, key, &steps);
}

void bitmap_bitfield_ro(struct call *call) {
    struct bytes key = args_key(call);
    struct steps steps;
    if (!take_steps(call, &steps)) return;
    if (steps.len_min > 0) reply_error(call, "ERR BITFIELD_RO only supports the GET subcommand");
    else read_fields(call, key, &steps);
}
