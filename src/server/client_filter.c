/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/client_filter.h"

#include "base/text.h"

#define FLAG_LETTERS "NOSMPxbtRBdcuAUreTI"
#define CAPABILITY_LETTERS "r"

static const struct word {
    const char *name;
    enum client_condition condition;
    bool has_opposite; /* behind NOT- */
} words_known[] = {
    {"ID", CLIENT_ID, true},
    {"TYPE", CLIENT_TYPE, true},
    {"USER", CLIENT_USER, true},
    {"ADDR", CLIENT_PEER, true},
    {"LADDR", CLIENT_LOCAL, true},
    {"NAME", CLIENT_NAME, true},
    {"FLAGS", CLIENT_FLAGS, true},
    {"LIB-NAME", CLIENT_LIBRARY_NAME, true},
    {"LIB-VER", CLIENT_LIBRARY_VERSION, true},
    {"DB", CLIENT_DATABASE, true},
    {"CAPA", CLIENT_CAPABILITY, true},
    {"IP", CLIENT_IP, true},
    {"IDLE", CLIENT_IDLE, false},
    {"MAXAGE", CLIENT_MAX_AGE, false},
    {"SKIPME", CLIENT_SKIP_ME, false},
};

static const struct word *find_word(struct bytes text, bool *opposite) {
    *opposite = text.len > 4 && bytes_equal_fold(bytes_make(text.data, 4), BYTES("NOT-"));
    if (*opposite) text = bytes_make(text.data + 4, text.len - 4);
    for (size_t i = 0; i < COUNT_OF(words_known); i++) {
        if (!bytes_is(text, words_known[i].name)) continue;
        return *opposite && !words_known[i].has_opposite ? NULL : &words_known[i];
    }
    return NULL;
}

/* --- reading --- */

struct reading {
    struct client_filter *filter;
    enum client_filter_use use;
    const struct bytes *words;
    int count;
    int at;
    int32_t database_count;
    struct arena *arena;
};

static const char *error_about(struct reading *reading, const char *format, struct bytes word) {
    struct bytes shown = bytes_make(word.data, word.len < 128 ? word.len : 128);
    struct bytes text = arena_format(reading->arena, "ERR %s%.*s%s", format, (int)shown.len,
                                     shown.data, format[strlen(format) - 1] == '\'' ? "'" : "");
    return text.data;
}

/* One or more ids; what is no number ends them. */
static const char *read_ids(struct reading *reading, struct client_conditions *conditions) {
    bool listing = reading->use == CLIENT_FILTER_LIST;
    size_t first = conditions->id_count;
    if (conditions->ids == NULL)
        conditions->ids = arena_try_allocate(reading->arena,
                                             (size_t)reading->count * sizeof(*conditions->ids));
    if (conditions->ids == NULL) return "OOM command not allowed: no memory for so many ids";
    for (; reading->at < reading->count; reading->at++) {
        int64_t id;
        if (!text_to_integer(reading->words[reading->at], &id)) break;
        if (!listing && id <= 0) return "ERR client-id should be greater than 0";
        conditions->ids[conditions->id_count++] = id;
    }
    bool opposite;
    bool ends = reading->at == reading->count ||
                (conditions->id_count > first &&
                 find_word(reading->words[reading->at], &opposite) != NULL);
    if (ends && conditions->id_count > first) return NULL;
    if (listing) return "ERR Invalid client ID";
    return conditions->id_count > first ? "ERR syntax error"
                                        : "ERR client-id should be greater than 0";
}

static const char *read_kind(struct reading *reading, struct bytes value,
                             struct client_conditions *conditions) {
    static const struct {
        const char *word;
        enum client_kind kind;
    } kinds[] = {
        {"normal", CLIENT_NORMAL}, {"slave", CLIENT_REPLICA},  {"replica", CLIENT_REPLICA},
        {"master", CLIENT_MASTER}, {"primary", CLIENT_MASTER}, {"pubsub", CLIENT_SUBSCRIBER},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!bytes_is(value, kinds[i].word)) continue;
        conditions->kind = kinds[i].kind;
        return NULL;
    }
    return error_about(reading, "Unknown client type '", value);
}

static const char *read_database(struct reading *reading, struct bytes value,
                                 struct client_conditions *conditions) {
    if (!text_to_integer(value, &conditions->database))
        return "ERR DB is not an integer or out of range";
    if (conditions->database >= 0 && conditions->database < reading->database_count) return NULL;
    return arena_format(reading->arena, "ERR DB number should be between 0 and %d",
                        reading->database_count - 1)
        .data;
}

static const char *read_seconds(struct bytes value, int64_t *seconds, const char *not_a_number,
                                const char *not_positive) {
    if (!text_to_integer(value, seconds)) return not_a_number;
    return *seconds > 0 ? NULL : not_positive;
}

static bool has_only(struct bytes letters, const char *known) {
    for (size_t i = 0; i < letters.len; i++) {
        if (letters.data[i] == '\0' || strchr(known, letters.data[i]) == NULL) return false;
    }
    return true;
}

static const char *read_text(struct reading *reading, enum client_condition condition,
                             struct bytes value, struct client_conditions *conditions) {
    if (condition == CLIENT_FLAGS && !has_only(value, FLAG_LETTERS))
        return error_about(reading, "Unknown flags found in the provided filter: ", value);
    if (condition == CLIENT_CAPABILITY && !has_only(value, CAPABILITY_LETTERS))
        return error_about(reading, "Unknown capa found in the provided filter: ", value);
    if (condition == CLIENT_USER && !bytes_equal(value, BYTES("default")))
        return error_about(reading, "No such user '", value);
    conditions->texts[condition] = value;
    return NULL;
}

