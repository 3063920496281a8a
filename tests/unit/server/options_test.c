/* SPDX-License-Identifier: BSD-3-Clause */
/* The values of parameters: what is taken, what is refused and how, who hears of it. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/memory.h"
#include "commands/executor.h"
#include "commands/family.h"
#include "protocol/output.h"
#include "server/options.h"

struct fixture {
    struct options *options;
    struct arena arena;
    char reason[OPTIONS_REASON_MAX];
};

static void setup(struct fixture *fixture) {
    fixture->options = options_create(NULL, 0);
    arena_init(&fixture->arena);
    fixture->reason[0] = '\0';
}

static void teardown(struct fixture *fixture) {
    options_destroy(&fixture->options);
    arena_deinit(&fixture->arena);
    cr_assert_null(fixture->options);
}

static bool set(struct fixture *fixture, const char *name, const char *value) {
    return options_set(fixture->options, name, bytes_of(value), fixture->reason);
}

/* Valid until the test ends. */
static const char *get(struct fixture *fixture, const char *name) {
    int index = options_index(fixture->options, name);
    struct bytes text = options_print(fixture->options, index, &fixture->arena);
    return arena_format(&fixture->arena, "%.*s", (int)text.len, text.data).data;
}

static void expect_kept(struct fixture *fixture, const char *name, const char *value,
                        const char *shown) {
    cr_assert(set(fixture, name, value), "%s %s: %s", name, value, fixture->reason);
    cr_assert_str_eq(get(fixture, name), shown);
}

static void expect_refused(struct fixture *fixture, const char *name, const char *value,
                           const char *reason) {
    const char *before = get(fixture, name);
    cr_assert_not(set(fixture, name, value), "%s took %s", name, value);
    cr_assert_str_eq(fixture->reason, reason);
    cr_assert_str_eq(get(fixture, name), before);
}

static bool set_pairs(struct fixture *fixture, const char *const *words, size_t pairs) {
    struct bytes list[16];
    for (size_t i = 0; i < 2 * pairs; i++) list[i] = bytes_of(words[i]);
    return options_set_pairs(fixture->options, list, pairs, false, fixture->reason);
}

/* --- kinds --- */

/* {name, value, how it is shown, or NULL with the reason} */
struct example {
    const char *name;
    const char *value;
    const char *shown;
    const char *reason;
};

