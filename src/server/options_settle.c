/* SPDX-License-Identifier: BSD-3-Clause */
/* What single parameters demand of their values, and what their owners read out of them. Forms,
 * order and errors as redis-server and valkey-server show them. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>

#include "base/text.h"
#include "commands/executor.h"
#include "server/options_internal.h"
#include "server/options_known.h"

#define BACKLOG_BYTES_MIN (16 * 1024)

static bool append(struct option_edit *edit, struct bytes text) {
    if (edit->capacity - edit->len < text.len + 2) return false;
    memcpy(edit->text + edit->len, text.data, text.len);
    edit->len += text.len;
    return true;
}

/* A word behind a blank, if it is not the first. */
static bool append_word(struct option_edit *edit, struct bytes text) {
    return (edit->len == 0 || append(edit, BYTES(" "))) && append(edit, text);
}

static bool append_number(struct option_edit *edit, int64_t number) {
    char text[TEXT_INTEGER_MAX];
    return append_word(edit, bytes_make(text, text_from_integer(text, number)));
}

/* --- names --- */

const char *settle_file_name(struct option_edit *edit) {
    return memchr(edit->text, '/', edit->len) != NULL
               ? "dbfilename can't be a path, just a filename"
               : NULL;
}

const char *settle_append_file(struct option_edit *edit) {
    if (edit->len == 0) return "appendfilename can't be empty";
    if (memchr(edit->text, '/', edit->len) == NULL) return NULL;
    return "appendfilename can't be a path, just a filename";
}

const char *settle_append_directory(struct option_edit *edit) {
    if (edit->len == 0) return "appenddirname can't be empty";
    if (memchr(edit->text, '/', edit->len) == NULL) return NULL;
    return "appenddirname can't be a path, just a dirname";
}

static bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

const char *settle_host_name(struct option_edit *edit) {
    if (edit->len >= 256) return "Hostnames must be less than 256 characters";
    for (size_t i = 0; i < edit->len; i++) {
        char c = edit->text[i];
        if (!is_alphanumeric(c) && c != '-' && c != '.')
            return "Hostnames may only contain alphanumeric characters, hyphens or dots";
    }
    return NULL;
}

const char *settle_node_name(struct option_edit *edit) {
    for (size_t i = 0; i < edit->len; i++) {
        char c = edit->text[i];
        if (!is_alphanumeric(c) && c != '-' && c != '.' && c != '_')
            return "Announced human node name contained invalid character";
    }
    return NULL;
}

static bool is_address(struct option_edit *edit, int domain) {
    unsigned char address[16];
    char text[64];
    if (edit->len == 0) return true;
    if (edit->len >= sizeof text) return false;
    memcpy(text, edit->text, edit->len);
    text[edit->len] = '\0';
    return inet_pton(domain, text, address) == 1;
}

const char *settle_client_ipv4(struct option_edit *edit) {
    return is_address(edit, AF_INET) ? NULL : "Invalid IPv4 address";
}

const char *settle_client_ipv6(struct option_edit *edit) {
    return is_address(edit, AF_INET6) ? NULL : "Invalid IPv6 address";
}

/* Whoever names a file of users wants its rules kept, and they would not be. */
const char *settle_users_file(struct option_edit *edit) {
    if (edit->len == 0) return NULL;
    return "Users cannot be read from a file yet: remove this line, and say what the user 'default'"
           " may do with a line `user default ...` or with requirepass";
}

const char *settle_version(struct option_edit *edit) {
    int parts = 1;
    bool digit_before = false;
    for (size_t i = 0; i < edit->len; i++) {
        char c = edit->text[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (c != '.' || !digit_before)) parts = 99;
        parts += c == '.';
        digit_before = is_digit;
    }
    if (parts == 3 && digit_before && edit->len <= 32) return NULL;
    return "argument must be a version of three numbers, as in 7.4.0";
}

/* {name} for the known names only; what is left must not be empty when title, socket and file are
 * not known yet. */
const char *settle_process_title(struct option_edit *edit) {
    static const struct {
        const char *name;
        bool may_be_empty;
    } fields[] = {{"{title}", true},      {"{listen-addr}", false}, {"{server-mode}", true},
                  {"{port}", false},      {"{tls-port}", false},    {"{unixsocket}", true},
                  {"{config-file}", true}};
    static const char wrong[] = "template format is invalid or contains unknown variables";
    bool empty = true;
    for (size_t at = 0; at < edit->len;) {
        struct bytes rest = {edit->text + at, edit->len - at};
        size_t i = 0;
        if (rest.data[0] != '{') {
            empty = false;
            at++;
            continue;
        }
        if (rest.len > 1 && rest.data[1] == '{') {
            empty = false;
            at += 2;
            continue;
        }
        while (i < COUNT_OF(fields) &&
               (rest.len < strlen(fields[i].name) ||
                memcmp(rest.data, fields[i].name, strlen(fields[i].name)) != 0))
            i++;
        if (i == COUNT_OF(fields)) return wrong;
        empty = empty && fields[i].may_be_empty;
        at += strlen(fields[i].name);
    }
    return empty ? wrong : NULL;
}