static const char *read_value(struct reading *reading, enum client_condition condition,
                              struct bytes value, struct client_conditions *conditions) {
    struct client_filter *filter = reading->filter;
    switch (condition) {
    case CLIENT_TYPE: return read_kind(reading, value, conditions);
    case CLIENT_DATABASE: return read_database(reading, value, conditions);
    case CLIENT_IDLE:
        return read_seconds(value, &filter->idle_s, "ERR idle is not an integer or out of range",
                            "ERR idle should be greater than 0");
    case CLIENT_MAX_AGE:
        return read_seconds(value, &filter->max_age_s,
                            "ERR maxage is not an integer or out of range",
                            "ERR maxage should be greater than 0");
    case CLIENT_SKIP_ME:
        filter->skips_me = bytes_is(value, "yes");
        return filter->skips_me || bytes_is(value, "no") ? NULL : "ERR syntax error";
    default: return read_text(reading, condition, value, conditions);
    }
}

const char *client_filter_read(struct client_filter *filter, enum client_filter_use use,
                               const struct bytes *words, int count, int32_t database_count,
                               struct arena *arena) {
    *filter = (struct client_filter){.skips_me = use == CLIENT_FILTER_KILL};
    struct reading reading = {filter, use, words, count, 0, database_count, arena};
    while (reading.at < count) {
        bool opposite;
        const struct word *word = find_word(words[reading.at], &opposite);
        if (word == NULL || reading.at + 1 == count) return "ERR syntax error";
        struct client_conditions *conditions = opposite ? &filter->unwanted : &filter->wanted;
        reading.at++;
        const char *error;
        if (word->condition == CLIENT_ID) error = read_ids(&reading, conditions);
        else error = read_value(&reading, word->condition, words[reading.at++], conditions);
        if (error != NULL) return error;
        conditions->present |= 1u << word->condition;
    }
    return NULL;
}

/* --- matching --- */

static bool is_one_of(const struct client_conditions *conditions, uint64_t id) {
    for (size_t i = 0; i < conditions->id_count; i++) {
        if (conditions->ids[i] > 0 && (uint64_t)conditions->ids[i] == id) return true;
    }
    return false;
}

static bool has_all(const char *letters, struct bytes wanted) {
    for (size_t i = 0; i < wanted.len; i++) {
        if (strchr(letters, wanted.data[i]) == NULL) return false;
    }
    return true;
}

/* Without the port: what stands before the last colon. */
static struct bytes ip_of(struct bytes peer) {
    while (peer.len > 0 && peer.data[peer.len - 1] != ':') peer.len--;
    if (peer.len > 0) peer.len--;
    return peer;
}

/* A client that has no name has none that anyone could ask for. */
static bool is_text(struct bytes known, struct bytes asked) {
    return known.len > 0 && bytes_equal(known, asked);
}

static bool holds(const struct client_conditions *conditions, enum client_condition condition,
                  const struct client_facts *facts) {
    const struct bytes *texts = conditions->texts;
    switch (condition) {
    case CLIENT_ID: return is_one_of(conditions, facts->id);
    case CLIENT_TYPE: return facts->kind == conditions->kind;
    case CLIENT_USER: return bytes_equal(facts->user, texts[CLIENT_USER]);
    case CLIENT_PEER: return bytes_equal(facts->peer, texts[CLIENT_PEER]);
    case CLIENT_LOCAL: return bytes_equal(facts->local, texts[CLIENT_LOCAL]);
    case CLIENT_NAME: return is_text(facts->name, texts[CLIENT_NAME]);
    case CLIENT_FLAGS: return has_all(facts->flags, texts[CLIENT_FLAGS]);
    case CLIENT_LIBRARY_NAME: return is_text(facts->library_name, texts[CLIENT_LIBRARY_NAME]);
    case CLIENT_LIBRARY_VERSION:
        return is_text(facts->library_version, texts[CLIENT_LIBRARY_VERSION]);
    case CLIENT_DATABASE: return facts->database == conditions->database;
    case CLIENT_CAPABILITY: return has_all(facts->capabilities, texts[CLIENT_CAPABILITY]);
    case CLIENT_IP: return bytes_equal(ip_of(facts->peer), texts[CLIENT_IP]);
    default: return true;
    }
}

bool client_filter_is_by_ids(const struct client_filter *filter) {
    return filter->wanted.present == (uint32_t)1 << CLIENT_ID && filter->unwanted.present == 0;
}

bool client_filter_matches(const struct client_filter *filter, const struct client_facts *facts,
                           uint64_t me) {
    if (filter->skips_me && facts->id == me) return false;
    if (facts->idle_s < filter->idle_s || facts->age_s < filter->max_age_s) return false;
    for (enum client_condition condition = 0; condition <= CLIENT_IP; condition++) {
        uint32_t bit = 1u << condition;
        if ((filter->wanted.present & bit) != 0 && !holds(&filter->wanted, condition, facts))
            return false;
        if ((filter->unwanted.present & bit) != 0 && holds(&filter->unwanted, condition, facts))
            return false;
    }
    return true;
}
