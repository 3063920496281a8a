/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/client_filter.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define WORDS_MAX 16
#define ME 7

static const char *read_line(struct client_filter *filter, enum client_filter_use use,
                             const char *line, struct arena *arena) {
    struct bytes words[WORDS_MAX];
    int count = 0;
    for (const char *at = line; *at != '\0';) {
        const char *end = strchr(at, ' ');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        words[count++] = bytes_equal(bytes_make(at, len), BYTES("''")) ? BYTES("")
                                                                       : bytes_make(at, len);
        at += len + (end != NULL);
    }
    struct bytes *kept = arena_allocate(arena, sizeof(words));
    memcpy(kept, words, sizeof(words));
    return client_filter_read(filter, use, kept, count, 16, arena);
}

static const struct client_facts somebody = {
    .id = ME,
    .kind = CLIENT_NORMAL,
    .flags = "xe",
    .capabilities = "r",
    .user = {"default", 7},
    .peer = {"[::1]:5000", 10},
    .local = {"[::1]:6379", 10},
    .name = {"worker", 6},
    .library_name = {"lib", 3},
    .database = 3,
    .age_s = 100,
    .idle_s = 10,
};

struct matched {
    char line[64];
    bool matches;
};

ParameterizedTestParameters(client_filter, matches_what_it_says) {
    static struct matched cases[] = {
        {"", true},
        {"ID 7", true},
        {"ID 1 2 7", true},
        {"ID 8", false},
        {"NOT-ID 7", false},
        {"NOT-ID 8 9", true},
        {"TYPE normal", true},
        {"TYPE pubsub", false},
        {"not-type PUBSUB", true},
        {"USER default", true},
        {"NOT-USER default", false},
        {"ADDR [::1]:5000", true},
        {"ADDR [::1]", false},
        {"LADDR [::1]:6379", true},
        {"IP [::1]", true},
        {"IP [::2]", false},
        {"NAME worker", true},
        {"NAME Worker", false},
        {"NOT-NAME worker", false},
        {"FLAGS e", true},
        {"FLAGS ex", true},
        {"FLAGS exT", false},
        {"NOT-FLAGS N", true},
        {"LIB-NAME lib", true},
        {"LIB-VER ''", false},
        {"NOT-LIB-VER 1", true},
        {"DB 3", true},
        {"DB 0", false},
        {"CAPA r", true},
        {"NOT-CAPA r", false},
        {"IDLE 10", true},
        {"IDLE 11", false},
        {"MAXAGE 100", true},
        {"MAXAGE 101", false},
        {"SKIPME yes", false},
        {"SKIPME no", true},
        {"ID 7 DB 3 NAME worker NOT-TYPE pubsub", true},
        {"ID 7 DB 3 NAME worker TYPE pubsub", false},
    };
    return cr_make_param_array(struct matched, cases, COUNT_OF(cases));
}

ParameterizedTest(struct matched *param, client_filter, matches_what_it_says) {
    struct client_filter filter;
    struct arena arena;
    arena_init(&arena);
    cr_assert_null(read_line(&filter, CLIENT_FILTER_LIST, param->line, &arena), "%s", param->line);
    cr_assert_eq(client_filter_matches(&filter, &somebody, ME), param->matches, "%s", param->line);
    arena_deinit(&arena);
}

struct refused {
    char line[48];
    char listing[64];
    char killing[64];
};

/* Where Redis 8 and Valkey 9 both know a word, what Redis says. */
ParameterizedTestParameters(client_filter, refuses_in_the_words_of_peers) {
    static struct refused cases[] = {
        {"FOO 1", "ERR syntax error", "ERR syntax error"},
        {"TYPE", "ERR syntax error", "ERR syntax error"},
        {"NOT-MAXAGE 1", "ERR syntax error", "ERR syntax error"},
        {"SKIPME maybe", "ERR syntax error", "ERR syntax error"},
        {"TYPE foo", "ERR Unknown client type 'foo'", "ERR Unknown client type 'foo'"},
        {"NOT-TYPE foo", "ERR Unknown client type 'foo'", "ERR Unknown client type 'foo'"},
        {"USER foo", "ERR No such user 'foo'", "ERR No such user 'foo'"},
        {"ID x", "ERR Invalid client ID", "ERR client-id should be greater than 0"},
        {"ID 1 x", "ERR Invalid client ID", "ERR syntax error"},
        {"ID 0", "", "ERR client-id should be greater than 0"},
        {"DB x", "ERR DB is not an integer or out of range",
         "ERR DB is not an integer or out of range"},
        {"DB 16", "ERR DB number should be between 0 and 15",
         "ERR DB number should be between 0 and 15"},
        {"IDLE x", "ERR idle is not an integer or out of range",
         "ERR idle is not an integer or out of range"},
        {"IDLE 0", "ERR idle should be greater than 0", "ERR idle should be greater than 0"},
        {"MAXAGE -1", "ERR maxage should be greater than 0", "ERR maxage should be greater than 0"},
        {"FLAGS ?", "ERR Unknown flags found in the provided filter: ?",
         "ERR Unknown flags found in the provided filter: ?"},
        {"CAPA x", "ERR Unknown capa found in the provided filter: x",
         "ERR Unknown capa found in the provided filter: x"},
    };
    return cr_make_param_array(struct refused, cases, COUNT_OF(cases));
}

ParameterizedTest(struct refused *param, client_filter, refuses_in_the_words_of_peers) {
    const char *wanted[] = {
        [CLIENT_FILTER_LIST] = param->listing, [CLIENT_FILTER_KILL] = param->killing};
    for (int use = CLIENT_FILTER_LIST; use <= CLIENT_FILTER_KILL; use++) {
        struct client_filter filter;
        struct arena arena;
        arena_init(&arena);
        const char *error = read_line(&filter, (enum client_filter_use)use, param->line, &arena);
        cr_assert_str_eq(error == NULL ? "" : error, wanted[use], "%s", param->line);
        arena_deinit(&arena);
    }
}

Test(client_filter, only_killing_spares_oneself_by_itself) {
    struct client_filter filter;
    struct arena arena;
    arena_init(&arena);
    cr_assert_null(read_line(&filter, CLIENT_FILTER_KILL, "DB 3", &arena));
    cr_assert_not(client_filter_matches(&filter, &somebody, ME));
    cr_assert(client_filter_matches(&filter, &somebody, ME + 1));
    arena_deinit(&arena);
}
