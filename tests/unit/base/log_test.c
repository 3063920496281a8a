/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static char folder[] = "/tmp/log_test_XXXXXX";
static char path[64];
static char moved_path[64];
static char content[65536];
static struct clock now;
static struct log *logger;

/* 24 November 2026, 07:49:41.699 UTC. */
#define NOW_MS 1795506581699

static void begin(void) {
    setenv("TZ", "UTC0", 1);
    tzset();
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(moved_path, sizeof moved_path, "%s/log.1", folder);
    clock_init_manual(&now, NOW_MS * 1000 + 999);
    logger = log_create();
    log_set_clock(logger, &now);
    cr_assert_eq(log_open_file(logger, path), OUTCOME_OK);
}

static void end(void) {
    log_destroy(&logger);
    cr_assert_null(logger);
    unlink(path);
    unlink(moved_path);
    rmdir(folder);
}

TestSuite(log, .init = begin, .fini = end);

static const char *read_file(const char *name) {
    FILE *file = fopen(name, "r");
    if (file == NULL) return "(no file)";
    size_t len = fread(content, 1, sizeof content - 1, file);
    fclose(file);
    content[len] = '\0';
    return content;
}

/* What was written, after the process's number. */
static void expect(const char *before_pid, const char *after_pid) {
    char expected[1000];
    snprintf(expected, sizeof expected, "%s%d%s\n", before_pid, (int)getpid(), after_pid);
    cr_assert_str_eq(read_file(path), expected);
    cr_assert_eq(truncate(path, 0), 0);
}

Test(log, writes_the_line_of_redis) {
    log_write(logger, LOG_LEVEL_NOTICE, "Ready to accept connections %s", "tcp");
    expect("", ":M 24 Nov 2026 07:49:41.699 * Ready to accept connections tcp");
    log_set_role(logger, 'S');
    log_write(logger, LOG_LEVEL_WARNING, "hot");
    expect("", ":S 24 Nov 2026 07:49:41.699 # hot");
}

Test(log, marks_each_level_as_redis_does) {
    static const char marks[] = ".-*#";
    log_set_level(logger, LOG_LEVEL_DEBUG);
    for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_WARNING; level++) {
        char expected[100];
        snprintf(expected, sizeof expected, ":M 24 Nov 2026 07:49:41.699 %c text", marks[level]);
        log_write(logger, (enum log_level)level, "text");
        expect("", expected);
    }
}

Test(log, writes_logfmt_with_the_fields_of_valkey) {
    log_set_layout(logger, LOG_LAYOUT_LOGFMT);
    log_write(logger, LOG_LEVEL_NOTICE, "User requested shutdown...");
    expect("pid=", " role=primary timestamp=\"24 Nov 2026 07:49:41.699\" level=notice "
                   "message=\"User requested shutdown...\"");
    log_set_timestamp(logger, LOG_TIMESTAMP_MILLISECONDS);
    log_set_role(logger, 'S');
    log_set_level(logger, LOG_LEVEL_VERBOSE);
    log_write(logger, LOG_LEVEL_VERBOSE, "Accepted");
    expect("pid=", " role=replica timestamp=\"1795506581699\" level=info message=\"Accepted\"");
}

Test(log, writes_json_with_the_fields_of_valkey) {
    log_set_layout(logger, LOG_LAYOUT_JSON);
    log_set_timestamp(logger, LOG_TIMESTAMP_ISO8601);
    log_write(logger, LOG_LEVEL_WARNING, "bye");
    expect("{\"pid\":", ",\"role\":\"primary\",\"timestamp\":\"2026-11-24T07:49:41.699+00:00\","
                        "\"level\":\"warning\",\"message\":\"bye\"}");
}

Test(log, tells_local_time_and_how_far_it_is_from_utc) {
    log_set_timestamp(logger, LOG_TIMESTAMP_ISO8601);
    setenv("TZ", "IST-5:30", 1);
    tzset();
    log_write(logger, LOG_LEVEL_NOTICE, "east");
    expect("", ":M 2026-11-24T13:19:41.699+05:30 * east");
    setenv("TZ", "NST3:30", 1);
    tzset();
    log_write(logger, LOG_LEVEL_NOTICE, "west");
    expect("", ":M 2026-11-24T04:19:41.699-03:30 * west");
    log_set_timestamp(logger, LOG_TIMESTAMP_LEGACY);
    log_write(logger, LOG_LEVEL_NOTICE, "west");
    expect("", ":M 24 Nov 2026 04:19:41.699 * west");
}

Test(log, keeps_quiet_below_its_level) {
    log_write(logger, LOG_LEVEL_VERBOSE, "no");
    cr_assert_str_eq(read_file(path), "");
    cr_assert_not(log_wants(logger, LOG_LEVEL_VERBOSE));
    cr_assert(log_wants(logger, LOG_LEVEL_NOTICE));
    log_set_level(logger, LOG_LEVEL_NOTHING);
    cr_assert_not(log_wants(logger, LOG_LEVEL_WARNING));
    log_write(logger, LOG_LEVEL_WARNING, "no");
    cr_assert_str_eq(read_file(path), "");
}

/* A key named by a stranger. */
#define HOSTILE "a\"b\\c\n1:M x\r\t\x01\x1b[0m\x7f\b\f \xc3\xa9 \xc2\x9b \xff \xe2\x82 \xed\xa0\x80"