static const struct example examples[] = {
    {"activerehashing", "YES", "yes", NULL},
    {"activerehashing", "1", NULL, "argument must be 'yes' or 'no'"},
    {"timeout", "2147483647", "2147483647", NULL},
    {"timeout", "2147483648", NULL, "argument must be between 0 and 2147483647 inclusive"},
    {"timeout", "05", NULL, "argument couldn't be parsed into an integer"},
    {"timeout", "+5", NULL, "argument couldn't be parsed into an integer"},
    {"timeout", "", NULL, "argument couldn't be parsed into an integer"},
    {"slowlog-log-slower-than", "-1", "-1", NULL},
    {"maxmemory", "10gB", "10737418240", NULL},
    {"maxmemory", "1k", "1000", NULL},
    {"maxmemory", "18446744073709551615", "18446744073709551615", NULL},
    {"maxmemory", "18446744073709551616", NULL, "argument must be a memory value"},
    {"maxmemory", "-1", NULL, "argument must be a memory value"},
    {"maxmemory", "12.5mb", NULL, "argument must be a memory value"},
    {"proto-max-bulk-len", "1", NULL,
     "argument must be between 1048576 and 9223372036854775807 inclusive"},
    {"proto-max-bulk-len", "9223372036854775808", NULL,
     "argument must be between 1048576 and 9223372036854775807 inclusive"},
    {"slot-migration-max-failover-repl-bytes", "-1", "-1", NULL},
    {"slot-migration-max-failover-repl-bytes", "-2", NULL,
     "argument must be between -1 and 9223372036854775807 inclusive"},
    {"maxmemory-clients", "5%", "5%", NULL},
    {"maxmemory-clients", "0%", "0", NULL},
    {"maxmemory-clients", "1mb", "1048576", NULL},
    {"maxmemory-clients", "101%", NULL, "percentage argument must be less or equal to 100"},
    {"maxmemory-clients", "5.5%", NULL, "argument must be a memory or percent value"},
    {"appendfsync", "ALWAYS", "always", NULL},
    {"appendfsync", "always no", NULL,
     "argument(s) must be one of the following: everysec, always, no"},
    {"shutdown-on-sigterm", "force nosave now", "nosave now force", NULL},
    {"shutdown-on-sigterm", "default save", "save", NULL},
    {"shutdown-on-sigterm", "failover", "failover", NULL},
    {"shutdown-on-sigterm", "nosave save", NULL,
     "shutdown options SAVE and NOSAVE can't be used simultaneously"},
    {"shutdown-on-sigterm", "", NULL,
     "argument(s) must be one of the following: default, save, nosave, now, force"},
    {"unixsocketperm", "0777", "777", NULL},
    {"unixsocketperm", "+7", "7", NULL},
    {"unixsocketperm", "08", NULL, "argument couldn't be parsed as an octal number"},
    {"unixsocketperm", "1777", NULL, "argument must be between 0 and 777 inclusive"},
    {"unixsocketperm", "-7", NULL, "argument must be between 0 and 777 inclusive"},
    {"hz", "1000000000", "500", NULL},
    {"hz", "0", "1", NULL},
    {"repl-backlog-size", "1k", "16384", NULL},
    {"save", "", "", NULL},
    {"save", "1 0", "1 0", NULL},
    {"save", "1 1 2", NULL, "Invalid save parameters"},
    {"save", "0 1", NULL, "Invalid save parameters"},
    {"save", "  3600   1  300 100 ", NULL, "Invalid save parameters"},
    {"client-output-buffer-limit", "NORMAL 9 1kb 9",
     "normal 9 1024 9 slave 268435456 67108864 60 pubsub 33554432 8388608 60", NULL},
    {"client-output-buffer-limit", "replica 7 7 7 pubsub 1 2 3",
     "normal 0 0 0 slave 7 7 7 pubsub 1 2 3", NULL},
    {"client-output-buffer-limit", "normal 1 2", NULL,
     "Wrong number of arguments in buffer limit configuration."},
    {"client-output-buffer-limit", "master 1 1 1", NULL,
     "Invalid client class specified in buffer limit configuration."},
    {"client-output-buffer-limit", "normal 1 2 -3", NULL,
     "Error in hard, soft or soft_seconds setting in buffer limit configuration."},
    {"oom-score-adj-values", "-1 2 2000", "-1 2 2000", NULL},
    {"oom-score-adj-values", "1 2", NULL, "wrong number of arguments"},
    {"oom-score-adj-values", "a b c", NULL,
     "Invalid oom-score-adj-values, elements must be between -2000 and 2000."},
    {"latency-tracking-info-percentiles", "50.5 0 1e1 50.1234567", "50.5 0 10 50.123457", NULL},
    {"latency-tracking-info-percentiles", "100.00001", NULL,
     "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"},
    {"latency-tracking-info-percentiles", "nan", NULL,
     "Invalid latency-tracking-info-percentiles parameters"},
    {"notify-keyspace-events", "g$lshzxetd", "A", NULL},
    {"notify-keyspace-events", "KEA", "AKE", NULL},
    {"notify-keyspace-events", "xE$K", "$xKE", NULL},
    {"notify-keyspace-events", "aKEmA", "AKEma", NULL},
    {"notify-keyspace-events", "gK gE", NULL,
     "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."},
    {"bind", "127.0.0.1 -::1", "127.0.0.1 -::1", NULL},
    {"bind", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", NULL,
     "Too many bind addresses specified."},
    {"replicaof", "no one", "", NULL},
    {"replicaof", "localhost 6380", "localhost 6380", NULL},
    {"replicaof", "a b", NULL, "Invalid master port"},
    {"dbfilename", "a/b", NULL, "dbfilename can't be a path, just a filename"},
    {"appenddirname", "", NULL, "appenddirname can't be empty"},
    {"proc-title-template", "{title} {port}", "{title} {port}", NULL},
    {"proc-title-template", "{zork}", NULL,
     "template format is invalid or contains unknown variables"},
    {"cluster-announce-hostname", "a b", NULL,
     "Hostnames may only contain alphanumeric characters, hyphens or dots"},
    {"cluster-announce-client-ipv4", "1.2.3.4.5", NULL, "Invalid IPv4 address"},
    {"redis-version", "8.0.6", "8.0.6", NULL},
    {"redis-version", "8.0", NULL, "argument must be a version of three numbers, as in 7.4.0"},
};

