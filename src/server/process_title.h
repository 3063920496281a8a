/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What ps and top show of the process: set-proc-title, proc-title-template.
 *
 * Linux shows the memory in which the program's words and its environment were laid, so a title is
 * written over them; both are moved away first. */
#include <stddef.h>

#include "base/bytes.h"

struct server;

/* Moves the words and the environment away; once, before threads, and before anybody keeps a
 * pointer to either. Returns the words' new place (it and they live as long as the process). */
char *const *process_title_setup(int argc, char *const *argv);

/* Shows the title that the options ask for now, and again whenever they change. */
void process_title_show(struct server *server);

/* The title of a template in `out`, ended by a zero byte; returns its length, which is below
 * `capacity`. Names as in redis.conf: {title} {listen-addr} {server-mode} {port} {tls-port}
 * {unixsocket} {config-file}; "{{" is a brace. Blanks at the end go. */
struct process_title_parts {
    const char *program;
    const char *bind; /* as the option has it */
    int port;         /* 0: none */
    const char *unix_path;
    const char *config_file;
};
size_t process_title_format(const char *format, const struct process_title_parts *parts, char *out,
                            size_t capacity);
