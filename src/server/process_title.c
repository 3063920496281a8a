/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/process_title.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/listen.h"
#include "server/options.h"
#include "server/options_file.h"
#include "server/server.h"

#define TITLE_BYTES_MAX 1024

/* The memory that the system shows is one for the process, as its environment is. */
static struct {
    char *start; /* NULL: not set up, or nothing can be shown */
    size_t size;
    char **words; /* where the program's own words went */
    char **environment;
} shown;

/* --- where it is written --- */

/* The end of the words that lie one behind the other, as the kernel lays them. */
static char *end_of(char *const *words, char *end) {
    for (; *words != NULL && *words == end; words++) end += strlen(*words) + 1;
    return end;
}

/* The list and its words in one block, which stays whole when a variable is taken out. */
static char **copy_words(char *const *words, size_t count) {
    size_t size = (count + 1) * sizeof(char *);
    for (size_t i = 0; i < count; i++) size += strlen(words[i]) + 1;
    char **copy = memory_allocate(size);
    char *at = (char *)(copy + count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]) + 1;
        copy[i] = memcpy(at, words[i], len);
        at += len;
    }
    copy[count] = NULL;
    return copy;
}

char *const *process_title_setup(int argc, char *const *argv) {
    if (argc < 1) return argv;
    char *end = end_of(environ, end_of(argv, argv[0]));
    size_t variables = 0;
    while (environ[variables] != NULL) variables++;
    shown.words = copy_words(argv, (size_t)argc);
    environ = shown.environment = copy_words(environ, variables);
    shown.start = argv[0];
    shown.size = (size_t)(end - argv[0]);
    /* The C library names the program in assertions and in lists of calls, by these pointers. */
    memcpy((void *)(uintptr_t)&argv[0], &shown.words[0], sizeof(argv[0]));
    const char *slash = strrchr(shown.words[0], '/');
    program_invocation_name = shown.words[0];
    program_invocation_short_name = slash == NULL ? shown.words[0] : (char *)(slash + 1);
    return shown.words;
}

static void write_title(const char *title, size_t len) {
    if (len >= shown.size) len = shown.size - 1;
    memcpy(shown.start, title, len);
    memset(shown.start + len, '\0', shown.size - len);
}

/* --- what is written --- */

struct title {
    char *text;
    size_t len;
    size_t capacity;
};

static void add(struct title *title, const char *text, size_t len) {
    size_t room = title->capacity - 1 - title->len;
    if (len > room) len = room;
    memcpy(title->text + title->len, text, len);
    title->len += len;
}

static void add_text(struct title *title, const char *text) { add(title, text, strlen(text)); }

static void add_number(struct title *title, int number) {
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    add_text(title, text);
}

/* The first address and its port, or the Unix socket of a server that has no port. */
static void add_address(struct title *title, const struct process_title_parts *parts) {
    if (parts->port == 0 && parts->unix_path[0] != '\0') {
        add_text(title, "unixsocket:");
        add_text(title, parts->unix_path);
        return;
    }
    const char *first = parts->bind[0] == '-' ? parts->bind + 1 : parts->bind;
    size_t len = strcspn(first, " ");
    if (len == 0) add_text(title, "*");
    else add(title, first, len);
    add_text(title, ":");
    add_number(title, parts->port);
}

/* Writes what the name stands for; returns the name's length, 0 when it is none. */
static size_t add_field(struct title *title, const char *at,
                        const struct process_title_parts *parts) {
    static const char *const names[] = {"{title}",    "{listen-addr}", "{server-mode}", "{port}",
                                        "{tls-port}", "{unixsocket}",  "{config-file}"};
    size_t i = 0;
    while (i < COUNT_OF(names) && strncmp(at, names[i], strlen(names[i])) != 0) i++;
    switch (i) {
    case 0: add_text(title, parts->program); break;
    case 1: add_address(title, parts); break;
    case 2: break; /* "[cluster]" and "[sentinel]" are none of ours */
    case 3: add_number(title, parts->port); break;
    case 4: add_number(title, 0); break;
    case 5: add_text(title, parts->unix_path); break;
    case 6: add_text(title, parts->config_file[0] != '\0' ? parts->config_file : "-"); break;
    default: return 0;
    }
    return strlen(names[i]);
}

size_t process_title_format(const char *format, const struct process_title_parts *parts, char *out,
                            size_t capacity) {
    struct title title = {out, 0, capacity};
    for (const char *at = format; *at != '\0';) {
        size_t len = add_field(&title, at, parts);
        if (len == 0) {
            add(&title, at, 1);
            len = at[0] == '{' && at[1] == '{' ? 2 : 1;
        }
        at += len;
    }
    while (title.len > 0 && out[title.len - 1] == ' ') title.len--;
    out[title.len] = '\0';
    return title.len;
}

static const char *text_of(const struct server *server, const char *name) {
    return options_text(server->options, options_index(server->options, name));
}

static void show(const struct server *server) {
    char title[TITLE_BYTES_MAX];
    struct process_title_parts parts = {
        .program = shown.words[0],
        .bind = text_of(server, "bind"),
        .port = listeners_tcp_port(server),
        .unix_path = text_of(server, "unixsocket"),
        .config_file = options_file_path(server->options),
    };
    size_t len = process_title_format(text_of(server, "proc-title-template"), &parts, title,
                                      sizeof(title));
    write_title(title, len);
}

static bool changed(void *context, struct options *options, int index, char *reason) {
    (void)options;
    (void)index;
    (void)reason;
    show(context);
    return true;
}

void process_title_show(struct server *server) {
    struct options *options = server->options;
    bool wanted = options_bool(options, options_index(options, "set-proc-title"));
    if (shown.start == NULL || !wanted) return;
    show(server);
    options_on_change(options, "proc-title-template", changed, server);
    options_on_change(options, "bind", changed, server);
    options_on_change(options, "port", changed, server);
}
