/* SPDX-License-Identifier: BSD-3-Clause */
/* The grammar of a command as one line for people: "SET key value [NX | XX] [EX seconds]". */
#include "commands/registry_internal.h"

struct line {
    char *out;
    size_t capacity;
    size_t len;
};

static void put(struct line *line, const char *text) {
    size_t len = strlen(text), room = line->capacity - line->len;
    if (len > room) len = room;
    if (len > 0) memcpy(line->out + line->len, text, len);
    line->len += len;
}

static void put_upper(struct line *line, const char *text) {
    size_t from = line->len;
    put(line, text);
    for (size_t i = from; i < line->len; i++)
        line->out[i] = line->out[i] == '|' ? ' ' : ascii_upper(line->out[i]);
}

static void put_arg(struct line *line, const struct arg *arg);

/* One repetition, without token and brackets. */
static void put_body(struct line *line, const struct arg *arg) {
    if (arg->kind == ARG_TOKEN) {
        put(line, arg->token[0] == '\0' ? "\"\"" : arg->token);
    } else if (arg->arg_count > 0) {
        const char *between = arg->kind == ARG_ONEOF ? " | " : " ";
        for (size_t i = 0; i < arg->arg_count; i++) {
            if (i > 0) put(line, between);
            put_arg(line, &arg->args[i]);
        }
    } else {
        put(line, arg->display != NULL ? arg->display : arg->name);
    }
}

static void put_token(struct line *line, const struct arg *arg) {
    if (arg->token == NULL || arg->kind == ARG_TOKEN) return;
    put(line, arg->token[0] == '\0' ? "\"\"" : arg->token);
    put(line, " ");
}

static void put_arg(struct line *line, const struct arg *arg) {
    bool optional = (arg->flags & ARG_OPTIONAL) != 0;
    bool repeated = (arg->flags & ARG_MULTIPLE) != 0;
    bool token = arg->token != NULL && arg->kind != ARG_TOKEN;
    /* Alternatives need a fence unless the optional's own brackets are one. */
    bool fence = arg->kind == ARG_ONEOF && (!optional || repeated || token);
    if (optional) put(line, "[");
    put_token(line, arg);
    if (fence) put(line, "<");
    put_body(line, arg);
    if (fence) put(line, ">");
    if (repeated) {
        put(line, " [");
        if (arg->flags & ARG_MULTIPLE_TOKEN) put_token(line, arg);
        if (fence) put(line, "<");
        put_body(line, arg);
        put(line, fence ? "> ...]" : " ...]");
    }
    if (optional) put(line, "]");
}

size_t registry_usage(const struct command_entry *entry, char *out, size_t capacity) {
    struct line line = {out, capacity, 0};
    put_upper(&line, entry->full_name);
    for (size_t i = 0; i < entry->command->arg_count; i++) {
        put(&line, " ");
        put_arg(&line, &entry->command->args[i]);
    }
    return line.len;
}
