/* SPDX-License-Identifier: BSD-3-Clause */
/* Files, standard input, command lines, and writing them back. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/memory.h"
#include "server/options.h"
#include "server/options_file.h"

struct fixture {
    struct options *options;
    struct options_error error;
    struct arena arena;
    char folder[64];
    char reason[OPTIONS_REASON_MAX];
};

static void setup(struct fixture *fixture) {
    fixture->options = options_create(NULL, 0);
    arena_init(&fixture->arena);
    strcpy(fixture->folder, "/tmp/options-XXXXXX");
    cr_assert_not_null(mkdtemp(fixture->folder));
}

static void teardown(struct fixture *fixture) {
    char command[128];
    options_destroy(&fixture->options);
    arena_deinit(&fixture->arena);
    snprintf(command, sizeof command, "rm -r %s", fixture->folder);
    cr_assert_eq(system(command), 0);
}

static const char *path_of(struct fixture *fixture, const char *name) {
    return arena_format(&fixture->arena, "%s/%s", fixture->folder, name).data;
}

static void write_file(struct fixture *fixture, const char *name, const char *text) {
    FILE *file = fopen(path_of(fixture, name), "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    fclose(file);
}

static const char *read_file(struct fixture *fixture, const char *name) {
    char *text = arena_allocate(&fixture->arena, 64 * 1024);
    FILE *file = fopen(path_of(fixture, name), "r");
    cr_assert_not_null(file);
    text[fread(text, 1, 64 * 1024 - 1, file)] = '\0';
    fclose(file);
    return text;
}

static const char *get(struct fixture *fixture, const char *name) {
    int index = options_index(fixture->options, name);
    struct bytes text = options_print(fixture->options, index, &fixture->arena);
    return arena_format(&fixture->arena, "%.*s", (int)text.len, text.data).data;
}

static bool set(struct fixture *fixture, const char *name, const char *value) {
    return options_set(fixture->options, name, bytes_of(value), fixture->reason);
}

static bool load(struct fixture *fixture, const char *text) {
    return options_load_text(fixture->options, bytes_of(text), "a text", &fixture->error);
}

/* What main is given; nobody writes into it. */
#define ARGUMENTS(...) ((char *const *)(uintptr_t)(const char *[]){"server", __VA_ARGS__, NULL})
static bool start(struct fixture *fixture, char *const *argv) {
    int argc = 0;
    while (argv[argc] != NULL) argc++;
    return options_load_arguments(fixture->options, argc, argv, &fixture->error);
}

/* The report of an error ends with these lines. */
static void expect_error(struct fixture *fixture, const char *end) {
    size_t len = strlen(fixture->error.text);
    size_t expected = strlen(end);
    cr_assert_geq(len, expected);
    cr_assert_str_eq(fixture->error.text + len - expected, end);
}

/* --- lines --- */

Test(options_file, reads_lines_as_redis_does) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert(load(&fixture, "# comment\n"
                             "\n"
                             "   # another\n"
                             "\tPORT  7000  \r\n"
                             "maxmemory 5\"mb\"\n"
                             "requirepass 'a \"b'\n"
                             "masterauth \"\\x41\\n\"\n"
                             "list-max-ziplist-entries 4\n"
                             "hz 20\n"
                             "hz 30"),
              "%s", fixture.error.text);
    cr_assert_str_eq(get(&fixture, "port"), "7000");
    cr_assert_str_eq(get(&fixture, "maxmemory"), "5242880");
    cr_assert_str_eq(get(&fixture, "requirepass"), "a \"b");
    cr_assert_str_eq(get(&fixture, "masterauth"), "A\n");
    cr_assert_str_eq(get(&fixture, "hz"), "30");
    teardown(&fixture);
}