/* --- numbers --- */

const char *settle_hz(struct option_edit *edit) {
    if (edit->number < 1) edit->number = 1;
    if (edit->number > 500) edit->number = 500;
    return NULL;
}

const char *settle_backlog(struct option_edit *edit) {
    if (edit->number < BACKLOG_BYTES_MIN) edit->number = BACKLOG_BYTES_MIN;
    return NULL;
}

const char *settle_active_defragmentation(struct option_edit *edit) {
    if (edit->number == 0) return NULL;
    return "Active defragmentation cannot be enabled: it requires a Redis server compiled with a"
           " modified Jemalloc like the one shipped by default with the Redis source distribution";
}

const char *settle_shutdown(struct option_edit *edit) {
    if ((edit->number & 3) != 3) return NULL;
    return "shutdown options SAVE and NOSAVE can't be used simultaneously";
}

/* --- lists --- */

#define BIND_ADDRESSES_MAX 16

const char *settle_bind(struct option_edit *edit) {
    return edit->word_count > BIND_ADDRESSES_MAX ? "Too many bind addresses specified." : NULL;
}

const char *settle_replica_of(struct option_edit *edit) {
    const struct bytes *words = edit->words;
    int64_t port;
    if (words != NULL && edit->word_count == 0) return NULL;
    if (edit->word_count != 2) return "wrong number of arguments";
    if (bytes_is(words[0], "no") && bytes_is(words[1], "one")) {
        edit->len = 0;
        return NULL;
    }
    if (!text_to_integer(words[1], &port) || port < 0 || port > 65535) return "Invalid master port";
    return NULL;
}

static bool take_integer(struct bytes word, int64_t min, int64_t max, int64_t *number) {
    return text_to_integer(word, number) && *number >= min && *number <= max;
}

const char *settle_oom_values(struct option_edit *edit) {
    int64_t number;
    if (edit->word_count != 3) return "wrong number of arguments";
    edit->len = 0;
    for (int i = 0; i < 3; i++) {
        if (!take_integer(edit->words[i], -2000, 2000, &number))
            return "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
        append_number(edit, number);
    }
    return NULL;
}

#define SAVE_WORDS_MAX 512

const char *settle_save(struct option_edit *edit) {
    static const char wrong[] = "Invalid save parameters";
    int count = edit->word_count;
    int64_t number;
    if (count % 2 != 0 || count > SAVE_WORDS_MAX) return wrong;
    edit->len = 0;
    if (edit->adding && count > 0 && !append(edit, edit->before)) return "argument is too long";
    for (int i = 0; i < count; i++) {
        int64_t min = i % 2 == 0 ? 1 : 0;
        if (!take_integer(edit->words[i], min, INT_MAX, &number)) return wrong;
        if (!append_number(edit, number)) return "argument is too long";
    }
    return NULL;
}

size_t options_save_points(const struct options *options, struct option_save_point *points,
                           size_t max) {
    struct bytes words[SAVE_WORDS_MAX];
    const char *text = options_text(options, options_index(options, "save"));
    int count = options_cut(bytes_of(text), words, SAVE_WORDS_MAX);
    size_t pairs = (size_t)(count < SAVE_WORDS_MAX ? count : SAVE_WORDS_MAX) / 2;
    for (size_t i = 0; i < pairs && i < max; i++) {
        bool seconds = text_to_integer(words[2 * i], &points[i].seconds);
        bool changes = text_to_integer(words[2 * i + 1], &points[i].changes);
        assert(seconds && changes);
    }
    return pairs;
}

#define PERCENTILES_MAX 256

const char *settle_percentiles(struct option_edit *edit) {
    if (edit->word_count > PERCENTILES_MAX)
        return "Invalid latency-tracking-info-percentiles parameters";
    edit->len = 0;
    for (int i = 0; i < edit->word_count; i++) {
        double percentile;
        char text[64];
        if (!text_to_double(edit->words[i], &percentile))
            return "Invalid latency-tracking-info-percentiles parameters";
        if (!(percentile >= 0 && percentile <= 100))
            return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
        size_t len = (size_t)snprintf(text, sizeof text, "%.6f", percentile);
        while (text[len - 1] == '0') len--;
        if (text[len - 1] == '.') len--;
        append_word(edit, bytes_make(text, len));
    }
    return NULL;
}

