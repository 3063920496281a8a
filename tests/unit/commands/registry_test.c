/* SPDX-License-Identifier: BSD-3-Clause */
/* What is derived from declarations, against what Redis 8 says of the same commands. */
#include "commands/registry.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "unit/commands/registry_fixture.h"

static struct registry *make(void) {
    static const struct family *const families[] = {&fixture_standard, &fixture_tally};
    return registry_create(families, COUNT_OF(families));
}

static struct registry *registry;
static void setup(void) { registry = make(); }
static void teardown(void) { registry_destroy(&registry); }
TestSuite(registry, .init = setup, .fini = teardown);

static struct command_entry *entry_of(const char *name) {
    struct command_entry *entry = registry_find_full(registry, bytes_of(name));
    cr_assert_not_null(entry, "%s", name);
    return entry;
}

/* --- names --- */

Test(registry, finds_every_name_in_any_case) {
    for (size_t i = 0; i < registry_entry_count(registry); i++) {
        struct command_entry *entry = registry_entry_by_id(registry, i);
        char name[80];
        size_t len = strlen(entry->full_name);
        for (size_t at = 0; at <= len; at++)
            name[at] = at % 2 == 0 ? ascii_upper(entry->full_name[at]) : entry->full_name[at];
        cr_assert_eq(registry_find_full(registry, bytes_make(name, len)), entry);
        cr_assert_eq(entry->id, i);
    }
}

Test(registry, finds_nothing_but_the_exact_name) {
    static const char *const strangers[] = {"",
                                            "G",
                                            "GE",
                                            "GETT",
                                            "TGE",
                                            "SE",
                                            "config|nope",
                                            "config|",
                                            "|get",
                                            "|",
                                            "get|get",
                                            "nope|get",
                                            "TALLY.NAME_OF_THIRTY_TWO_BYTES_Y",
                                            "TALLY.NAME_OF_THIRTY_TWO_BYTES_XX"};
    for (size_t i = 0; i < COUNT_OF(strangers); i++)
        cr_assert_null(registry_find_full(registry, bytes_of(strangers[i])), "%s", strangers[i]);
    cr_assert_null(registry_find(registry, bytes_make("get\0", 4)));
    cr_assert_null(registry_find(registry, bytes_make("\0get", 4)));
    cr_assert_null(registry_find(registry, BYTES("resetstat")));
    /* Bytes that folding by one bit would take for others. */
    cr_assert_null(registry_find(registry, BYTES("TALLY\x0e"
                                                 "ADD")));
    cr_assert_null(registry_find(registry, BYTES("TALLY.NAME\x7fOF_THIRTY_TWO_BYTES_X")));
    cr_assert_null(registry_find(registry, BYTES("\xc7"
                                                 "ET")));
}

Test(registry, folds_letters_and_no_other_byte) {
    /* Every single byte in place of the G: only g and G are GET. */
    for (int byte = 0; byte < 256; byte++) {
        char name[3] = {(char)byte, 'e', 'T'};
        bool found = registry_find(registry, bytes_make(name, 3)) == entry_of("get");
        cr_assert_eq(found, byte == 'g' || byte == 'G', "%d", byte);
    }
}

Test(registry, never_reads_beyond_a_name) {
    /* Under AddressSanitizer a byte too many is an error. */
    for (size_t len = 1; len <= 40; len++) {
        char *name = memory_allocate(len);
        memset(name, 'x', len);
        cr_assert_null(registry_find(registry, bytes_make(name, len)));
        memory_free(name);
    }
}

Test(registry, resolves_subcommands) {
    struct command_entry *container = entry_of("get");
    struct bytes argv[] = {BYTES("Config"), BYTES("gEt"), BYTES("x")};
    cr_assert_eq(registry_resolve(registry, argv, 3, &container), entry_of("config|get"));
    cr_assert_null(container);
    cr_assert_eq(registry_resolve(registry, argv, 1, &container), entry_of("config"));
    cr_assert_eq(entry_of("config|get")->parent, entry_of("config"));

    argv[1] = BYTES("nope");
    cr_assert_null(registry_resolve(registry, argv, 3, &container));
    cr_assert_eq(container, entry_of("config"));
    argv[0] = BYTES("nope");
    cr_assert_null(registry_resolve(registry, argv, 3, &container));
    cr_assert_null(container);
    /* GET of CONFIG is not the GET of keys. */
    cr_assert_neq(entry_of("config|get"), entry_of("get"));
}