Test(options_file, adds_up_lines_of_parameters_that_have_several) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert(load(&fixture, "save 1 1\nsave 2 2 3 3\n"
                             "client-output-buffer-limit normal 1 2 3\n"
                             "client-output-buffer-limit replica 4 5 6 pubsub 1mb 2kb 3\n"));
    cr_assert_str_eq(get(&fixture, "save"), "1 1 2 2 3 3");
    cr_assert_str_eq(get(&fixture, "client-output-buffer-limit"),
                     "normal 1 2 3 slave 4 5 6 pubsub 1048576 2048 3");
    cr_assert(load(&fixture, "save \"\"\nsave \"4 4 5 5\"\n"));
    cr_assert_str_eq(get(&fixture, "save"), "4 4 5 5");
    teardown(&fixture);
}

Test(options_file, names_file_line_and_the_nearest_word_when_a_word_is_unknown) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert_not(load(&fixture, "port 7000\n\nmaxmemry 5\n"));
    cr_assert_str_eq(fixture.error.text, "\n*** FATAL CONFIG FILE ERROR (Mainstay) ***\n"
                                         "Reading the configuration file, at line 3 of a text\n"
                                         ">>> 'maxmemry 5'\n"
                                         "Bad directive or wrong number of arguments\n"
                                         "Did you mean 'maxmemory'?\n");
    cr_assert_not(load(&fixture, "xyzzyxyzzyxyzzy 1"));
    expect_error(&fixture, "Bad directive or wrong number of arguments\n");
    teardown(&fixture);
}

Test(options_file, says_what_is_wrong_with_a_line) {
    static const struct {
        const char *line;
        const char *error;
    } cases[] = {
        {"port", ">>> 'port'\nwrong number of arguments\n"},
        {"maxmemory 5 mb", ">>> 'maxmemory 5 mb'\nwrong number of arguments\n"},
        {"maxmemory 5mb # x", ">>> 'maxmemory 5mb # x'\nwrong number of arguments\n"},
        {"slaveof", ">>> 'slaveof'\nwrong number of arguments\n"},
        {"port abc", "argument couldn't be parsed into an integer\n"},
        {"maxmemory \"3mb", ">>> 'maxmemory \"3mb'\nUnbalanced quotes in configuration line\n"},
        {"maxmemory \"5mb\"x", "Unbalanced quotes in configuration line\n"},
        {"list-max-ziplist-entries 1 2", "Bad directive or wrong number of arguments\n"
                                         "Did you mean 'hash-max-ziplist-entries'?\n"},
        {"user", "Bad directive or wrong number of arguments\n"},
        {"sentinel monitor x", "sentinel directive while not in sentinel mode\n"},
        {"loadmodule /x.so", "Modules cannot be loaded: what Mainstay offers is built in."
                             " Remove this line.\n"},
        {"pidfile \"\\x00\"", "argument must not contain a zero byte\n"},
        {"activedefrag yes", "shipped by default with the Redis source distribution\n"},
        {"hz \x1b[2J", ">>> 'hz ?[2J'\nargument couldn't be parsed into an integer\n"},
    };
    struct fixture fixture;
    setup(&fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cr_assert_not(load(&fixture, cases[i].line), "%s", cases[i].line);
        expect_error(&fixture, cases[i].error);
    }
    teardown(&fixture);
}

Test(options_file, bounds_what_it_repeats_of_a_line_and_how_many_words_one_has) {
    struct fixture fixture;
    setup(&fixture);
    char *line = memory_allocate(40001);
    memset(line, 'x', 40000);
    line[40000] = '\0';
    cr_assert_not(load(&fixture, line));
    cr_assert_lt(strlen(fixture.error.text), 1000);
    for (size_t i = 0; i < 40000; i += 2) line[i] = ' ';
    cr_assert_not(load(&fixture, line));
    expect_error(&fixture, "Too many words in a line\n");
    memory_free(line);
    teardown(&fixture);
}

