/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/client_words.h"

#include <stdlib.h>

#include "base/text.h"
#include "commands/family.h"
#include "commands/help.h"
#include "commands/slices.h"
#include "server/blocking.h"
#include "server/client_filter.h"
#include "server/client_list.h"
#include "server/client_name.h"
#include "server/options.h"
#include "server/pause.h"
#include "server/server.h"
#include "server/session.h"
#include "server/words.h"

#define LISTED_AT_ONCE 200 /* more clients than this are listed in slices */

/* --- who am I --- */

void client_id(struct call *call) { reply_integer(call, (int64_t)call->session->id); }

static size_t argument_bytes(const struct call *call) {
    size_t bytes = 0;
    for (int i = 0; i < call->argc; i++) bytes += call->argv[i].len;
    return bytes;
}

void client_info(struct call *call) {
    struct client_portrait portrait;
    struct output text;
    output_init(&text, 2);
    client_portray(call->session, &portrait);
    client_line(&text, call->session, &portrait, argument_bytes(call));
    reply_gathered(call, &text);
    output_deinit(&text);
}

void client_getname(struct call *call) {
    const struct session_about *about = call->session->about;
    if (about == NULL || about->name == NULL) reply_null(call);
    else reply_text(call, about->name);
}

void client_setname(struct call *call) {
    struct bytes name = args_bytes(call);
    if (!client_text_is_plain(name))
        reply_error(call, "ERR Client names cannot contain spaces, newlines or special "
                          "characters.");
    else if (client_set_name(call->session, name)) reply_ok(call);
    else reply_no_memory(call, "the name");
}

void client_setinfo(struct call *call) {
    struct bytes option = args_bytes(call);
    struct bytes value = args_bytes(call);
    bool is_name = bytes_is(option, "LIB-NAME");
    if (!is_name && !bytes_is(option, "LIB-VER")) {
        reply_error(call, "ERR Unrecognized option '%.*s'",
                    (int)(option.len < 128 ? option.len : 128), option.data);
        return;
    }
    if (!client_text_is_plain(value)) {
        reply_error(call, "ERR %.*s cannot contain spaces, newlines or special characters.",
                    (int)option.len, option.data);
        return;
    }
    struct session_about *about = session_about(call->session);
    if (client_set_text(is_name ? &about->library_name : &about->library_version, value))
        reply_ok(call);
    else reply_no_memory(call, "the name");
}

/* --- LIST --- */

struct listing {
    struct client_filter filter;
    struct arena arena; /* what the filter points to */
    struct output text;
    uint64_t last_id; /* of the session listed last */
    struct session *me;
};

static void listing_destroy(void *state) {
    struct listing *listing = state;
    output_deinit(&listing->text);
    arena_deinit(&listing->arena);
    memory_free(listing);
}

/* Sessions stand in the order of their ids, so whoever is left is behind the last one. */
static bool list_some(struct call *call, void *state, size_t budget) {
    struct listing *listing = state;
    struct session *session = server_of(call)->sessions.first;
    while (session != NULL && session->id <= listing->last_id) session = session->next;
    for (; session != NULL && budget > 0; session = session->next, budget--) {
        struct client_portrait portrait;
        listing->last_id = session->id;
        if (!session_is_alive(session)) continue;
        client_portray(session, &portrait);
        if (!client_filter_matches(&listing->filter, &portrait.facts, call->session->id)) continue;
        client_line(&listing->text, session, &portrait,
                    session == call->session ? argument_bytes(call) : 0);
    }
    if (session != NULL) return false;
    reply_gathered(call, &listing->text);
    return true;
}

static int compare_ids(const void *id, const void *session) {
    uint64_t a = *(const uint64_t *)id;
    uint64_t b = (*(struct session *const *)session)->id;
    return (a > b) - (a < b);
}

/* Those asked for by id alone stand in the order asked for, as often as they are: so in Redis. */
static void list_by_ids(struct call *call, struct listing *listing) {
    const struct client_conditions *wanted = &listing->filter.wanted;
    const struct sessions *sessions = &server_of(call)->sessions;
    struct session **alive = arena_allocate(&listing->arena, sessions->count * sizeof(*alive));
    size_t count = 0;
    for (struct session *session = sessions->first; session != NULL; session = session->next)
        if (session_is_alive(session)) alive[count++] = session;
    for (size_t i = 0; i < wanted->id_count; i++) {
        uint64_t id = (uint64_t)wanted->ids[i];
        struct session **found = bsearch(&id, alive, count, sizeof(*alive), compare_ids);
        if (found == NULL) continue;
        struct client_portrait portrait;
        client_portray(*found, &portrait);
        client_line(&listing->text, *found, &portrait,
                    *found == call->session ? argument_bytes(call) : 0);
    }
    reply_gathered(call, &listing->text);
}