/* Each test is a process of its own, where pointers of this one mean nothing: numbers do. */
ParameterizedTestParameters(options, takes_and_shows_values_as_redis_does) {
    static size_t numbers[COUNT_OF(examples)];
    for (size_t i = 0; i < COUNT_OF(examples); i++) numbers[i] = i;
    return cr_make_param_array(size_t, numbers, COUNT_OF(examples));
}
ParameterizedTest(const size_t *number, options, takes_and_shows_values_as_redis_does) {
    const struct example *example = &examples[*number];
    struct fixture fixture;
    setup(&fixture);
    if (example->shown != NULL)
        expect_kept(&fixture, example->name, example->value, example->shown);
    else expect_refused(&fixture, example->name, example->value, example->reason);
    teardown(&fixture);
}

Test(options, begins_with_defaults_that_can_be_set_again) {
    struct fixture fixture;
    setup(&fixture);
    for (size_t i = 0; i < options_count(fixture.options); i++) {
        const char *name = options_declaration(fixture.options, (int)i)->name;
        cr_assert(options_is_default(fixture.options, (int)i), "%s", name);
        cr_assert(set(&fixture, name, get(&fixture, name)), "%s: %s", name, fixture.reason);
        cr_assert(options_is_default(fixture.options, (int)i), "%s", name);
    }
    teardown(&fixture);
}

Test(options, says_of_every_parameter_what_it_is_for) {
    struct fixture fixture;
    setup(&fixture);
    for (size_t i = 0; i < options_count(fixture.options); i++) {
        const struct option *option = options_declaration(fixture.options, (int)i);
        size_t len = strlen(option->help);
        cr_assert(len > 5 && (option->help[len - 1] == '.'), "%s", option->name);
        bool chooses = option->kind == OPTION_ENUM || option->kind == OPTION_FLAGS;
        cr_assert_eq(chooses, option->words != NULL, "%s", option->name);
    }
    teardown(&fixture);
}

Test(options, finds_names_and_aliases_in_any_case) {
    struct fixture fixture;
    setup(&fixture);
    int index = options_index(fixture.options, "replica-priority");
    cr_assert_eq(options_find(fixture.options, BYTES("SLAVE-priority")), index);
    cr_assert_eq(options_find(fixture.options, BYTES("slave-priorit")), -1);
    cr_assert_eq(options_find(fixture.options, BYTES("slave-priority2")), -1);
    cr_assert_eq(options_find(fixture.options, BYTES("")), -1);
    cr_assert_eq(options_find(fixture.options, BYTES("port\0x")), -1);
    teardown(&fixture);
}

Test(options, guesses_the_name_that_was_meant) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert_str_eq(options_nearest(fixture.options, BYTES("maxmemry")), "maxmemory");
    cr_assert_str_eq(options_nearest(fixture.options, BYTES("prot")), "port");
    cr_assert_str_eq(options_nearest(fixture.options, BYTES("inclde")), "include");
    cr_assert_null(options_nearest(fixture.options, BYTES("xyzzyxyzzyxyzzy")));
    teardown(&fixture);
}