Test(options_file, keeps_lines_that_wait_for_their_owner) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert(load(&fixture, "user alice on >x ~* +@all\n"
                             "rename-command CONFIG \"\"\n"
                             "user Alice off\n"
                             "user bob on\n"));
    cr_assert_eq(options_line_count(fixture.options, OPTIONS_USER), 3);
    const struct options_line *line = options_line_at(fixture.options, OPTIONS_USER, 0);
    cr_assert_eq(line->word_count, 5);
    cr_assert(bytes_equal(line->words[0], BYTES("alice")));
    cr_assert(bytes_equal(line->words[4], BYTES("+@all")));
    line = options_line_at(fixture.options, OPTIONS_RENAME_COMMAND, 0);
    cr_assert_eq(line->number, 2);
    cr_assert_eq(line->words[1].len, 0);
    options_line_error(line, "No such command in rename-command", &fixture.error);
    cr_assert_str_eq(fixture.error.text, "\n*** FATAL CONFIG FILE ERROR (Mainstay) ***\n"
                                         "Reading the configuration file, at line 2 of a text\n"
                                         ">>> 'rename-command CONFIG \"\"'\n"
                                         "No such command in rename-command\n");
    cr_assert_not(load(&fixture, "user bob off\n"));
    expect_error(&fixture, "Error in user declaration 'bob': Duplicate user found. A user can only"
                           " be defined once in config files\n");
    teardown(&fixture);
}

/* --- includes --- */

Test(options_file, includes_files_where_they_stand_and_patterns_in_order) {
    struct fixture fixture;
    setup(&fixture);
    write_file(&fixture, "1.conf", "hz 11\ntimeout 1\n");
    write_file(&fixture, "2.conf", "hz 12\n");
    write_file(&fixture, "main.conf",
               arena_format(&fixture.arena,
                            "hz 5\ninclude %s/*.conf2\ninclude %s/[12].conf\n"
                            "timeout 9\n",
                            fixture.folder, fixture.folder)
                   .data);
    cr_assert(options_load_file(fixture.options, path_of(&fixture, "main.conf"), &fixture.error));
    cr_assert_str_eq(get(&fixture, "hz"), "12");
    cr_assert_str_eq(get(&fixture, "timeout"), "9");
    teardown(&fixture);
}

Test(options_file, names_the_included_file_in_which_an_error_is) {
    struct fixture fixture;
    setup(&fixture);
    write_file(&fixture, "b.conf", "\nzork\n");
    const char *path = path_of(&fixture, "b.conf");
    cr_assert_not(load(&fixture, arena_format(&fixture.arena, "include %s\n", path).data));
    cr_assert_not_null(
        strstr(fixture.error.text, arena_format(&fixture.arena, "at line 2 of %s\n", path).data));
    cr_assert_not(load(&fixture, "include /nonexistent\n"));
    cr_assert_str_eq(fixture.error.text, "Fatal error, can't open config file '/nonexistent': "
                                         "No such file or directory\n");
    cr_assert_not(load(&fixture, "include /tmp\n"));
    cr_assert_str_eq(fixture.error.text,
                     "Fatal error, can't read config file '/tmp': Is a directory\n");
    teardown(&fixture);
}

Test(options_file, ends_when_a_file_includes_itself) {
    struct fixture fixture;
    setup(&fixture);
    const char *path = path_of(&fixture, "a.conf");
    write_file(&fixture, "a.conf",
               arena_format(&fixture.arena, "include %s\ninclude %s\n", path, path).data);
    cr_assert_not(options_load_file(fixture.options, path, &fixture.error));
    expect_error(&fixture, "include files are nested too deeply\n");
    teardown(&fixture);
}

/* --- the command line --- */

