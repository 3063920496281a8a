/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading or setting fields together with the time when they end: HGETEX, HSETEX. */
#include "families/hash/hash_words.h"

/* --- HGETEX --- */

enum deed { READ, TIME, END, PERSIST };

static enum deed take_deed(struct call *call, int64_t *deadline_ms) {
    if (args_word(call, "PERSIST")) return PERSIST;
    if (!hash_take_expiry(call, deadline_ms)) return READ;
    return hash_is_past(call, *deadline_ms) ? END : TIME;
}

/* Does to a field that was met what is asked for. False: memory was refused. */
static bool do_one(struct hash_edit *change, enum deed deed, int64_t deadline_ms,
                   struct bytes field, bool timed, struct hash_names *done) {
    switch (deed) {
    case READ: return true;
    case END: hash_take_out(change, field); break;
    case TIME:
        if (!hash_time(change, field, deadline_ms)) return false;
        break;
    case PERSIST:
        if (!timed) return true;
        if (!hash_time(change, field, -1)) return false;
        break;
    }
    hash_names_add(done, field);
    return true;
}

static void end_hgetex(struct hash_edit *change, enum deed deed, int64_t deadline_ms,
                       struct hash_names *done) {
    struct call *call = change->edit.call;
    struct bytes key = change->edit.key;
    if (deed == END) hash_commit_without(change, "hdel");
    else if (change->edit.open) hash_commit(change, deed == PERSIST ? "hpersist" : "hexpire");
    if (deed == END) hash_effect_remove(call, key, done);
    else if (deed == PERSIST) hash_effect_persist(call, key, done);
    else hash_effect_time(call, key, deadline_ms, done);
}

void hash_hgetex(struct call *call) {
    struct bytes key = args_key(call);
    struct hash_edit change;
    struct hash_fields fields;
    struct hash_names done;
    int64_t deadline_ms = 0;
    if (!hash_open(&change, call, key)) return;
    enum deed deed = take_deed(call, &deadline_ms);
    if (!hash_take_fields(call, &fields, HASH_FIELDS_POSITIVE) ||
        !hash_names_begin(&done, call, fields.count)) {
        hash_cancel(&change);
        return;
    }
    struct reply_mark mark = reply_mark(call);
    reply_array(call, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        struct hash_item item;
        if (!hash_meet(&change, fields.names[i], &item)) {
            reply_null(call);
            continue;
        }
        reply_bulk(call, item.value);
        bool timed = item.deadline_ms != INT64_MAX;
        if (do_one(&change, deed, deadline_ms, fields.names[i], timed, &done)) continue;
        reply_rewind(call, mark);
        hash_refused(&change, done.count > 0);
        break;
    }
    if (done.count > 0) end_hgetex(&change, deed, deadline_ms, &done);
    else if (change.edit.open) hash_cancel(&change);
}

/* --- HSETEX --- */

enum existence { ANY, NONE_EXISTS, ALL_EXIST };
enum life { FRESH, TIMED, KEPT };

struct setting {
    enum existence of_key; /* NX, XX: Valkey's */
    enum existence of_fields;
    enum life life;
    int64_t deadline_ms;
    const struct bytes *words; /* field, value ... */
    size_t count;
};

static bool take_existence(struct call *call, struct setting *setting) {
    static const struct {
        const char *word;
        enum existence existence;
        bool of_key;
    } words[] = {{"FNX", NONE_EXISTS, false},
                 {"FXX", ALL_EXIST, false},
                 {"NX", NONE_EXISTS, true},
                 {"XX", ALL_EXIST, true}};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!args_word(call, words[i].word)) continue;
        enum existence *existence = words[i].of_key ? &setting->of_key : &setting->of_fields;
        if (*existence != ANY && words[i].of_key) args_syntax_error(call);
        else if (*existence != ANY)
            args_fail(call, "ERR Only one of FXX or FNX arguments can be specified");
        *existence = words[i].existence;
        return true;
    }
    return false;
}

static bool is_time_word(struct bytes word) {
    return bytes_is(word, "EX") || bytes_is(word, "PX") || bytes_is(word, "EXAT") ||
           bytes_is(word, "PXAT");
}

