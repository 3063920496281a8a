/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/default_user.h"

#include <assert.h>
#include <stdio.h>

#include "base/memory.h"
#include "server/options.h"
#include "server/options_file.h"

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_digest(struct bytes text, uint8_t digest[DIGEST_SHA256_BYTES]) {
    if (text.len != 2 * DIGEST_SHA256_BYTES) return false;
    for (size_t i = 0; i < DIGEST_SHA256_BYTES; i++) {
        int high = hex_digit(text.data[2 * i]);
        int low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* --- passwords --- */

static size_t find_password(const struct default_user *user, const uint8_t *digest) {
    size_t at = 0;
    while (at < user->password_count &&
           memcmp(user->passwords[at], digest, DIGEST_SHA256_BYTES) != 0)
        at++;
    return at;
}

static void add_password(struct default_user *user, const uint8_t *digest) {
    user->needs_no_password = false;
    if (find_password(user, digest) < user->password_count) return;
    size_t count = ++user->password_count;
    user->passwords = memory_reallocate(user->passwords, count * DIGEST_SHA256_BYTES);
    memcpy(user->passwords[count - 1], digest, DIGEST_SHA256_BYTES);
}

static const char *remove_password(struct default_user *user, const uint8_t *digest) {
    size_t at = find_password(user, digest);
    if (at == user->password_count)
        return "The password you are trying to remove from the user does not exist";
    user->password_count--;
    memmove(user->passwords[at], user->passwords[at + 1],
            (user->password_count - at) * DIGEST_SHA256_BYTES);
    return NULL;
}

static void reset_passwords(struct default_user *user, bool needs_none) {
    user->password_count = 0;
    user->needs_no_password = needs_none;
}

/* --- rules --- */

static void reset(struct default_user *user, bool all_channels) {
    user->is_on = user->all_commands = user->all_keys = false;
    user->all_channels = all_channels;
    reset_passwords(user, false);
}

/* Words that stand alone. False: it is none of them. */
static bool obey_word(struct default_user *user, struct bytes rule, bool all_channels) {
    bool is_all_keys = bytes_is(rule, "~*") || bytes_is(rule, "allkeys") ||
                       bytes_is(rule, "%RW~*") || bytes_is(rule, "%WR~*");
    if (bytes_is(rule, "on")) user->is_on = true;
    else if (bytes_is(rule, "off")) user->is_on = false;
    else if (bytes_is(rule, "nopass")) reset_passwords(user, true);
    else if (bytes_is(rule, "resetpass")) reset_passwords(user, false);
    else if (is_all_keys) user->all_keys = true;
    else if (bytes_is(rule, "resetkeys")) user->all_keys = false;
    else if (bytes_is(rule, "&*") || bytes_is(rule, "allchannels")) user->all_channels = true;
    else if (bytes_is(rule, "resetchannels")) user->all_channels = false;
    else if (bytes_is(rule, "+@all") || bytes_is(rule, "allcommands")) user->all_commands = true;
    else if (bytes_is(rule, "-@all") || bytes_is(rule, "nocommands")) user->all_commands = false;
    else if (bytes_is(rule, "reset")) reset(user, all_channels);
    else /* Payloads of RESTORE are always checked; selectors there are none. */
        return bytes_is(rule, "sanitize-payload") || bytes_is(rule, "skip-sanitize-payload") ||
               bytes_is(rule, "clearselectors");
    return true;
}

static const char limits[] =
    "limits the user to some keys, channels or commands, and Mainstay knows all of a kind or none "
    "yet: write ~* &* +@all, or leave out what is to be forbidden";

/* NULL, or why the rule cannot be; `limits` goes on from the rule itself. */
static const char *obey(struct default_user *user, struct bytes rule, bool all_channels) {
    uint8_t digest[DIGEST_SHA256_BYTES];
    if (obey_word(user, rule, all_channels)) return NULL;
    char kind = rule.len > 0 ? rule.data[0] : '\0';
    struct bytes rest = bytes_make(rule.data + 1, rule.len > 0 ? rule.len - 1 : 0);
    if (kind == '>' || kind == '<') digest_sha256(rest, digest);
    if ((kind == '#' || kind == '!') && !read_digest(rest, digest))
        return "The password hash must be exactly 64 characters and contain only lowercase "
               "hexadecimal characters";
    switch (kind) {
    case '>':
    case '#': add_password(user, digest); return NULL;
    case '<':
    case '!': return remove_password(user, digest);
    case '~':
    case '%':
    case '&':
    case '+':
    case '-':
    case '(': return limits;
    default: return "Syntax error";
    }
}

static bool refuse(const struct options_line *line, const char *why, struct options_error *error) {
    char reason[OPTIONS_REASON_MAX];
    struct bytes name = line->words[0];
    snprintf(reason, sizeof(reason), "Error in user declaration '%.*s': %s",
             (int)(name.len < 128 ? name.len : 128), name.data, why);
    options_line_error(line, reason, error);
    return false;
}

static bool refuse_limit(const struct options_line *line, struct bytes rule,
                         struct options_error *error) {
    char why[sizeof(limits) + 72];
    snprintf(why, sizeof(why), "'%.*s' %s", (int)(rule.len < 64 ? rule.len : 64), rule.data,
             limits);
    return refuse(line, why, error);
}

static bool obey_line(struct default_user *user, struct options *options,
                      const struct options_line *line, struct options_error *error) {
    bool all_channels = strcmp(options_word(options, options_index(options, "acl-pubsub-default")),
                               "allchannels") == 0;
    if (!bytes_equal(line->words[0], BYTES("default")))
        return refuse(line,
                      "There is no user but 'default' yet: remove this line, and give clients the "
                      "password of 'default' (requirepass)",
                      error);
    reset(user, all_channels);
    for (int i = 1; i < line->word_count; i++) {
        const char *why = obey(user, line->words[i], all_channels);
        if (why == limits) return refuse_limit(line, line->words[i], error);
        if (why != NULL) return refuse(line, why, error);
    }
    char ignored[OPTIONS_REASON_MAX];
    bool emptied = options_set(options, "requirepass", BYTES(""), ignored);
    assert(emptied);
    return true;
}

/* --- life --- */

struct default_user *default_user_create(struct options *options, struct options_error *error) {
    struct default_user *user = memory_allocate_zero(sizeof(*user));
    user->is_on = user->needs_no_password = true;
    user->all_commands = user->all_keys = user->all_channels = true;
    for (size_t i = 0; i < options_line_count(options, OPTIONS_USER); i++) {
        if (obey_line(user, options, options_line_at(options, OPTIONS_USER, i), error)) continue;
        default_user_destroy(&user);
        return NULL;
    }
    default_user_require(user, options_text_bytes(options, options_index(options, "requirepass")));
    return user;
}

void default_user_destroy(struct default_user **user) {
    if (*user == NULL) return;
    memory_free((*user)->passwords);
    memory_free(*user);
    *user = NULL;
}

void default_user_require(struct default_user *user, struct bytes password) {
    user->has_required = password.len > 0;
    if (user->has_required) digest_sha256(password, user->required);
}

/* --- questions --- */

bool default_user_takes_any(const struct default_user *user) {
    return user->needs_no_password && !user->has_required;
}

bool default_user_is_guarded(const struct default_user *user) {
    return !user->is_on || !default_user_takes_any(user);
}

static bool is_same(const uint8_t *a, const uint8_t *b) {
    unsigned differences = 0;
    for (size_t i = 0; i < DIGEST_SHA256_BYTES; i++) differences |= (unsigned)(a[i] ^ b[i]);
    return differences == 0;
}

bool default_user_accepts(const struct default_user *user, struct bytes password) {
    uint8_t digest[DIGEST_SHA256_BYTES];
    if (!user->is_on) return false;
    if (default_user_takes_any(user)) return true;
    digest_sha256(password, digest);
    if (user->has_required) return is_same(digest, user->required);
    bool accepted = false;
    for (size_t i = 0; i < user->password_count; i++)
        accepted = is_same(digest, user->passwords[i]) || accepted;
    return accepted;
}

bool default_user_is_limited(const struct default_user *user) {
    return !user->all_commands || !user->all_keys || !user->all_channels;
}