Test(options_file, reads_command_lines_as_redis_does) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert(
        start(&fixture,
              ARGUMENTS("--port", "7000", "--save", "", "--loglevel", "verbose", "--slaveof", "a",
                        "1", "--maxmemory 1gb", "--bind", "127.0.0.1", "-::1", "--masterauth",
                        "--abc", "--syslog-ident", "a b\n", "--shutdown-on-sigint", "save force")),
        "%s", fixture.error.text);
    cr_assert_str_eq(get(&fixture, "port"), "7000");
    cr_assert_str_eq(get(&fixture, "save"), "");
    cr_assert_str_eq(get(&fixture, "loglevel"), "verbose");
    cr_assert_str_eq(get(&fixture, "replicaof"), "a 1");
    cr_assert_str_eq(get(&fixture, "maxmemory"), "1073741824");
    cr_assert_str_eq(get(&fixture, "bind"), "127.0.0.1 -::1");
    cr_assert_str_eq(get(&fixture, "masterauth"), "--abc");
    cr_assert_str_eq(get(&fixture, "syslog-ident"), "a b\n");
    cr_assert_str_eq(get(&fixture, "shutdown-on-sigint"), "save force");
    cr_assert_str_eq(options_file_path(fixture.options), "");
    teardown(&fixture);
}

Test(options_file, takes_save_alone_on_the_command_line_for_never) {
    char *const *const cases[] = {ARGUMENTS("--save"), ARGUMENTS("--save", "--port", "7000"),
                                  ARGUMENTS("--port", "7000", "--save", "\"\""),
                                  ARGUMENTS("--SAVE", "--save")};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture fixture;
        setup(&fixture);
        cr_assert(start(&fixture, cases[i]), "%s", fixture.error.text);
        cr_assert_str_eq(get(&fixture, "save"), "");
        teardown(&fixture);
    }
}

Test(options_file, says_what_is_wrong_with_a_command_line) {
    const struct {
        char *const *argv;
        const char *error;
    } cases[] = {
        {ARGUMENTS("--port"), ">>> 'port'\nwrong number of arguments\n"},
        {ARGUMENTS("--requirepass", "--loglevel", "verbose"),
         ">>> 'requirepass \"--loglevel\" \"verbose\"'\nwrong number of arguments\n"},
        {ARGUMENTS("--port", "7000", "-x"),
         ">>> 'port \"7000\" \"-x\"'\nwrong number of arguments\n"},
        {ARGUMENTS("--port", "7000\n"),
         ">>> 'port \"7000\\n\"'\nargument couldn't be parsed into an integer\n"},
        {ARGUMENTS("--port=7000"), ">>> 'port=7000'\nBad directive or wrong number of arguments\n"},
        {ARGUMENTS("--hz", "5", "--zork", "1"), "at line 2 of the command line\n>>> 'zork \"1\"'\n"
                                                "Bad directive or wrong number of arguments\n"},
        {ARGUMENTS("-port", "7000"), ">>> '\"-port\" \"7000\"'\n"
                                     "Bad directive or wrong number of arguments\n"},
    };
    struct fixture fixture;
    setup(&fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cr_assert_not(start(&fixture, cases[i].argv));
        char *hint = strstr(fixture.error.text, "Did you mean");
        if (hint != NULL) *hint = '\0';
        expect_error(&fixture, cases[i].error);
    }
    teardown(&fixture);
}

Test(options_file, lets_standard_input_win_over_the_file_and_the_command_line_over_both) {
    struct fixture fixture;
    setup(&fixture);
    write_file(&fixture, "a.conf", "hz 1\ntimeout 1\nport 1\nsave 1 1\n");
    write_file(&fixture, "input", "timeout 2\nport 2\nsave 2 2\n");
    cr_assert_not_null(freopen(path_of(&fixture, "input"), "r", stdin));
    char *path = (char *)(uintptr_t)path_of(&fixture, "a.conf");
    cr_assert(start(&fixture, ARGUMENTS(path, "--port", "3", "--save", "3", "3", "-")));
    cr_assert_str_eq(get(&fixture, "hz"), "1");
    cr_assert_str_eq(get(&fixture, "timeout"), "2");
    cr_assert_str_eq(get(&fixture, "port"), "3");
    cr_assert_str_eq(get(&fixture, "save"), "1 1 2 2 3 3");
    cr_assert_str_eq(options_file_path(fixture.options), path);
    teardown(&fixture);
}

