/* SPDX-License-Identifier: BSD-3-Clause */
/* CONFIG as a client meets it. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "commands/executor.h"
#include "commands/family.h"
#include "commands/registry.h"
#include "server/options.h"
#include "server/options_file.h"
#include "server/session.h"

extern const struct family config_family;

struct fixture {
    struct registry *registry;
    struct clock clock;
    struct executor executor;
    struct options *options;
    struct output output;
    struct session session;
};

static void setup(struct fixture *fixture, uint8_t protocol) {
    const struct family *families[] = {&config_family};
    static const uint8_t secret[HASH_SECRET_BYTES] = {1};
    hash_setup(secret);
    *fixture = (struct fixture){.registry = registry_create(families, 1)};
    clock_init_manual(&fixture->clock, 1700000000000000);
    executor_init(&fixture->executor, fixture->registry, &fixture->clock, 1, 1);
    fixture->options = options_create(families, 1);
    fixture->executor.options = fixture->options;
    output_init(&fixture->output, protocol);
}

static void teardown(struct fixture *fixture) {
    options_destroy(&fixture->options);
    executor_deinit(&fixture->executor);
    registry_destroy(&fixture->registry);
    output_deinit(&fixture->output);
}

/* The reply as it goes over the wire, with a final zero. Valid until the next run. */
static const char *run(struct fixture *fixture, const char *text) {
    char line[512];
    struct bytes words[32];
    struct call call;
    struct command_entry *container;
    size_t len = strlen(text);
    cr_assert_lt(len, sizeof line);
    memcpy(line, text, len + 1);
    int count = text_split_words(line, len, words, 32);
    struct command_entry *entry = registry_resolve(fixture->registry, words, count, &container);
    cr_assert_not_null(entry);
    output_clear(&fixture->output, 4096);
    executor_begin(&fixture->executor);
    call_init(&call, &fixture->executor, entry->command, fixture->executor.keyspace.databases,
              words, count, &fixture->output);
    call.arg_at = 2;
    call.session = &fixture->session;
    executor_run(&fixture->executor, &call);
    executor_end(&fixture->executor);
    *output_reserve(&fixture->output, 1) = '\0';
    return fixture->output.data;
}

Test(config_words, gets_names_and_patterns_once_each) {
    struct fixture fixture;
    setup(&fixture, 2);
    cr_assert_str_eq(run(&fixture, "CONFIG GET maxmemory MaxMemory maxmem*y"),
                     "*6\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n"
                     "$16\r\nmaxmemory-policy\r\n$10\r\nnoeviction\r\n"
                     "$27\r\nmaxmemory-eviction-tenacity\r\n$2\r\n10\r\n");
    cr_assert_str_eq(run(&fixture, "CONFIG GET zork"), "*0\r\n");
    cr_assert_str_eq(run(&fixture, "CONFIG GET *OF slaveof"),
                     "*4\r\n$9\r\nreplicaof\r\n$0\r\n\r\n$7\r\nslaveof\r\n$0\r\n\r\n");
    cr_assert_str_eq(run(&fixture, "CONFIG GET HZ"), "*2\r\n$2\r\nHZ\r\n$2\r\n10\r\n");
    teardown(&fixture);
}

Test(config_words, shows_what_is_hidden_only_to_those_who_name_it) {
    struct fixture fixture;
    setup(&fixture, 2);
    cr_assert_str_eq(run(&fixture, "CONFIG GET watchdog-perio*"), "*0\r\n");
    cr_assert_str_eq(run(&fixture, "CONFIG GET watchdog-period"),
                     "*2\r\n$15\r\nwatchdog-period\r\n$1\r\n0\r\n");
    teardown(&fixture);
}

Test(config_words, answers_get_with_a_map_in_resp3) {
    struct fixture fixture;
    setup(&fixture, 3);
    cr_assert_str_eq(run(&fixture, "CONFIG GET port hz"),
                     "%2\r\n$4\r\nport\r\n$4\r\n6379\r\n$2\r\nhz\r\n$2\r\n10\r\n");
    teardown(&fixture);
}

Test(config_words, sets_and_says_why_not) {
    struct fixture fixture;
    setup(&fixture, 2);
    cr_assert_str_eq(run(&fixture, "CONFIG SET hz 20 timeout 5"), "+OK\r\n");
    cr_assert_eq(options_integer(fixture.options, options_index(fixture.options, "hz")), 20);
    cr_assert_str_eq(run(&fixture, "CONFIG SET hz 20 timeout"), "-ERR syntax error\r\n");
    cr_assert_str_eq(run(&fixture, "CONFIG SET \"save\\n\" 1"),
                     "-ERR Unknown option or number of arguments for CONFIG SET - 'save '\r\n");
    cr_assert_str_eq(run(&fixture, "CONFIG SET hz 30 port 70000"),
                     "-ERR CONFIG SET failed (possibly related to argument 'port') - argument must"
                     " be between 0 and 65535 inclusive\r\n");
    cr_assert_eq(options_integer(fixture.options, options_index(fixture.options, "hz")), 20);
    teardown(&fixture);
}

Test(config_words, protects_protected_parameters_as_it_is_told) {
    static const struct {
        const char *rule;
        uint32_t flags;
        bool allowed;
    } cases[] = {{"no", SESSION_UNIX, false},
                 {"no", 0, false},
                 {"local", 0, false},
                 {"local", SESSION_UNIX, true},
                 {"local", SESSION_LOOPBACK, true},
                 {"yes", 0, true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture fixture;
        char reason[OPTIONS_REASON_MAX];
        setup(&fixture, 2);
        cr_assert(options_set(fixture.options, "enable-protected-configs", bytes_of(cases[i].rule),
                              reason));
        fixture.session.flags = cases[i].flags;
        cr_assert_str_eq(run(&fixture, "CONFIG SET dbfilename x.rdb"),
                         cases[i].allowed ? "+OK\r\n"
                                          : "-ERR CONFIG SET failed (possibly related to argument"
                                            " 'dbfilename') - can't set protected config\r\n");
        teardown(&fixture);
    }
}

static void reset(void *context) { (*(int *)context)++; }

Test(config_words, resets_statistics_and_cannot_rewrite_without_a_file) {
    struct fixture fixture;
    int resets = 0;
    setup(&fixture, 2);
    options_on_reset(fixture.options, reset, &resets);
    cr_assert_str_eq(run(&fixture, "CONFIG RESETSTAT"), "+OK\r\n");
    cr_assert_eq(resets, 1);
    cr_assert_str_eq(run(&fixture, "CONFIG REWRITE"),
                     "-ERR The server is running without a config file\r\n");
    teardown(&fixture);
}
