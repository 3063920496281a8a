/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/turn.h"

#include <assert.h>

#include "base/memory.h"
#include "commands/executor.h"
#include "network/connection.h"
#include "protocol/request.h"
#include "server/clients.h"
#include "server/dispatch.h"
#include "server/observe.h"
#include "server/pause.h"
#include "server/server.h"
#include "server/session.h"

#define INPUT_BYTES ((size_t)TURN_LOOKS * TURN_READ_BYTES)
#define OUTPUT_KEEP_BYTES ((size_t)256 * 1024) /* from turn to turn */
#define OUTPUT_IDLE_BYTES ((size_t)8 * 1024)   /* when a tick has passed without need of more */

/* One session's part in a group. */
struct look {
    struct session *session;
    struct request_reader reader;
    struct request_limits limits;
    struct output output; /* kept warm from turn to turn */
    bool finished;        /* nothing more to parse */
    size_t most;          /* bytes that it held in one turn since the last tick */
};

struct batched {
    struct look *look;
    struct request request;
    struct dispatch_request prepared;
};

struct turn {
    struct server *server;
    char *input;
    size_t input_capacity;
    size_t input_used;
    struct request_arguments arguments;
    struct look looks[TURN_LOOKS];
    int look_count;
    struct batched batch[TURN_BATCH];
    int batch_count;
    uint64_t hashes[TURN_KEYS + DISPATCH_HASHES_MAX]; /* of the batch's keys, in order */
    const struct hash_bucket *buckets[TURN_KEYS + DISPATCH_HASHES_MAX];
    int key_count;
    struct session *running; /* whose command runs */
    struct output deferred;  /* what others send to it meanwhile */
    struct session *pushed;
    struct session *resumed;
};

struct turn *turn_create(struct server *server) {
    struct turn *turn = memory_allocate_zero(sizeof(*turn));
    turn->server = server;
    turn->input_capacity = INPUT_BYTES;
    turn->input = memory_allocate(turn->input_capacity);
    request_arguments_init(&turn->arguments);
    for (int i = 0; i < TURN_LOOKS; i++) output_init(&turn->looks[i].output, 2);
    output_init(&turn->deferred, 2);
    return turn;
}

void turn_destroy(struct turn **turn) {
    if (*turn == NULL) return;
    for (int i = 0; i < TURN_LOOKS; i++) output_deinit(&(*turn)->looks[i].output);
    output_deinit(&(*turn)->deferred);
    request_arguments_deinit(&(*turn)->arguments);
    memory_free((*turn)->input);
    memory_free(*turn);
    *turn = NULL;
}

void turn_tend(struct turn *turn) {
    for (int i = 0; i < TURN_LOOKS; i++) {
        struct look *look = &turn->looks[i];
        size_t keep = 4 * look->most;
        output_clear(&look->output, keep > OUTPUT_IDLE_BYTES ? keep : OUTPUT_IDLE_BYTES);
        look->most = 0;
    }
}

/* --- lists --- */

void turn_push(struct session *session) {
    if ((session->flags & SESSION_PUSHED) != 0) return;
    session->flags |= SESSION_PUSHED;
    session->next_pushed = session->server->turn->pushed;
    session->server->turn->pushed = session;
}

void turn_suspend(struct session *session) {
    if (session->connection != NULL) connection_watch_reading(session->connection, false);
}

void turn_resume(struct session *session) {
    if (!session_is_alive(session)) return;
    if (session->connection != NULL) connection_watch_reading(session->connection, true);
    if ((session->flags & SESSION_RESUMED) != 0) return;
    session->flags |= SESSION_RESUMED;
    session->next_resumed = session->server->turn->resumed;
    session->server->turn->resumed = session;
}

bool turn_is_wanted(const struct turn *turn) { return turn->resumed != NULL; }

struct output *turn_output_of(const struct session *session) {
    struct turn *turn = session->server->turn;
    if (turn->running != session) return session->turn_output;
    turn->deferred.protocol = session->protocol;
    return &turn->deferred;
}

void turn_forget(struct session *session) {
    struct turn *turn = session->server->turn;
    if ((session->flags & SESSION_PUSHED) != 0) {
        struct session **at = &turn->pushed;
        while (*at != session) at = &(*at)->next_pushed;
        *at = session->next_pushed;
    }
    if ((session->flags & SESSION_RESUMED) != 0) {
        struct session **at = &turn->resumed;
        while (*at != session) at = &(*at)->next_resumed;
        *at = session->next_resumed;
    }
}

/* --- reading --- */