Test(options_file, keeps_the_path_absolute_when_the_working_directory_moves) {
    struct fixture fixture;
    setup(&fixture);
    write_file(&fixture, "a.conf", "dir /\n");
    cr_assert_eq(chdir(fixture.folder), 0);
    options_own_directory(fixture.options);
    cr_assert(start(&fixture, ARGUMENTS("a.conf")));
    cr_assert_str_eq(options_file_path(fixture.options), path_of(&fixture, "a.conf"));
    cr_assert(options_rewrite(fixture.options, fixture.reason));
    cr_assert_str_eq(read_file(&fixture, "a.conf"), "dir /\n");
    teardown(&fixture);
}

/* --- CONFIG REWRITE --- */

static void load_file(struct fixture *fixture, const char *text) {
    write_file(fixture, "a.conf", text);
    char *path = (char *)(uintptr_t)path_of(fixture, "a.conf");
    cr_assert(start(fixture, ARGUMENTS(path)), "%s", fixture->error.text);
}

static void expect_rewritten(struct fixture *fixture, const char *text) {
    cr_assert(options_rewrite(fixture->options, fixture->reason), "%s", fixture->reason);
    cr_assert_str_eq(read_file(fixture, "a.conf"), text);
}

Test(options_file, rewrites_nothing_when_nothing_has_changed) {
    static const char text[] = "# hello\n\n   hz   20  \nmaxmemory 1048576\n#port 5\n"
                               "client-output-buffer-limit replica 256mb 64mb 60\n"
                               "rename-command DEBUG \"\"\nlist-max-ziplist-entries 4\n"
                               "user alice on\ninclude /dev/null\n";
    struct fixture fixture;
    setup(&fixture);
    load_file(&fixture, text);
    expect_rewritten(&fixture, text);
    teardown(&fixture);
}

Test(options_file, rewrites_changed_lines_in_place_and_appends_the_rest) {
    struct fixture fixture;
    setup(&fixture);
    load_file(&fixture, "# hello\nMAXMEMORY 1mb\nslave-priority 5\nsave 1 1\nsave 2 2\n"
                        "client-output-buffer-limit normal 1 2 3\nhz 20");
    cr_assert(set(&fixture, "maxmemory", "3gb"));
    cr_assert(set(&fixture, "replica-priority", "6"));
    cr_assert(set(&fixture, "save", "5 5 6 6 7 7"));
    cr_assert(set(&fixture, "client-output-buffer-limit", "pubsub 1mb 1024 5"));
    cr_assert(set(&fixture, "maxmemory-clients", "5%"));
    cr_assert(set(&fixture, "masterauth", "x\"y\n"));
    cr_assert(set(&fixture, "bind", "127.0.0.1 -::1"));
    cr_assert(set(&fixture, "proto-max-bulk-len", "2000000"));
    expect_rewritten(&fixture, "# hello\nmaxmemory 3gb\nreplica-priority 6\nsave 5 5\nsave 6 6\n"
                               "client-output-buffer-limit normal 1 2 3\nhz 20\n\n"
                               "# Generated by CONFIG REWRITE\n"
                               "bind 127.0.0.1 -::1\n"
                               "proto-max-bulk-len 2000000\n"
                               "client-output-buffer-limit pubsub 1mb 1kb 5\n"
                               "maxmemory-clients 5%\n"
                               "save 7 7\n"
                               "masterauth \"x\\\"y\\n\"\n");
    cr_assert(set(&fixture, "timeout", "5"));
    cr_assert(options_rewrite(fixture.options, fixture.reason));
    const char *text = read_file(&fixture, "a.conf");
    const char *marker = strstr(text, "# Generated by");
    cr_assert_null(strstr(marker + 1, "# Generated by"), "one marker is enough");
    cr_assert_not_null(strstr(text, "timeout 5\n"));
    teardown(&fixture);
}