Test(options, refuses_texts_that_are_too_long_or_hold_a_zero_byte) {
    struct fixture fixture;
    setup(&fixture);
    char *text = memory_allocate(OPTION_TEXT_MAX);
    memset(text, 'x', OPTION_TEXT_MAX);
    cr_assert_not(options_set(fixture.options, "masterauth", bytes_make(text, OPTION_TEXT_MAX),
                              fixture.reason));
    cr_assert_str_eq(fixture.reason, "argument is too long");
    cr_assert(options_set(fixture.options, "masterauth", bytes_make(text, OPTION_TEXT_MAX - 2),
                          fixture.reason));
    cr_assert_not(options_set(fixture.options, "pidfile", BYTES("a\0b"), fixture.reason));
    memory_free(text);
    teardown(&fixture);
}

Test(options, keeps_every_byte_of_a_secret) {
    struct fixture fixture;
    setup(&fixture);
    int index = options_index(fixture.options, "requirepass");
    cr_assert(options_set(fixture.options, "requirepass", BYTES("a\0b"), fixture.reason));
    cr_assert(bytes_equal(options_text_bytes(fixture.options, index), BYTES("a\0b")));
    cr_assert(options_set(fixture.options, "requirepass", BYTES("a\0c"), fixture.reason));
    cr_assert(bytes_equal(options_text_bytes(fixture.options, index), BYTES("a\0c")));
    teardown(&fixture);
}

Test(options, survives_that_there_is_no_memory_for_a_value) {
    struct fixture fixture;
    setup(&fixture);
    for (uint64_t nth = 1; nth <= 2; nth++) {
        memory_fail_try(nth);
        bool done = set(&fixture, "save", "5 5 6 6");
        memory_fail_try(0);
        cr_assert_not(done);
        cr_assert_str_eq(fixture.reason, "out of memory");
        cr_assert_str_eq(get(&fixture, "save"), "3600 1 300 100 60 10000");
    }
    teardown(&fixture);
}

/* --- what owners read --- */

Test(options, gives_owners_typed_values) {
    struct fixture fixture;
    setup(&fixture);
    struct options *options = fixture.options;
    struct option_output_limit limits[3];
    options_output_limits(options, limits);
    cr_assert_eq(limits[0].hard_bytes, 0);
    cr_assert_eq(limits[1].soft_bytes, 64 << 20);
    cr_assert_eq(limits[2].soft_seconds, 60);
    struct option_save_point points[2];
    cr_assert_eq(options_save_points(options, points, 2), 3);
    cr_assert_eq(points[1].seconds, 300);
    cr_assert_eq(points[1].changes, 100);
    double percentiles[8];
    cr_assert_eq(options_percentiles(options, percentiles, 8), 3);
    cr_assert_eq(percentiles[2], 99.9);
    cr_assert_str_eq(options_word(options, options_index(options, "log-format")), "legacy");
    cr_assert(options_bool(options, options_index(options, "protected-mode")));
    cr_assert(set(&fixture, "notify-keyspace-events", "Ka"));
    cr_assert_eq(options_integer(options, options_index(options, "notify-keyspace-events")),
                 EVENT_KEYSPACE | EVENT_APPLICATION);
    int clients = options_index(options, "maxmemory-clients");
    cr_assert(set(&fixture, "maxmemory-clients", "5%"));
    cr_assert_eq(options_share(options, clients, UINT64_MAX), UINT64_MAX / 100 * 5);
    cr_assert(set(&fixture, "maxmemory-clients", "7"));
    cr_assert_eq(options_share(options, clients, 1000), 7);
    teardown(&fixture);
}

/* --- CONFIG SET --- */