size_t options_percentiles(const struct options *options, double *percentiles, size_t max) {
    struct bytes words[PERCENTILES_MAX];
    int index = options_index(options, "latency-tracking-info-percentiles");
    int count = options_cut(bytes_of(options_text(options, index)), words, PERCENTILES_MAX);
    for (int i = 0; i < count && (size_t)i < max; i++) {
        bool read = text_to_double(words[i], &percentiles[i]);
        assert(read);
    }
    return (size_t)count;
}

/* --- client-output-buffer-limit --- */

static const char *const class_names[] = {"normal", "slave", "pubsub"};

static int find_class(struct bytes word) {
    if (bytes_is(word, "replica")) return 1;
    for (int i = 0; i < (int)COUNT_OF(class_names); i++) {
        if (bytes_is(word, class_names[i])) return i;
    }
    return -1;
}

static bool read_limit(const struct bytes words[3], struct option_output_limit *limit) {
    return text_to_memory_bytes(words[0], &limit->hard_bytes) &&
           text_to_memory_bytes(words[1], &limit->soft_bytes) &&
           text_to_integer(words[2], &limit->soft_seconds) && limit->soft_seconds >= 0;
}

/* Of a canonical text; limits of classes that it does not name stay. */
static void read_limits(struct bytes text, struct option_output_limit limits[3]) {
    struct bytes words[12];
    int count = options_cut(text, words, COUNT_OF(words));
    for (int i = 0; i + 3 < count; i += 4) {
        int class = find_class(words[i]);
        bool read = class >= 0 && read_limit(words + i + 1, &limits[class]);
        assert(read);
    }
}

/* Classes that are not named keep what they had, whether it adds or not. */
const char *settle_output_limits(struct option_edit *edit) {
    struct option_output_limit limits[3] = {0};
    const struct bytes *words = edit->words;
    int count = edit->word_count;
    if (count % 4 != 0) return "Wrong number of arguments in buffer limit configuration.";
    read_limits(edit->before, limits);
    for (int i = 0; i < count; i += 4) {
        int class = find_class(words[i]);
        if (class < 0) return "Invalid client class specified in buffer limit configuration.";
        if (!read_limit(words + i + 1, &limits[class]))
            return "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
    }
    edit->len = 0;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        char line[128];
        int len = snprintf(line, sizeof line, "%s %llu %llu %lld", class_names[i],
                           (unsigned long long)limits[i].hard_bytes,
                           (unsigned long long)limits[i].soft_bytes,
                           (long long)limits[i].soft_seconds);
        append_word(edit, bytes_make(line, (size_t)len));
    }
    return NULL;
}

void options_output_limits(const struct options *options, struct option_output_limit limits[3]) {
    int index = options_index(options, "client-output-buffer-limit");
    read_limits(bytes_of(options_text(options, index)), limits);
}

/* --- notify-keyspace-events --- */

/* Those that A stands for, in the order in which they are shown. */
static const char all_letters[] = "g$lshzxetd";
/* What A does not hold: shown after it, in this order. Redis forgets to show n behind A. */
static const char other_letters[] = "nKEmoca";

static uint32_t mask_of(const char *letters) {
    uint32_t mask = 0;
    for (const char *letter = letters; *letter != '\0'; letter++)
        mask |= event_class_of_letter(*letter);
    return mask;
}

static void append_letters(struct option_edit *edit, const char *letters, uint32_t mask) {
    for (const char *letter = letters; *letter != '\0'; letter++) {
        if ((mask & event_class_of_letter(*letter)) != 0) append(edit, bytes_make(letter, 1));
    }
}

const char *settle_events(struct option_edit *edit) {
    uint32_t mask = 0;
    uint32_t all = mask_of(all_letters);
    for (size_t i = 0; i < edit->words[0].len; i++) {
        char letter = edit->words[0].data[i];
        uint32_t bit = letter == 'A' ? all : event_class_of_letter(letter);
        if (bit == 0) return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
        mask |= bit;
    }
    edit->number = mask;
    edit->len = 0;
    if ((mask & all) == all) append(edit, BYTES("A"));
    else append_letters(edit, all_letters, mask);
    append_letters(edit, other_letters, mask);
    return NULL;
}