Test(options_file, rewrites_values_back_to_defaults_and_drops_lines_too_many) {
    struct fixture fixture;
    setup(&fixture);
    load_file(&fixture, "maxmemory 1mb\nmaxmemory 2mb\nsave 1 1\nsave 2 2\nmasterauth x\n");
    cr_assert(set(&fixture, "maxmemory", "0"));
    cr_assert(set(&fixture, "save", ""));
    cr_assert(set(&fixture, "masterauth", ""));
    expect_rewritten(&fixture, "maxmemory 0\nsave \"\"\nmasterauth \"\"\n");
    teardown(&fixture);
}

Test(options_file, rewrites_what_the_command_line_said) {
    struct fixture fixture;
    setup(&fixture);
    write_file(&fixture, "a.conf", "port 1\n");
    char *path = (char *)(uintptr_t)path_of(&fixture, "a.conf");
    cr_assert(start(&fixture, ARGUMENTS(path, "--port", "2", "--hz", "33")));
    expect_rewritten(&fixture, "port 2\n\n# Generated by CONFIG REWRITE\nhz 33\n");
    teardown(&fixture);
}

Test(options_file, rewrites_every_parameter_so_that_it_reads_the_same) {
    static const char *const changes[][2] = {
        {"notify-keyspace-events", "Kagx"},
        {"latency-tracking-info-percentiles", ""},
        {"oom-score-adj-values", "-1 2 3"},
        {"shutdown-on-sigint", "save now"},
        {"unixsocketperm", "755"},
        {"slot-migration-max-failover-repl-bytes", "-1"},
        {"replicaof", "localhost 5"},
        {"maxmemory", "18446744073709551615"},
        {"availability-zone", "a b\x01"},
        {"log-format", "json"},
        {"bind", ""},
        {"client-output-buffer-limit", "slave 1 2 3"},
    };
    struct fixture fixture;
    struct fixture again;
    setup(&fixture);
    setup(&again);
    load_file(&fixture, "");
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        cr_assert(set(&fixture, changes[i][0], changes[i][1]), "%s", fixture.reason);
    cr_assert(options_rewrite(fixture.options, fixture.reason));
    cr_assert(options_load_file(again.options, path_of(&fixture, "a.conf"), &again.error), "%s",
              again.error.text);
    for (size_t i = 0; i < options_count(fixture.options); i++) {
        const char *name = options_declaration(fixture.options, (int)i)->name;
        cr_assert_str_eq(get(&again, name), get(&fixture, name), "%s", name);
    }
    teardown(&again);
    teardown(&fixture);
}

Test(options_file, keeps_the_mode_of_the_file_and_leaves_nothing_beside_it) {
    struct fixture fixture;
    struct stat about;
    setup(&fixture);
    load_file(&fixture, "hz 20\n");
    cr_assert_eq(chmod(path_of(&fixture, "a.conf"), 0600), 0);
    cr_assert(set(&fixture, "hz", "30"));
    expect_rewritten(&fixture, "hz 30\n");
    cr_assert_eq(stat(path_of(&fixture, "a.conf"), &about), 0);
    cr_assert_eq(about.st_mode & 0777, 0600);
    cr_assert_eq(unlink(path_of(&fixture, "a.conf")), 0);
    cr_assert_eq(rmdir(fixture.folder), 0, "nothing else is there");
    cr_assert_not(options_rewrite(fixture.options, fixture.reason));
    cr_assert_str_eq(fixture.reason, "Rewriting config file: No such file or directory");
    cr_assert_eq(mkdir(fixture.folder, 0700), 0);
    teardown(&fixture);
}

Test(options_file, does_not_rewrite_without_a_file) {
    struct fixture fixture;
    setup(&fixture);
    cr_assert_not(options_rewrite(fixture.options, fixture.reason));
    cr_assert_str_eq(fixture.reason, "The server is running without a config file");
    teardown(&fixture);
}