Test(log, lets_no_message_forge_a_line_or_talk_to_a_terminal) {
    log_write(logger, LOG_LEVEL_NOTICE, "%s", HOSTILE);
    expect("", ":M 24 Nov 2026 07:49:41.699 * a\"b\\c\\n1:M x\\r\\t\\x01\\x1b[0m\\x7f\\x08\\x0c "
               "\xc3\xa9 \\xc2\\x9b \\xff \\xe2\\x82 \\xed\\xa0\\x80");
    log_set_layout(logger, LOG_LAYOUT_JSON);
    log_set_timestamp(logger, LOG_TIMESTAMP_MILLISECONDS);
    log_write(logger, LOG_LEVEL_NOTICE, "%s", HOSTILE);
    expect("{\"pid\":", ",\"role\":\"primary\",\"timestamp\":\"1795506581699\",\"level\":"
                        "\"notice\",\"message\":\"a\\\"b\\\\c\\n1:M x\\r\\t\\u0001\\u001b[0m"
                        "\\u007f\\b\\f \xc3\xa9 \\u00c2\\u009b \\u00ff \\u00e2\\u0082 "
                        "\\u00ed\\u00a0\\u0080\"}");
}

Test(log, cuts_a_long_message_and_ends_its_line) {
    static char text[3 * LOG_MESSAGE_BYTES_MAX];
    for (int layout = LOG_LAYOUT_LEGACY; layout <= LOG_LAYOUT_JSON; layout++) {
        memset(text, 1, sizeof text - 1); /* each byte is escaped: the longest line there is */
        log_set_layout(logger, (enum log_layout)layout);
        log_write(logger, LOG_LEVEL_NOTICE, "%s", text);
        const char *line = read_file(path);
        size_t len = strlen(line);
        cr_assert_geq(len, LOG_MESSAGE_BYTES_MAX * 4u);
        cr_assert_eq(strchr(line, '\n'), line + len - 1);
        static const char *const ends[] = {"\\x01\n", "\\u0001\"\n", "\\u0001\"}\n"};
        cr_assert_str_eq(line + len - strlen(ends[layout]), ends[layout]);
        cr_assert_eq(truncate(path, 0), 0);
    }
}

Test(log, adds_to_what_is_there) {
    log_write(logger, LOG_LEVEL_NOTICE, "one");
    cr_assert_eq(log_reopen(logger), OUTCOME_OK);
    log_write(logger, LOG_LEVEL_NOTICE, "two");
    const char *text = read_file(path);
    cr_assert_not_null(strstr(text, "* one\n"));
    cr_assert_not_null(strstr(text, "* two\n"));
}

Test(log, follows_a_rotation_that_sends_no_signal) {
    log_write(logger, LOG_LEVEL_NOTICE, "old");
    cr_assert_eq(rename(path, moved_path), 0);
    log_write(logger, LOG_LEVEL_NOTICE, "new");
    expect("", ":M 24 Nov 2026 07:49:41.699 * new");
    cr_assert_not_null(strstr(read_file(moved_path), "* old\n"));
    cr_assert_eq(unlink(path), 0);
    log_write(logger, LOG_LEVEL_NOTICE, "newer");
    expect("", ":M 24 Nov 2026 07:49:41.699 * newer");
}

Test(log, stays_where_it_was_when_a_file_cannot_be_opened) {
    cr_assert_eq(log_open_file(logger, "/nowhere/at/all/log"), OUTCOME_IO_FAILED);
    cr_assert_eq(errno, ENOENT);
    log_write(logger, LOG_LEVEL_NOTICE, "still here");
    expect("", ":M 24 Nov 2026 07:49:41.699 * still here");
    cr_assert_eq(log_reopen(logger), OUTCOME_OK);
    log_write(logger, LOG_LEVEL_NOTICE, "still here");
    expect("", ":M 24 Nov 2026 07:49:41.699 * still here");
}

Test(log, writes_to_standard_output_until_told_otherwise) {
    int kept = dup(STDOUT_FILENO);
    int file = open(path, O_WRONLY | O_APPEND);
    dup2(file, STDOUT_FILENO);
    cr_assert_eq(log_open_file(logger, ""), OUTCOME_OK);
    log_write(logger, LOG_LEVEL_NOTICE, "out");
    cr_assert_eq(log_reopen(logger), OUTCOME_OK);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(file);
    expect("", ":M 24 Nov 2026 07:49:41.699 * out");
}

Test(log, leaves_errno_to_whoever_speaks_about_it) {
    errno = EACCES;
    log_set_level(logger, LOG_LEVEL_NOTICE);
    unlink(path);
    log_write(logger, LOG_LEVEL_NOTICE, "%m");
    cr_assert_eq(errno, EACCES);
    expect("", ":M 24 Nov 2026 07:49:41.699 * Permission denied");
}

static void *talk(void *name) {
    for (int i = 0; i < 100; i++) {
        log_write(logger, LOG_LEVEL_NOTICE, "%s says %s.", (const char *)name, (const char *)name);
    }
    return NULL;
}

Test(log, keeps_the_lines_of_several_threads_whole) {
    static char names[3][8] = {"ann", "bob", "cyd"};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, talk, names[i]), 0);
    }
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    char line[200], first[10], second[10];
    int lines = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        cr_assert_eq(sscanf(strstr(line, "* "), "* %9s says %9[a-z].\n", first, second), 2);
        cr_assert_str_eq(first, second);
        lines++;
    }
    fclose(file);
    cr_assert_eq(lines, 300);
}