/* False: memory was refused, nothing is kept. */
static bool keep(struct session *session, const char *data, size_t len) {
    if (len == 0) {
        if (session->kept != NULL) {
            memory_free(session->kept);
            session->kept = NULL;
            session->kept_capacity = 0;
        }
        session->kept_len = 0;
        return true;
    }
    if (session->kept_capacity < len) {
        char *kept = memory_try_reallocate(session->kept, len);
        if (kept == NULL) return false;
        session->kept = kept;
        session->kept_capacity = (uint32_t)len;
    }
    memcpy(session->kept, data, len);
    session->kept_len = (uint32_t)len;
    return true;
}

/* What has come of a request has no room: the stream means nothing from here on. */
static void give_up(struct session *session, struct output *output) {
    resp_error(output, BYTES("ERR Protocol error: not enough memory for the request"));
    error_stats_note(session->server, BYTES("ERR"));
    session->server->counters.errors++;
    session->flags |= SESSION_CLOSE_AFTER_REPLY;
}

/* One read; what belongs to the big argument that is under way goes straight into its blob.
 * `again`: the blob had no room for more, and is not whole. */
static enum connection_result read_once(struct session *session, char *at, size_t *len,
                                        bool *again) {
    size_t room = 0, got = 0;
    char *blob_room = request_blob_room(session->partial, &room);
    enum connection_result result;
    if (blob_room != NULL) {
        struct iovec parts[2] = {{blob_room, room}, {at, TURN_READ_BYTES}};
        bool ends = request_blob_ends(session->partial);
        result = connection_readv(session->connection, parts, ends ? 2 : 1, &got);
        *again = !ends && got == room;
    } else {
        result = connection_read(session->connection, at, TURN_READ_BYTES, &got);
    }
    if (result != CONNECTION_MOVED) return result;
    size_t into_blob = got < room ? got : room;
    if (blob_room != NULL) request_blob_filled(session->partial, into_blob);
    *len = blob_room != NULL ? got - into_blob : got;
    session->input_bytes += got;
    session->server->counters.net_input_bytes += got;
    session->server->counters.reads_processed++;
    return CONNECTION_MOVED;
}

/* Reads behind what was kept. A blob doubles as bytes come, so a big argument takes several reads:
 * as many as fit a turn that others are waiting for. False: nothing came. */
static bool read_some(struct session *session, char *at, size_t *len) {
    uint64_t before = session->input_bytes;
    bool again;
    do {
        again = false;
        enum connection_result result = read_once(session, at, len, &again);
        if (result == CONNECTION_MOVED) continue;
        if (result != CONNECTION_WAIT) session_close(session);
        else if (session->input_bytes != before) break;
        return false;
    } while (again && session->input_bytes - before < TURN_BLOB_BYTES);
    session->active_us = session->server->executor.now_us;
    return true;
}

/* Opens a look at the session's bytes, old and new; `fresh`: read first. */
static void look_open(struct turn *turn, struct session *session, bool fresh) {
    struct look *look = &turn->looks[turn->look_count];
    char *data = turn->input + turn->input_used;
    if (session->kept_len > 0) memcpy(data, session->kept, session->kept_len);
    size_t len = 0;
    if (fresh && !read_some(session, data + session->kept_len, &len)) return;
    len += session->kept_len;
    if (session_query_bytes(session) + len > turn->server->settings.query_bytes_max) {
        turn->server->counters.query_limit_disconnections++;
        session_close(session);
        return;
    }
    turn->input_used += len;
    turn->look_count++;
    look->session = session;
    look->finished = false;
    look->limits.argument_bytes_max = turn->server->settings.argument_bytes_max;
    look->reader = (struct request_reader){.data = data,
                                           .len = len,
                                           .partial = session->partial,
                                           .arguments = &turn->arguments,
                                           .limits = &look->limits};
    session->partial = NULL;
    look->output.protocol = session->protocol;
    session->turn_output = &look->output;
}

/* --- running --- */

/* Puts a request back in front of what was not parsed yet: it has to wait. */
static void hold(struct look *look, const struct request *request) {
    struct output raw;
    output_init(&raw, 2);
    resp_array(&raw, (size_t)request->argc);
    for (int i = 0; i < request->argc; i++) resp_bulk(&raw, request->argv[i]);
    size_t rest = look->reader.len - look->reader.at;
    output_raw(&raw, bytes_make(look->reader.data + look->reader.at, rest));
    if (raw.refused || !keep(look->session, raw.data, raw.len))
        give_up(look->session, &look->output);
    output_deinit(&raw);
    look->reader.at = look->reader.len;
    look->finished = true;
}