static const char no_memory_for_words[] = "OOM command not allowed: no memory for so many words";

/* The next `count` arguments, to outlive the call. NULL: memory was refused. */
static const struct bytes *copy_words(struct call *call, struct arena *arena, int count) {
    struct bytes *words = arena_try_allocate(arena, (size_t)(count + 1) * sizeof(*words));
    for (int i = 0; i < count && words != NULL; i++) {
        struct bytes word = args_bytes(call);
        char *copy = arena_try_allocate(arena, word.len);
        if (copy == NULL) return NULL;
        if (word.len > 0) memcpy(copy, word.data, word.len);
        words[i] = bytes_make(copy, word.len);
    }
    return words;
}

void client_list(struct call *call) {
    struct listing *listing = memory_allocate_zero(sizeof(*listing));
    arena_init(&listing->arena);
    output_init(&listing->text, 2);
    int count = args_left(call);
    const struct bytes *words = copy_words(call, &listing->arena, count);
    const char *error = words == NULL ? no_memory_for_words : NULL;
    if (error == NULL)
        error = client_filter_read(&listing->filter, CLIENT_FILTER_LIST, words, count,
                                   call->executor->keyspace.database_count, &listing->arena);
    if (error != NULL) {
        reply_error(call, "%s", error);
        listing_destroy(listing);
    } else if (client_filter_is_by_ids(&listing->filter)) {
        list_by_ids(call, listing);
        listing_destroy(listing);
    } else if (server_of(call)->sessions.count > LISTED_AT_ONCE) {
        call_in_slices(call, list_some, listing, listing_destroy);
    } else {
        list_some(call, listing, SIZE_MAX);
        listing_destroy(listing);
    }
}

/* --- KILL --- */

/* Whoever asks for its own end still gets the answer. */
static void kill_session(struct call *call, struct session *session) {
    if (session == call->session) session->flags |= SESSION_CLOSE_AFTER_REPLY;
    else session_close(session);
}

static void kill_by_address(struct call *call) {
    struct bytes address = args_bytes(call);
    for (struct session *session = server_of(call)->sessions.first; session != NULL;
         session = session->next) {
        char peer[ADDRESS_TEXT_BYTES_MAX];
        if (!session_is_alive(session)) continue;
        session_peer_text(session, peer);
        if (!bytes_equal(bytes_of(peer), address)) continue;
        kill_session(call, session);
        reply_ok(call);
        return;
    }
    reply_error(call, "ERR No such client");
}

void client_kill(struct call *call) {
    if (args_left(call) == 1) {
        kill_by_address(call);
        return;
    }
    struct client_filter filter;
    const char *error = client_filter_read(
        &filter, CLIENT_FILTER_KILL, call->argv + args_index(call), args_left(call),
        call->executor->keyspace.database_count, call_arena(call));
    if (error != NULL) {
        reply_error(call, "%s", error);
        return;
    }
    int64_t killed = 0;
    for (struct session *session = server_of(call)->sessions.first; session != NULL;
         session = session->next) {
        struct client_portrait portrait;
        if (!session_is_alive(session)) continue;
        client_portray(session, &portrait);
        if (!client_filter_matches(&filter, &portrait.facts, call->session->id)) continue;
        kill_session(call, session);
        killed++;
    }
    reply_integer(call, killed);
}

/* --- how the connection behaves --- */

/* ON and OFF; anything else is a syntax error. */
static bool read_switch(struct call *call, bool *on) {
    *on = args_word(call, "ON");
    if (!*on && !args_word(call, "OFF")) args_syntax_error(call);
    return !args_failed(call);
}

static void switch_flag(struct call *call, uint32_t flag) {
    bool on;
    if (!read_switch(call, &on)) return;
    if (on) call->session->flags |= flag;
    else call->session->flags &= ~flag;
    reply_ok(call);
}

void client_no_evict(struct call *call) { switch_flag(call, SESSION_NO_EVICT); }

void client_no_touch(struct call *call) { switch_flag(call, SESSION_NO_TOUCH); }