/* --- grammar --- */

Test(registry, derives_arity_from_the_grammar) {
    static const struct {
        const char *name;
        int arity;
    } cases[] = {
        {"get", 2},          {"set", -3},        {"mset", -3},       {"lmpop", -4},
        {"blpop", -3},       {"bitop", -4},      {"georadius", -6},  {"xread", -4},
        {"lcs", -3},         {"rename", 3},      {"del", -2},        {"migrate", -6},
        {"zunionstore", -4}, {"eval", -3},       {"config", -2},     {"config|get", -3},
        {"config|set", -4},  {"config|help", 2}, {"object|freq", 3}, {"quit", -1},
        {"ping", -1},        {"spublish", 3},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_eq(entry_of(cases[i].name)->arity, cases[i].arity, "%s: %d", cases[i].name,
                     entry_of(cases[i].name)->arity);
    cr_expect(registry_arity_fits(entry_of("set"), 3) && registry_arity_fits(entry_of("set"), 9));
    cr_expect(!registry_arity_fits(entry_of("set"), 2) && !registry_arity_fits(entry_of("get"), 3));
}

/* "first last step" then the specifications: where, how, flags as bits are checked elsewhere. */
static const char *places(const struct command_entry *entry) {
    static char text[512];
    int at = snprintf(text, sizeof(text), "%d %d %d%s", entry->key_first, entry->key_last,
                      entry->key_step, entry->movable_keys ? " movable" : "");
    for (int i = 0; i < entry->key_spec_count; i++) {
        const struct key_spec *spec = &entry->key_specs[i];
        char where[64] = "unknown", how[64] = "unknown";
        if (spec->begin == KEY_BEGIN_INDEX) snprintf(where, sizeof(where), "%d", spec->begin_at);
        if (spec->begin == KEY_BEGIN_KEYWORD)
            snprintf(where, sizeof(where), "%s from %d", spec->keyword, spec->begin_at);
        if (spec->find == KEY_FIND_RANGE)
            snprintf(how, sizeof(how), "to %d by %d of %d", spec->last, spec->step, spec->limit);
        if (spec->find == KEY_FIND_COUNT)
            snprintf(how, sizeof(how), "count %d first %d by %d", spec->count_at, spec->first_at,
                     spec->step);
        at += snprintf(text + at, sizeof(text) - (size_t)at, "; %s, %s", where, how);
    }
    return text;
}

Test(registry, derives_where_keys_stand) {
    static const char *const cases[][2] = {
        {"ping", "0 0 0"},
        {"get", "1 1 1; 1, to 0 by 1 of 0"},
        {"mset", "1 -1 2; 1, to -1 by 2 of 0"},
        {"del", "1 -1 1; 1, to -1 by 1 of 0"},
        {"blpop", "1 -2 1; 1, to -2 by 1 of 0"},
        {"lcs", "1 2 1; 1, to 1 by 1 of 0"},
        {"rename", "1 2 1; 1, to 0 by 1 of 0; 2, to 0 by 1 of 0"},
        {"bitop", "2 -1 1; 2, to 0 by 1 of 0; 3, to -1 by 1 of 0"},
        {"object|freq", "2 2 1; 2, to 0 by 1 of 0"},
        {"spublish", "1 1 1; 1, to 0 by 1 of 0"},
        {"lmpop", "0 0 0 movable; 1, count 0 first 1 by 1"},
        {"eval", "0 0 0 movable; 2, count 0 first 1 by 1"},
        {"msetex", "0 0 0 movable; 1, count 0 first 1 by 2"},
        {"zunionstore", "1 1 1 movable; 1, to 0 by 1 of 0; 2, count 0 first 1 by 1"},
        {"xread", "0 0 0 movable; STREAMS from 1, to -1 by 1 of 2"},
        {"georadius", "1 1 1 movable; 1, to 0 by 1 of 0; STORE from 6, to 0 by 1 of 0; "
                      "STOREDIST from 6, to 0 by 1 of 0"},
        {"migrate", "3 3 1 movable; 3, to 0 by 1 of 0; KEYS from -2, to -1 by 1 of 0"},
        {"sort", "1 1 1 movable; 1, to 0 by 1 of 0; unknown, unknown; unknown, unknown"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_str_eq(places(entry_of(cases[i][0])), cases[i][1], "%s: %s", cases[i][0],
                         places(entry_of(cases[i][0])));
}

Test(registry, derives_the_use_of_keys_from_the_access) {
    cr_expect_eq(entry_of("get")->key_specs[0].use, KEY_READ | KEY_ACCESSES);
    cr_expect_eq(entry_of("tally.add")->key_specs[0].use, KEY_WRITE | KEY_UPDATES);
    cr_expect_eq(entry_of("eval")->key_specs[0].use, KEY_WRITE | KEY_ACCESSES | KEY_UPDATES);
    cr_expect_eq(entry_of("del")->key_specs[0].use, KEY_REMOVE | KEY_DELETES);
    cr_expect_eq(entry_of("spublish")->key_specs[0].use, KEY_NOT_A_KEY);
    cr_expect(entry_of("tally.add")->writes && entry_of("tally.add")->denies_oom);
    cr_expect(entry_of("del")->writes && !entry_of("del")->denies_oom);
    cr_expect(entry_of("get")->reads && !entry_of("get")->writes);
    cr_expect(!registry_has_keys(entry_of("spublish")) && registry_has_keys(entry_of("sort")));
    /* Arguments of one place share its number; BY and GET of SORT too. */
    const struct command_entry *sort = entry_of("sort");
    cr_expect_eq(registry_key_spec_of(sort, &sort->command->args[1]), 1);
    cr_expect_eq(registry_key_spec_of(sort, &sort->command->args[2]), 1);
    cr_expect_eq(registry_key_spec_of(sort, &sort->command->args[3]), 2);
    const struct command_entry *lcs = entry_of("lcs");
    cr_expect_eq(registry_key_spec_of(lcs, &lcs->command->args[1]), 0);
    cr_expect_eq(registry_key_spec_of(lcs, &lcs->command->args[2]), -1);
}

/* --- categories --- */

static const char *categories(const struct command_entry *entry) {
    static char text[256];
    int at = 0;
    text[0] = '\0';
    for (size_t bit = 0; bit < registry_category_count(registry); bit++)
        if (entry->categories >> bit & 1)
            at += snprintf(text + at, sizeof(text) - (size_t)at, "@%s ",
                           registry_category_name(registry, bit));
    return text;
}

Test(registry, derives_categories) {
    static const char *const cases[][2] = {
        {"get", "@read @string @fast "},
        {"set", "@write @string @slow "},
        {"lmpop", "@write @list @slow "},
        {"zunionstore", "@write @sortedset @slow "},
        {"xread", "@read @stream @slow @blocking "},
        {"rename", "@keyspace @write @slow "},
        {"sort", "@write @set @sortedset @list @slow @dangerous "},
        {"eval", "@slow @scripting "},
        {"eval_ro", "@slow @scripting "},
        {"spublish", "@pubsub @fast "},
        {"ping", "@fast @connection "},
        {"config", "@slow "},
        {"config|get", "@admin @slow @dangerous "},
        {"config|help", "@slow "},
        {"object", "@slow "},
        {"object|freq", "@keyspace @read @slow "},
        {"object|help", "@keyspace @slow "},
        {"tally.add", "@write @fast @tally "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_str_eq(categories(entry_of(cases[i][0])), cases[i][1], "%s: %s", cases[i][0],
                         categories(entry_of(cases[i][0])));
    cr_expect_eq(registry_category_count(registry), 22);
    cr_expect_eq(registry_category_bit(registry, BYTES("KEYSPACE")), 0);
    cr_expect_eq(registry_category_bit(registry, BYTES("Tally")), 21);
    cr_expect_eq(registry_category_bit(registry, BYTES("server")), -1);
    cr_expect_str_eq(entry_of("tally.add")->group, "tally");
    cr_expect_str_eq(entry_of("config|get")->group, "server");
    cr_expect_str_eq(entry_of("object|freq")->group, "generic");
}

/* --- keys of a request --- */

/* Positions as text, "2 5"; "wrong" when the request does not fit. */
static const char *keys_of(const char *line) {
    static char text[256];
    char copy[256];
    struct bytes argv[32];
    snprintf(copy, sizeof(copy), "%s", line);
    int argc = 0;
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = bytes_of(word);
    const struct command_entry *entry = registry_resolve(registry, argv, argc, NULL);
    cr_assert_not_null(entry, "%s", line);
    struct key_position keys[32];
    int count = registry_keys(entry, argv, argc, keys, 32);
    if (count < 0) return "wrong";
    int at = 0;
    text[0] = '\0';
    for (int i = 0; i < count; i++)
        at += snprintf(text + at, sizeof(text) - (size_t)at, i == 0 ? "%d" : " %d", keys[i].index);
    return text;
}

Test(registry, finds_the_keys_of_a_request) {
    static const char *const cases[][2] = {
        {"GET a", "1"},
        {"MSET a 1 b 2", "1 3"},
        {"MSET a 1 b", "1 3"},
        {"BLPOP a b 0", "1 2"},
        {"LCS a b LEN", "1 2"},
        {"OBJECT FREQ a", "2"},
        {"LMPOP 2 a b LEFT", "2 3"},
        {"LMPOP 0 a LEFT", ""},
        {"LMPOP x a LEFT", "wrong"},
        {"LMPOP -1 a LEFT", "wrong"},
        {"LMPOP 3 a LEFT", "wrong"},
        {"LMPOP 9223372036854775807 a LEFT", "wrong"},
        {"MSETEX 2 a 1 b 2 EX 3", "2 4"},
        {"MSETEX 3 a 1 b 2 c", "2 4 6"},
        {"MSETEX 4 a 1 b 2 c", "wrong"},
        {"ZUNIONSTORE d 2 a b WEIGHTS 1 2", "1 3 4"},
        {"EVAL s 0 a", ""},
        {"EVAL s 1 a b", "3"},
        {"XREAD COUNT 1 streams a b 1 2", "4 5"},
        {"XREAD STREAMS a b 1", "2"},
        {"GEORADIUS k 1 1 1 m WITHCOORD store d", "1 8"},
        {"GEORADIUS k 1 1 1 m STOREDIST d STORE e", "1 9 7"},
        {"GEORADIUS k 1 1 1 m STORE", "1"},
        {"MIGRATE h 1 k 0 10 AUTH KEYS KEYS a b", "3 9 10"},
        {"SORT k BY w STORE d STORE e", "1 7"},
        {"SPUBLISH c m", ""},
        {"PING", ""},
        {"TALLY.NAME_OF_THIRTY_TWO_BYTES_X", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_str_eq(keys_of(cases[i][0]), cases[i][1], "%s: %s", cases[i][0],
                         keys_of(cases[i][0]));
}

Test(registry, counts_keys_that_there_is_no_room_for) {
    struct bytes argv[] = {BYTES("DEL"), BYTES("a"), BYTES("b"), BYTES("c")};
    struct key_position keys[2] = {{0}, {.index = 77}};
    cr_assert_eq(registry_keys(entry_of("del"), argv, 4, keys, 1), 3);
    cr_assert_eq(keys[0].index, 1);
    cr_assert_eq(keys[1].index, 77);
}

Test(registry, tells_how_this_request_uses_its_key) {
    struct bytes argv[] = {BYTES("SET"), BYTES("k"), BYTES("v"), BYTES("get")};
    struct key_position key;
    cr_assert_eq(registry_keys(entry_of("set"), argv, 3, &key, 1), 1);
    cr_expect_eq(key.use, KEY_OVERWRITE | KEY_UPDATES);
    cr_assert_eq(registry_keys(entry_of("set"), argv, 4, &key, 1), 1);
    cr_expect_eq(key.use, KEY_WRITE | KEY_ACCESSES | KEY_UPDATES);
}

/* --- usage --- */

Test(registry, writes_usage_lines) {
    static const char *const cases[][2] = {
        {"get", "GET key"},
        {"set", "SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]"},
        {"mset", "MSET key value [key value ...]"},
        {"lmpop", "LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]"},
        {"sort", "SORT key [BY by] [GET get [GET get ...]] [STORE destination]"},
        {"migrate", "MIGRATE host port <key | \"\"> destination-db timeout [COPY] [AUTH auth] "
                    "[KEYS keys [keys ...]]"},
        {"georadius", "GEORADIUS key longitude latitude radius <M | KM> [WITHCOORD] "
                      "[STORE key | STOREDIST key]"},
        {"xread", "XREAD [COUNT count] STREAMS key [key ...] id [id ...]"},
        {"config|set", "CONFIG SET parameter value [parameter value ...]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char line[256];
        size_t len = registry_usage(entry_of(cases[i][0]), line, sizeof(line) - 1);
        line[len] = '\0';
        cr_expect_str_eq(line, cases[i][1], "%s", line);
    }
}

Test(registry, cuts_a_usage_line_that_does_not_fit) {
    char line[8] = "-------";
    cr_assert_eq(registry_usage(entry_of("mset"), line, 6), 6);
    cr_assert_str_eq(line, "MSET k-");
}

/* --- names that clients know and others do not --- */

static enum registry_renamed rename_to(const char *name, const char *other) {
    return registry_rename(registry, bytes_of(name), bytes_of(other));
}

static struct command_entry *called(const char *name) {
    return registry_find_full(registry, bytes_of(name));
}

Test(registry, a_renamed_command_is_found_by_its_new_name_alone) {
    struct command_entry *get = entry_of("get");
    cr_assert_eq(rename_to("GET", "Fetch"), REGISTRY_RENAMED);
    cr_assert_eq(called("fETCH"), get);
    cr_assert_null(called("get"));
    cr_assert_str_eq(get->full_name, "get");
    cr_assert(bytes_equal(get->called, BYTES("Fetch")));
    cr_assert_eq(registry_find_declared(registry, BYTES("GET")), get);
    cr_assert_null(registry_find_declared(registry, BYTES("fetch")));
}

Test(registry, a_name_of_any_bytes_and_any_length_will_do) {
    static const char *const names[] = {"a",
                                        "a b",
                                        "get|get",
                                        "get-of-exactly-thirty-two-bytes",
                                        "b840fc02d524045429941cc15f59e41cb7be6c52",
                                        "B840FC02D524045429941CC15F59E41CB7BE6C52B840FC02D524045"};
    struct command_entry *get = entry_of("get");
    const char *before = "get";
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        cr_assert_eq(rename_to(before, names[i]), REGISTRY_RENAMED, "%s", names[i]);
        cr_assert_eq(called(names[i]), get, "%s", names[i]);
        cr_assert_null(called(before), "%s", before);
        before = names[i];
    }
    cr_assert_eq(called("b840fc02d524045429941cc15f59e41cb7be6c52b840fc02d524045"), get);
}

Test(registry, subcommands_go_with_the_name_of_their_command) {
    struct command_entry *config_get = entry_of("config|get");
    cr_assert_eq(rename_to("config", "cfg"), REGISTRY_RENAMED);
    cr_assert_eq(called("cfg|get"), config_get);
    cr_assert_null(called("config|get"));
    struct bytes words[] = {BYTES("CFG"), BYTES("GET"), BYTES("port")};
    struct bytes old_words[] = {BYTES("CONFIG"), BYTES("GET"), BYTES("port")};
    cr_assert_eq(registry_resolve(registry, words, 3, NULL), config_get);
    cr_assert_null(registry_resolve(registry, old_words, 3, NULL));
    cr_assert_eq(registry_resolve_declared(registry, old_words, 3), config_get);
    cr_assert_null(registry_resolve_declared(registry, words, 3));
}

Test(registry, a_command_without_a_name_is_nowhere_but_among_the_declared) {
    size_t count = registry_count(registry);
    struct command_entry *set = entry_of("set");
    cr_assert_eq(rename_to("set", ""), REGISTRY_RENAMED);
    cr_assert_null(called("set"));
    cr_assert_null(called(""));
    cr_assert_eq(registry_count(registry), count - 1);
    for (size_t i = 0; i < count - 1; i++) cr_assert_neq(registry_at(registry, i), set);
    cr_assert_eq(registry_find_declared(registry, BYTES("SET")), set);
    cr_assert_eq(rename_to("set", "x"), REGISTRY_NO_SUCH_NAME);
    cr_assert_eq(rename_to("get", "set"), REGISTRY_RENAMED);
    cr_assert_eq(called("set"), entry_of("set"));
}

Test(registry, names_can_be_swapped_and_none_can_be_taken) {
    struct command_entry *get = entry_of("get"), *set = entry_of("set");
    cr_assert_eq(rename_to("get", "SET"), REGISTRY_NAME_TAKEN);
    cr_assert_eq(rename_to("nothing", "x"), REGISTRY_NO_SUCH_NAME);
    cr_assert_eq(rename_to("config|get", "x"), REGISTRY_NO_SUCH_NAME);
    cr_assert_eq(rename_to("get", "GET"), REGISTRY_RENAMED);
    cr_assert_eq(called("get"), get);
    cr_assert_eq(rename_to("get", "between"), REGISTRY_RENAMED);
    cr_assert_eq(rename_to("set", "get"), REGISTRY_RENAMED);
    cr_assert_eq(rename_to("between", "set"), REGISTRY_RENAMED);
    cr_assert_eq(called("get"), set);
    cr_assert_eq(called("set"), get);
}