/* A request that has just become whole is no longer part of what its session keeps. */
static void account_request(struct session *session, const struct request *request) {
    size_t bytes = 0;
    for (int i = 0; i < request->argc; i++) bytes += request->argv[i].len;
    if (bytes < TURN_READ_BYTES) return;
    clients_account(session, bytes);
    clients_evict(session->server);
}

static void run_one(struct turn *turn, struct batched *batched) {
    struct session *session = batched->look->session;
    uint32_t stop = SESSION_CLOSING | SESSION_CLOSE_AFTER_REPLY;
    /* Some reply or message had no room, not even the error that says so. */
    if (UNLIKELY(batched->look->output.refused)) session_close(session);
    if (UNLIKELY(turn->server->settings.maxmemory_clients > 0))
        account_request(session, &batched->request);
    if (LIKELY((session->flags & stop) == 0)) {
        if (UNLIKELY(pause_mode(turn->server) != PAUSE_OFF) &&
            pause_holds(session, batched->prepared.entry)) {
            hold(batched->look, &batched->request);
        } else {
            turn->running = session;
            session->command_count++;
            dispatch(session, &batched->prepared, &batched->look->output);
            turn->running = NULL;
            if (UNLIKELY(output_bytes(&turn->deferred) > 0))
                output_move(&batched->look->output, &turn->deferred);
            batched->look->output.protocol = session->protocol;
        }
    }
    request_release(&batched->request);
}

/* Three short loops without a dependency between their steps: in each, as many misses are under way
 * as the processor can have, while one among the work of parsing would hold that up. */
static void prefetch_batch(struct turn *turn) {
    int key_count = 0;
    for (int i = 0; i < turn->batch_count; i++) {
        const struct batched *batched = &turn->batch[i];
        int32_t database = batched->look->session->database;
        const struct hash_table *table = &turn->server->executor.keyspace.databases[database].table;
        for (int j = 0; j < batched->prepared.hash_count; j++, key_count++)
            turn->buckets[key_count] = hash_table_prefetch(table, turn->hashes[key_count]);
    }
    int overflow_count = 0;
    uint16_t overflows[TURN_KEYS + DISPATCH_HASHES_MAX];
    for (int i = 0; i < key_count; i++) {
        if (turn->buckets[i] == NULL) continue;
        overflows[overflow_count] = (uint16_t)i;
        overflow_count += hash_bucket_prefetch_items(turn->buckets[i], turn->hashes[i]);
    }
    for (int i = 0; i < overflow_count; i++)
        hash_bucket_prefetch_overflow(turn->buckets[overflows[i]], turn->hashes[overflows[i]]);
}

static void run_batch(struct turn *turn) {
    executor_refresh_now(&turn->server->executor);
    prefetch_batch(turn);
    for (int i = 0; i < turn->batch_count; i++) run_one(turn, &turn->batch[i]);
    turn->batch_count = 0;
    turn->key_count = 0;
}

static void refuse_stream(struct look *look) {
    struct session *session = look->session;
    char text[REQUEST_FAULT_TEXT_BYTES_MAX + 4] = "ERR ";
    char fault_text[REQUEST_FAULT_TEXT_BYTES_MAX];
    struct bytes fault = request_fault_text(&look->reader, fault_text);
    memcpy(text + 4, fault.data, fault.len);
    resp_error(&look->output, bytes_make(text, fault.len + 4));
    error_stats_note(session->server, BYTES("ERR"));
    session->server->counters.errors++;
    session->flags |= SESSION_CLOSE_AFTER_REPLY;
    look->reader.at = look->reader.len;
    look->finished = true;
}

/* After some requests the next must not be parsed before they have run: they may change what the
 * bytes mean, or stop the session. */
static bool is_barrier(const struct look *look, const struct batched *batched, char first) {
    const struct command_entry *entry = batched->prepared.entry;
    return look->limits.stranger || first != '*' ||
           (entry != NULL && (entry->flags & (COMMAND_BLOCKING | COMMAND_MAY_SUSPEND)) != 0) ||
           pause_mode(look->session->server) != PAUSE_OFF;
}