void client_import_source(struct call *call) {
    const struct options *options = call->executor->options;
    if (!options_bool(options, options_index(options, "import-mode"))) {
        reply_error(call, "ERR Server is not in import mode");
        return;
    }
    switch_flag(call, SESSION_IMPORT_SOURCE);
}

void client_capa(struct call *call) {
    while (args_left(call) > 0) {
        if (bytes_is(args_bytes(call), "redirect")) call->session->flags |= SESSION_CAN_REDIRECT;
    }
    reply_ok(call);
}

void client_reply(struct call *call) {
    struct session *session = call->session;
    if (args_word(call, "ON")) {
        session->flags &= ~(uint32_t)(SESSION_REPLY_OFF | SESSION_REPLY_SKIP);
        reply_ok(call);
    } else if (args_word(call, "OFF")) {
        session->flags |= SESSION_REPLY_OFF;
        reply_none(call);
    } else if (args_word(call, "SKIP")) {
        if ((session->flags & SESSION_REPLY_OFF) == 0) session->flags |= SESSION_REPLY_SKIP_NEXT;
        reply_none(call);
    } else {
        args_syntax_error(call);
    }
}

/* --- pausing and waking --- */

void client_pause(struct call *call) {
    int64_t timeout_ms = args_integer_or(call, INT64_MIN, INT64_MAX,
                                         "timeout is not an integer or out of range");
    if (args_failed(call)) return;
    enum pause_mode mode = PAUSE_ALL;
    if (args_left(call) > 1) {
        reply_wrong_subcommand(call);
    } else if (args_left(call) == 1 && args_word(call, "WRITE")) {
        mode = PAUSE_WRITES;
    } else if (args_left(call) == 1 && !args_word(call, "ALL")) {
        args_fail(call, "ERR CLIENT PAUSE mode must be WRITE or ALL");
    }
    if (args_failed(call)) return;
    if (timeout_ms < 0) {
        reply_error(call, "ERR timeout is negative");
        return;
    }
    if (timeout_ms > INT64_MAX - call_now_ms(call)) {
        reply_error(call, "ERR timeout is out of range");
        return;
    }
    pause_begin(server_of(call), mode, call_now_ms(call) + timeout_ms);
    reply_ok(call);
}

void client_unpause(struct call *call) {
    pause_end(server_of(call));
    reply_ok(call);
}

void client_unblock(struct call *call) {
    bool with_error = false;
    if (args_left(call) > 2) {
        reply_wrong_subcommand(call);
        return;
    }
    int64_t id = 0;
    if (args_left(call) == 2) {
        struct bytes reason = args_peek(call, 1);
        with_error = bytes_is(reason, "ERROR");
        if (!with_error && !bytes_is(reason, "TIMEOUT")) {
            reply_error(call, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
            return;
        }
    }
    id = args_integer(call, INT64_MIN, INT64_MAX);
    if (args_failed(call)) return;
    struct session *session = id <= 0 ? NULL : session_by_id(server_of(call), (uint64_t)id);
    reply_integer(call, session != NULL && blocking_unblock(session, with_error));
}

/* --- client-side caching: known, and not there yet --- */

void client_caching(struct call *call) {
    reply_error(call, "ERR CLIENT CACHING can be called only when the client is in tracking mode "
                      "with OPTIN or OPTOUT mode enabled");
}

void client_getredir(struct call *call) { reply_integer(call, -1); }

void client_tracking(struct call *call) {
    bool on;
    if (!read_switch(call, &on)) return;
    while (args_left(call) > 0) {
        if (args_word(call, "REDIRECT")) {
            args_integer(call, INT64_MIN, INT64_MAX);
        } else if (args_left(call) > 1 && args_word(call, "PREFIX")) {
            args_bytes(call);
        } else if (!args_word(call, "BCAST") && !args_word(call, "OPTIN") &&
                   !args_word(call, "OPTOUT") && !args_word(call, "NOLOOP")) {
            args_syntax_error(call);
        }
    }
    if (args_failed(call)) return;
    if (on) reply_error(call, "ERR client-side caching is not supported by this server");
    else reply_ok(call);
}

void client_trackinginfo(struct call *call) {
    reply_map(call, 3);
    reply_text(call, "flags");
    reply_set(call, 1);
    reply_text(call, "off");
    reply_text(call, "redirect");
    reply_integer(call, -1);
    reply_text(call, "prefixes");
    reply_array(call, 0);
}