Test(options, sets_several_at_once_or_none) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert(set_pairs(&fixture, (const char *[]){"maxmemory", "1mb", "HZ", "20"}, 2));
    cr_assert_str_eq(get(&fixture, "maxmemory"), "1048576");
    cr_assert_str_eq(get(&fixture, "hz"), "20");
    cr_assert_not(
        set_pairs(&fixture, (const char *[]){"maxmemory", "2mb", "save", "9 9", "hz", "x"}, 3));
    cr_assert_str_eq(fixture.reason, "CONFIG SET failed (possibly related to argument 'hz') - "
                                     "argument couldn't be parsed into an integer");
    cr_assert_str_eq(get(&fixture, "maxmemory"), "1048576");
    cr_assert_str_eq(get(&fixture, "save"), "3600 1 300 100 60 10000");
    teardown(&fixture);
}

Test(options, refuses_names_that_may_not_be_set) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert_not(set_pairs(&fixture, (const char *[]){"hz", "9", "zork", "1"}, 2));
    cr_assert_str_eq(fixture.reason,
                     "Unknown option or number of arguments for CONFIG SET - 'zork'");
    cr_assert_not(set_pairs(&fixture, (const char *[]){"databases", "3", "zork", "2"}, 2));
    cr_assert_str_eq(fixture.reason, "CONFIG SET failed (possibly related to argument 'databases')"
                                     " - can't set immutable config");
    cr_assert_not(set_pairs(&fixture, (const char *[]){"dir", "/"}, 1));
    cr_assert_str_eq(fixture.reason, "CONFIG SET failed (possibly related to argument 'dir')"
                                     " - can't set protected config");
    cr_assert_not(set_pairs(&fixture, (const char *[]){"hz", "9", "HZ", "8"}, 2));
    cr_assert_str_eq(fixture.reason, "CONFIG SET failed (possibly related to argument 'HZ')"
                                     " - duplicate parameter");
    cr_assert_str_eq(get(&fixture, "hz"), "10");
    struct bytes pair[] = {BYTES("dbfilename"), BYTES("other.rdb")};
    cr_assert(options_set_pairs(fixture.options, pair, 1, true, fixture.reason));
    cr_assert_str_eq(get(&fixture, "dbfilename"), "other.rdb");
    teardown(&fixture);
}

Test(options, takes_both_names_of_a_parameter_at_once_and_the_later_wins) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert(
        set_pairs(&fixture, (const char *[]){"slave-priority", "1", "replica-priority", "2"}, 2));
    cr_assert_str_eq(get(&fixture, "replica-priority"), "2");
    teardown(&fixture);
}

Test(options, bounds_the_names_it_repeats) {
    struct fixture fixture;
    setup(&fixture);
    char name[4001];
    memset(name, 'x', 4000);
    name[4000] = '\0';
    cr_assert_not(set_pairs(&fixture, (const char *[]){name, "1"}, 1));
    cr_assert_lt(strlen(fixture.reason), 300);
    teardown(&fixture);
}

/* --- those who want to know --- */

struct listener {
    int calls;
    int64_t last;
    int64_t refused; /* a value it does not want */
};

static bool listen(void *context, struct options *options, int index, char *reason) {
    struct listener *listener = context;
    listener->calls++;
    listener->last = options_integer(options, index);
    if (listener->last != listener->refused) return true;
    snprintf(reason, OPTIONS_REASON_MAX, "not %lld", (long long)listener->last);
    return false;
}

static bool count(void *context, struct options *options, int index, char *reason) {
    (void)options;
    (void)index;
    (void)reason;
    (*(int *)context)++;
    return true;
}

Test(options, tells_listeners_of_changes_and_of_nothing_else) {
    struct fixture fixture;
    struct listener listener = {.refused = -1};
    int changes = 0;
    setup(&fixture);
    options_on_change(fixture.options, "hz", listen, &listener);
    options_on_change(fixture.options, NULL, count, &changes);
    cr_assert(set(&fixture, "hz", "10"));
    cr_assert(set(&fixture, "hz", "0"));
    cr_assert(set(&fixture, "hz", "1"));
    cr_assert(set(&fixture, "timeout", "7"));
    cr_assert_eq(listener.calls, 1);
    cr_assert_eq(listener.last, 1);
    cr_assert_eq(changes, 2);
    teardown(&fixture);
}

