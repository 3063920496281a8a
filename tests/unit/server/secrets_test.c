/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/secrets.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "server/observe.h"

/* Which of the words are hidden, as one letter each: 'x' hidden, '.' shown. */
static const char *hidden(const struct command *command, const char *const *words, int count) {
    static char marks[32];
    const struct command_entry entry = {.command = command, .full_name = "some"};
    struct bytes argv[32];
    for (int i = 0; i < count; i++) argv[i] = bytes_of(words[i]);
    for (int i = 0; i < count; i++)
        marks[i] = argument_is_secret(&entry, argv, count, i) ? 'x' : '.';
    marks[count] = '\0';
    return marks;
}
#define HIDDEN(command, ...)                              \
    hidden((command), (const char *const[]){__VA_ARGS__}, \
           (int)COUNT_OF(((const char *const[]){__VA_ARGS__})))

static const struct command auth = {
    .name = "AUTH",
    ARGS(STRING("username", .flags = ARG_OPTIONAL | ARG_SECRET),
         STRING("password", .flags = ARG_SECRET)),
};
static const struct command hello = {
    .name = "HELLO",
    ARGS(BLOCK_OPTIONAL(
        "arguments", NULL, INTEGER("protover"),
        BLOCK_OPTIONAL("auth", "AUTH", STRING("username"), STRING("password", .flags = ARG_SECRET)),
        STRING("clientname", .token = "SETNAME", OPTIONAL))),
};
static const struct command migrate = {
    .name = "MIGRATE",
    ARGS(STRING("host"), STRING("auth", .token = "AUTH", .flags = ARG_OPTIONAL | ARG_SECRET),
         STRING("key", .token = "KEYS", OPTIONAL_MULTIPLE)),
};
static const struct command get = {.name = "GET", ARGS(KEY("key"))};

Test(secrets, passwords_are_hidden_wherever_they_may_stand) {
    cr_assert_str_eq(HIDDEN(&auth, "AUTH", "p"), ".x");
    cr_assert_str_eq(HIDDEN(&auth, "AUTH", "u", "p"), ".xx");
    cr_assert_str_eq(HIDDEN(&hello, "HELLO", "3", "AUTH", "u", "p"), "....x");
    cr_assert_str_eq(HIDDEN(&hello, "hello", "3", "setname", "n", "auth", "u", "p"), "......x");
    cr_assert_str_eq(HIDDEN(&migrate, "MIGRATE", "h", "auth", "p", "KEYS", "a", "b"), "...x...");
}

Test(secrets, everything_else_is_shown) {
    cr_assert_str_eq(HIDDEN(&hello, "HELLO", "3", "SETNAME", "n"), "....");
    cr_assert_str_eq(HIDDEN(&get, "GET", "AUTH"), "..");
    const struct command_entry entry = {.command = &get, .full_name = "get"};
    cr_assert_not(secrets_any(&entry));
    const struct command_entry guarded = {.command = &auth, .full_name = "auth"};
    cr_assert(secrets_any(&guarded));
}