static void look_run(struct turn *turn, struct look *look) {
    struct session *session = look->session;
    const uint32_t stop = SESSION_CLOSING | SESSION_CLOSE_AFTER_REPLY | SESSION_SUSPENDED |
                          SESSION_PAUSED;
    while (!look->finished && (session->flags & stop) == 0) {
        if (turn->batch_count == TURN_BATCH || turn->key_count >= TURN_KEYS) run_batch(turn);
        struct batched *batched = &turn->batch[turn->batch_count];
        look->limits.stranger = (session->flags & SESSION_AUTHENTICATED) == 0;
        char first = look->reader.at < look->reader.len ? look->reader.data[look->reader.at] : '*';
        enum request_status status = request_next(&look->reader, &batched->request);
        if (status == REQUEST_INCOMPLETE) {
            look->finished = true;
            return;
        }
        if (status == REQUEST_REFUSED) {
            run_batch(turn);
            /* Behind a QUIT nothing is looked at. */
            if ((session->flags & stop) == 0) refuse_stream(look);
            return;
        }
        batched->look = look;
        batched->prepared.argv = batched->request.argv;
        batched->prepared.blobs = batched->request.blobs;
        batched->prepared.argc = batched->request.argc;
        batched->prepared.hashes = turn->hashes + turn->key_count;
        dispatch_prepare(session, &batched->prepared);
        turn->key_count += batched->prepared.hash_count;
        turn->batch_count++;
        if (UNLIKELY(is_barrier(look, batched, first))) run_batch(turn);
    }
}

static void look_close(struct turn *turn, struct look *look) {
    struct session *session = look->session;
    session->turn_output = NULL;
    session->partial = look->reader.partial;
    if (UNLIKELY(look->output.refused)) session_close(session);
    if (session_is_alive(session)) {
        size_t left = look->reader.len - look->reader.at;
        /* `hold` has kept what must wait already. */
        if ((left > 0 || (session->flags & SESSION_PAUSED) == 0) &&
            !keep(session, look->reader.data + look->reader.at, left))
            give_up(session, &look->output);
        session_send(session, &look->output);
        clients_account(session, 0);
    }
    if (look->output.len > look->most) look->most = look->output.len;
    output_clear(&look->output, session_is_alive(session) ? OUTPUT_KEEP_BYTES : OUTPUT_IDLE_BYTES);
    (void)turn;
}

static void group_run(struct turn *turn) {
    for (int i = 0; i < turn->look_count; i++) look_run(turn, &turn->looks[i]);
    if (turn->batch_count > 0) run_batch(turn);
    for (int i = 0; i < turn->look_count; i++) look_close(turn, &turn->looks[i]);
    turn->look_count = 0;
    turn->input_used = 0;
    request_arguments_reset(&turn->arguments);
}

/* Room for one more look; runs the group first when it is full. False: memory was refused. */
static bool make_room(struct turn *turn, const struct session *session) {
    size_t needed = session->kept_len + TURN_READ_BYTES;
    if (turn->look_count == TURN_LOOKS || turn->input_used + needed > turn->input_capacity)
        group_run(turn);
    if (needed <= turn->input_capacity) return true;
    char *input = memory_try_allocate(needed);
    if (input == NULL) return false;
    memory_free(turn->input);
    turn->input = input;
    turn->input_capacity = needed;
    return true;
}

static void take_up(struct turn *turn, struct session *session, bool fresh) {
    const uint32_t deaf = SESSION_CLOSING | SESSION_CLOSE_AFTER_REPLY | SESSION_SUSPENDED |
                          SESSION_PAUSED;
    if ((session->flags & deaf) != 0) return;
    if (make_room(turn, session)) {
        look_open(turn, session, fresh);
        return;
    }
    struct output refusal;
    output_init(&refusal, session->protocol);
    give_up(session, &refusal);
    session_send(session, &refusal);
    output_deinit(&refusal);
}

void turn_flush(struct server *server) {
    struct turn *turn = server->turn;
    while (turn->pushed != NULL) {
        struct session *session = turn->pushed;
        turn->pushed = session->next_pushed;
        session->flags &= ~(uint32_t)SESSION_PUSHED;
        if (session_is_alive(session)) session_flush(session);
    }
}

void turn_run(struct server *server, struct connection **ready, size_t count) {
    struct turn *turn = server->turn;
    executor_refresh_now(&server->executor);
    struct session *resumed = turn->resumed;
    turn->resumed = NULL;
    while (resumed != NULL) {
        struct session *session = resumed;
        resumed = session->next_resumed;
        session->flags &= ~(uint32_t)SESSION_RESUMED;
        take_up(turn, session, false);
    }
    /* One session must not have two looks in a group. */
    if (turn->look_count > 0) group_run(turn);
    for (size_t i = count; i-- > 0;) { /* the latest stands first, and who came first goes first */
        if (ready[i] == NULL) continue;
        struct session *session = connection_owner(ready[i]);
        if (!session_is_alive(session)) continue;
        if (connection_is_writable(ready[i])) session_flush(session);
        if (connection_is_readable(ready[i])) take_up(turn, session, true);
    }
    group_run(turn);
    turn_flush(server);
    clients_evict(server);
}