Test(options, puts_everything_back_when_a_listener_refuses) {
    struct fixture fixture;
    struct listener timeout = {.refused = -1};
    struct listener hz = {.refused = 20};
    setup(&fixture);
    options_on_change(fixture.options, "timeout", listen, &timeout);
    options_on_change(fixture.options, "hz", listen, &hz);
    const char *const words[] = {"timeout", "5", "Hz", "20", "save", "1 1"};
    cr_assert_not(set_pairs(&fixture, words, 3));
    cr_assert_str_eq(fixture.reason,
                     "CONFIG SET failed (possibly related to argument 'Hz') - not 20");
    cr_assert_str_eq(get(&fixture, "timeout"), "0");
    cr_assert_str_eq(get(&fixture, "hz"), "10");
    cr_assert_str_eq(get(&fixture, "save"), "3600 1 300 100 60 10000");
    cr_assert_eq(timeout.last, 0, "the one who had heard hears of the old value");
    cr_assert_eq(hz.last, 10);
    teardown(&fixture);
}

static void reset(void *context) { (*(int *)context)++; }

Test(options, passes_on_that_statistics_begin_anew) {
    struct fixture fixture;
    int resets = 0;
    setup(&fixture);
    options_on_reset(fixture.options, reset, &resets);
    options_on_reset(fixture.options, reset, &resets);
    options_reset_statistics(fixture.options);
    cr_assert_eq(resets, 2);
    teardown(&fixture);
}

Test(options, moves_the_working_directory_and_shows_where_it_is) {
    struct fixture fixture;
    setup(&fixture);
    options_own_directory(fixture.options);
    cr_assert(set(&fixture, "dir", "/tmp/../tmp"));
    cr_assert_str_eq(get(&fixture, "dir"), "/tmp");
    cr_assert_not(set(&fixture, "dir", "/nonexistent"));
    cr_assert_str_eq(fixture.reason, "No such file or directory");
    cr_assert_str_eq(get(&fixture, "dir"), "/tmp");
    teardown(&fixture);
}

Test(options, knows_which_arguments_of_config_set_are_secrets) {
    struct fixture fixture;
    setup(&fixture);
    struct bytes argv[] = {BYTES("CONFIG"), BYTES("SET"),         BYTES("hz"),
                           BYTES("10"),     BYTES("RequirePass"), BYTES("x")};
    bool secret[6];
    for (int i = 0; i < 6; i++) secret[i] = options_argument_is_secret(fixture.options, argv, 6, i);
    cr_assert(!secret[1] && !secret[2] && !secret[3] && !secret[4] && secret[5]);
    teardown(&fixture);
}

/* --- families --- */

static const struct option own[] = {
    {.name = "ts-retention-policy", .kind = OPTION_INTEGER, .fallback = "7", .help = "Ours now."},
    {.name = "own-limit", .kind = OPTION_MEMORY, .fallback = "1mb", .help = "A limit."},
};

Test(options, lets_a_family_take_over_an_inert_parameter) {
    struct family family = {.title = "Own", .options = own, .option_count = COUNT_OF(own)};
    const struct family *families[] = {&family};
    struct options *options = options_create(families, 1);
    int index = options_index(options, "ts-retention-policy");
    cr_assert_eq(options_integer(options, index), 7);
    cr_assert_str_eq(options_title(options, index), "Own");
    cr_assert_eq(options_unsigned(options, options_index(options, "own-limit")), 1 << 20);
    options_destroy(&options);
}

Test(options, warns_of_inert_parameters_that_are_set) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert_eq(options_inert_in_use(fixture.options, &fixture.arena).len, 0);
    cr_assert(set(&fixture, "io-threads", "4"));
    cr_assert(set(&fixture, "hz", "20"));
    cr_assert(set(&fixture, "appendonly", "yes"));
    struct bytes names = options_inert_in_use(fixture.options, &fixture.arena);
    cr_assert(bytes_equal(names, BYTES("appendonly io-threads")));
    teardown(&fixture);
}
