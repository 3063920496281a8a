/* SPDX-License-Identifier: BSD-3-Clause */
/* When fields end: HEXPIRE and its kin, HTTL and its kin, HPERSIST. */
#include "families/hash/hash_words.h"

enum condition { ALWAYS, IF_NONE, IF_ANY, IF_LATER, IF_SOONER };
enum verdict { FIELD_MISSING = -2, REFUSED_BY_CONDITION = 0, SET = 1, ENDED = 2 };

static enum condition take_condition(struct call *call) {
    if (args_word(call, "NX")) return IF_NONE;
    if (args_word(call, "XX")) return IF_ANY;
    if (args_word(call, "GT")) return IF_LATER;
    if (args_word(call, "LT")) return IF_SOONER;
    return ALWAYS;
}

/* No deadline is later than any. `before_ms` INT64_MAX: none. */
static bool holds(enum condition condition, int64_t before_ms, int64_t deadline_ms) {
    switch (condition) {
    case IF_NONE: return before_ms == INT64_MAX;
    case IF_ANY: return before_ms != INT64_MAX;
    case IF_LATER: return deadline_ms > before_ms;
    case IF_SOONER: return deadline_ms < before_ms;
    case ALWAYS: return true;
    }
    return true;
}

struct expiring {
    int64_t deadline_ms;
    enum condition condition;
    struct hash_fields fields;
    struct hash_names done; /* set or taken out */
    bool ends;              /* the fields end at once */
};

/* False: memory was refused. */
static bool expire_one(struct hash_edit *change, struct expiring *expiring, struct bytes field,
                       enum verdict *verdict) {
    struct hash_item item;
    *verdict = FIELD_MISSING;
    if (!hash_meet(change, field, &item)) return true;
    *verdict = REFUSED_BY_CONDITION;
    if (!holds(expiring->condition, item.deadline_ms, expiring->deadline_ms)) return true;
    *verdict = expiring->ends ? ENDED : SET;
    if (expiring->ends) hash_take_out(change, field);
    else if (!hash_time(change, field, expiring->deadline_ms)) return false;
    hash_names_add(&expiring->done, field);
    return true;
}

static void expire_fields(struct hash_edit *change, struct expiring *expiring) {
    struct call *call = change->edit.call;
    struct bytes key = change->edit.key;
    struct reply_mark mark = reply_mark(call);
    bool refused = false;
    reply_array(call, expiring->fields.count);
    for (size_t i = 0; i < expiring->fields.count && !refused; i++) {
        enum verdict verdict;
        refused = !expire_one(change, expiring, expiring->fields.names[i], &verdict);
        reply_integer(call, verdict);
    }
    bool done = expiring->done.count > 0;
    if (refused) {
        reply_rewind(call, mark);
        hash_refused(change, done);
    } else if (!done) {
        hash_cancel(change);
    } else if (expiring->ends) {
        hash_commit_without(change, "hdel");
        hash_effect_remove(call, key, &expiring->done);
    } else {
        hash_commit(change, "hexpire");
    }
    if (done && !expiring->ends)
        hash_effect_time(call, key, expiring->deadline_ms, &expiring->done);
}

static void expire(struct call *call, enum hash_unit unit, bool relative) {
    struct bytes key = args_key(call);
    struct hash_edit change;
    struct expiring expiring = {.condition = ALWAYS};
    if (!hash_open(&change, call, key)) return;
    bool good = hash_take_deadline(call, unit, relative, &expiring.deadline_ms);
    if (good) {
        expiring.condition = take_condition(call);
        good = hash_take_fields(call, &expiring.fields, HASH_FIELDS_GREATER) &&
               hash_names_begin(&expiring.done, call, expiring.fields.count);
    }
    if (!good) {
        hash_cancel(&change);
        return;
    }
    expiring.ends = hash_is_past(call, expiring.deadline_ms);
    expire_fields(&change, &expiring);
}

void hash_hexpire(struct call *call) { expire(call, HASH_SECONDS, true); }

void hash_hpexpire(struct call *call) { expire(call, HASH_MILLISECONDS, true); }

void hash_hexpireat(struct call *call) { expire(call, HASH_SECONDS, false); }

void hash_hpexpireat(struct call *call) { expire(call, HASH_MILLISECONDS, false); }

/* --- asking --- */

/* -2: no such field, -1: it has no deadline. */
static void tell(struct call *call, enum hash_unit unit, bool relative) {
    struct bytes key = args_key(call);
    struct value value;
    struct hash_fields fields;
    struct hash_item item;
    bool there = key_read(call, key, &hash_type, &value);
    if (args_failed(call) || !hash_take_fields(call, &fields, HASH_FIELDS_POSITIVE)) return;
    reply_array(call, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        int64_t answer = -2;
        if (there && hash_find(&value, fields.names[i], call_members_now_ms(call), &item)) {
            int64_t from_ms = relative ? call_now_ms(call) : 0;
            int64_t left_ms = item.deadline_ms > from_ms ? item.deadline_ms - from_ms : 0;
            answer = item.deadline_ms == INT64_MAX ? -1 : (left_ms + unit - 1) / unit;
        }
        reply_integer(call, answer);
    }
}

void hash_httl(struct call *call) { tell(call, HASH_SECONDS, true); }

void hash_hpttl(struct call *call) { tell(call, HASH_MILLISECONDS, true); }

void hash_hexpiretime(struct call *call) { tell(call, HASH_SECONDS, false); }

void hash_hpexpiretime(struct call *call) { tell(call, HASH_MILLISECONDS, false); }

/* --- HPERSIST --- */

void hash_hpersist(struct call *call) {
    struct bytes key = args_key(call);
    struct hash_edit change;
    struct hash_fields fields;
    struct hash_names done;
    struct hash_item item;
    if (!hash_open(&change, call, key)) return;
    if (!hash_take_fields(call, &fields, HASH_FIELDS_POSITIVE) ||
        !hash_names_begin(&done, call, fields.count)) {
        hash_cancel(&change);
        return;
    }
    struct reply_mark mark = reply_mark(call);
    reply_array(call, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        struct bytes field = fields.names[i];
        bool there = hash_meet(&change, field, &item);
        bool timed = there && item.deadline_ms != INT64_MAX;
        if (timed && !hash_time(&change, field, -1)) {
            reply_rewind(call, mark);
            hash_refused(&change, done.count > 0);
            hash_effect_persist(call, key, &done);
            return;
        }
        if (timed) hash_names_add(&done, field);
        reply_integer(call, timed ? 1 : there ? -1 : -2);
    }
    if (done.count == 0) {
        hash_cancel(&change);
        return;
    }
    hash_commit(&change, "hpersist");
    hash_effect_persist(call, key, &done);
}