static bool take_life(struct call *call, struct setting *setting) {
    bool keeps = bytes_is(args_peek(call, 0), "KEEPTTL");
    if (!keeps && !is_time_word(args_peek(call, 0))) return false;
    if (setting->life != FRESH) {
        args_fail(call, "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
        return true;
    }
    setting->life = keeps ? KEPT : TIMED;
    if (keeps) args_bytes(call);
    else if (args_left(call) < 2) args_wrong_number(call);
    else if (!hash_take_expiry(call, &setting->deadline_ms)) return args_failed(call);
    return true;
}

/* FIELDS, how many, and all of them. */
static void take_pairs(struct call *call, struct setting *setting) {
    int64_t count = 0;
    if (args_left(call) == 0) {
        args_wrong_number(call);
        return;
    }
    if (!text_to_integer(args_bytes(call), &count) || count < 1 || count > INT32_MAX)
        args_fail(call, "ERR invalid number of fields");
    else if (count * 2 != args_left(call)) args_wrong_number(call);
    if (args_failed(call)) return;
    setting->words = &call->argv[args_index(call)];
    setting->count = (size_t)count;
}

static bool take_setting(struct call *call, struct setting *setting) {
    while (!args_failed(call)) {
        if (args_left(call) == 0) args_wrong_number(call);
        else if (args_word(call, "FIELDS")) break;
        else if (!take_existence(call, setting) && !take_life(call, setting))
            args_fail(call, "ERR unknown argument: %.*s", (int)args_peek(call, 0).len,
                      args_peek(call, 0).data);
    }
    if (!args_failed(call)) take_pairs(call, setting);
    return !args_failed(call);
}

static bool allowed(struct hash_edit *change, const struct setting *setting) {
    bool exists = hash_exists(change);
    if (setting->of_key == NONE_EXISTS && exists) return false;
    if (setting->of_key == ALL_EXIST && !exists) return false;
    if (setting->of_fields == ANY) return true;
    struct hash_item item;
    bool wanted = setting->of_fields == ALL_EXIST;
    for (size_t i = 0; i < setting->count; i++)
        if (hash_meet(change, setting->words[i * 2], &item) != wanted) return false;
    return true;
}

/* The fields would end at once: they go, as if they had been set. */
static void set_in_the_past(struct hash_edit *change, const struct setting *setting) {
    struct call *call = change->edit.call;
    struct bytes key = change->edit.key;
    struct hash_item item;
    struct hash_names gone;
    bool existed = hash_exists(change);
    if (!hash_names_begin(&gone, call, setting->count)) {
        hash_cancel(change);
        return;
    }
    edit_event(&change->edit, EVENT_HASH, "hset");
    for (size_t i = 0; i < setting->count; i++) {
        struct bytes field = setting->words[i * 2];
        if (!hash_meet(change, field, &item)) continue;
        hash_take_out(change, field);
        hash_names_add(&gone, field);
    }
    if (gone.count > 0) {
        hash_commit_without(change, "hdel");
        hash_effect_remove(call, key, &gone);
        return;
    }
    edit_event(&change->edit, EVENT_HASH, "hdel");
    if (!existed) edit_event(&change->edit, EVENT_GENERIC, "del");
    hash_cancel(change);
}

/* `untimed`: the field was set, and refused its deadline. */
static bool set_one(struct hash_edit *change, const struct setting *setting, size_t i,
                    bool *untimed) {
    struct bytes field = setting->words[i * 2];
    struct hash_item item;
    hash_meet(change, field, &item);
    if (hash_store(change, field, setting->words[i * 2 + 1], setting->life != FRESH) ==
        HASH_REFUSED)
        return false;
    *untimed = setting->life == TIMED && !hash_time(change, field, setting->deadline_ms);
    return !*untimed;
}

#define EFFECT_HEAD_MAX 6 /* words before the pairs */

/* HSETEX with all of it spelled out, for the first `count` pairs. `words` has room for it; NULL:
 * nobody listens. */
static void give_effect(struct call *call, struct bytes key, const struct setting *setting,
                        struct bytes *words, size_t count) {
    if (words == NULL || count == 0) return;
    int len = 0;
    words[len++] = BYTES("HSETEX");
    words[len++] = key;
    if (setting->life == KEPT) words[len++] = BYTES("KEEPTTL");
    if (setting->life == TIMED) {
        words[len++] = BYTES("PXAT");
        words[len++] = call_integer_text(call, setting->deadline_ms);
    }
    words[len++] = BYTES("FIELDS");
    words[len++] = call_integer_text(call, (int64_t)count);
    memcpy(words + len, setting->words, count * 2 * sizeof(*words));
    call_effect_lasting(call, words, len + (int)count * 2);
}

static void set_all(struct hash_edit *change, const struct setting *setting) {
    struct call *call = change->edit.call;
    struct bytes key = change->edit.key;
    struct bytes *words = NULL;
    size_t done = 0;
    bool untimed = false;
    if (call_wants_effects(call)) {
        size_t room = EFFECT_HEAD_MAX + setting->count * 2;
        words = arena_try_allocate(call_arena(call), room * sizeof(*words));
        if (words == NULL) {
            hash_refused(change, false);
            return;
        }
    }
    while (done < setting->count && set_one(change, setting, done, &untimed)) done++;
    if (done < setting->count) {
        hash_refused(change, done > 0 || untimed);
        if (untimed)
            call_effect_of(call, BYTES("HSET"), key, setting->words[done * 2],
                           setting->words[done * 2 + 1]);
    } else {
        hash_commit(change, "hset");
        if (setting->life == TIMED) edit_event(&change->edit, EVENT_HASH, "hexpire");
        reply_integer(call, 1);
    }
    give_effect(call, key, setting, words, done);
}

void hash_hsetex(struct call *call) {
    struct bytes key = args_key(call);
    struct setting setting = {.life = FRESH};
    struct hash_edit change;
    if (!take_setting(call, &setting) || !hash_open(&change, call, key)) return;
    if (!allowed(&change, &setting)) {
        hash_cancel(&change);
        reply_integer(call, 0);
        return;
    }
    if (setting.life == TIMED && hash_is_past(call, setting.deadline_ms)) {
        set_in_the_past(&change, &setting);
        if (!args_failed(call)) reply_integer(call, 1);
        return;
    }
    set_all(&change, &setting);
}
