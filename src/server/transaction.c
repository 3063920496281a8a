/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/transaction.h"

#include "base/memory.h"
#include "keyspace/keyspace.h"
#include "server/server.h"
#include "server/session.h"
#include "structures/hash_table.h"

/* One session's interest in one key: on the key's list and on the session's. */
struct watch {
    struct session *session;
    struct watched_key *key;
    struct watch *next_of_key;
    struct watch *previous_of_key;
    struct watch *next_of_session;
};

struct watched_key {
    struct watch *first;
    struct watched_key *next;
    struct watched_key *previous;
    uint32_t name_len;
    char name[]; /* database number, four bytes, then the key */
};

struct watches {
    struct hash_table table;
    struct watched_key *first; /* all of them, for whole databases */
    size_t session_count;
};

static struct bytes watched_name(const void *item) {
    const struct watched_key *key = item;
    return bytes_make(key->name, key->name_len);
}

struct watches *watches_create(void) {
    struct watches *watches = memory_allocate_zero(sizeof(*watches));
    hash_table_init(&watches->table, watched_name);
    return watches;
}

void watches_destroy(struct watches **watches) {
    if (*watches == NULL) return;
    hash_table_deinit(&(*watches)->table);
    memory_free(*watches);
    *watches = NULL;
}

size_t watches_count(const struct watches *watches) { return watches->table.item_count; }

size_t watches_session_count(const struct watches *watches) { return watches->session_count; }

/* --- the transaction of a session --- */

struct transaction *session_transaction(struct session *session) {
    if (session->transaction == NULL)
        session->transaction = memory_allocate_zero(sizeof(*session->transaction));
    return session->transaction;
}

bool transaction_queue(struct session *session, const struct command_entry *entry,
                       const struct bytes *argv, int argc) {
    struct transaction *transaction = session_transaction(session);
    size_t size = sizeof(struct queued_command) + (size_t)argc * sizeof(struct bytes);
    for (int i = 0; i < argc; i++) size += argv[i].len;
    struct queued_command *queued = memory_try_allocate(size);
    if (queued == NULL) return false;
    *queued = (struct queued_command){entry, (struct bytes *)(queued + 1), argc, NULL};
    char *at = (char *)(queued->argv + argc);
    for (int i = 0; i < argc; i++) {
        if (argv[i].len > 0) memcpy(at, argv[i].data, argv[i].len);
        queued->argv[i] = bytes_make(at, argv[i].len);
        at += argv[i].len;
    }
    if (transaction->last == NULL) transaction->first = queued;
    else transaction->last->next = queued;
    transaction->last = queued;
    transaction->count++;
    transaction->memory_bytes += memory_block_bytes(queued);
    transaction->denies_oom = transaction->denies_oom || entry->denies_oom;
    transaction->writes = transaction->writes || entry->writes;
    return true;
}

void transaction_queued_free(struct queued_command *queued) { memory_free(queued); }

void transaction_forget(struct session *session) {
    struct transaction *transaction = session->transaction;
    if (transaction == NULL) return;
    while (transaction->first != NULL) {
        struct queued_command *queued = transaction->first;
        transaction->first = queued->next;
        memory_free(queued);
    }
    struct watch *watches = transaction->watches;
    size_t watch_count = transaction->watch_count;
    *transaction = (struct transaction){.watches = watches, .watch_count = watch_count};
}

void transaction_end(struct session *session) {
    if (session->transaction == NULL) return;
    transaction_forget(session);
    watch_remove_all(session);
    memory_free(session->transaction);
    session->transaction = NULL;
}

/* --- watching --- */

static uint32_t name_database(const struct watched_key *key) {
    uint32_t number;
    memcpy(&number, key->name, sizeof(number));
    return number;
}

static struct watched_key *make_key(int32_t database, struct bytes key) {
    uint32_t number = (uint32_t)database;
    size_t name_len = sizeof(number) + key.len;
    struct watched_key *watched = memory_try_allocate(sizeof(*watched) + name_len);
    if (watched == NULL) return NULL;
    *watched = (struct watched_key){.name_len = (uint32_t)name_len};
    memcpy(watched->name, &number, sizeof(number));
    if (key.len > 0) memcpy(watched->name + sizeof(number), key.data, key.len);
    return watched;
}

/* Where there is no memory for the name: a walk over all. */
static struct watched_key *find_slowly(const struct watches *watches, uint32_t number,
                                       struct bytes key) {
    struct watched_key *watched = watches->first;
    for (; watched != NULL; watched = watched->next) {
        struct bytes name = watched_name(watched);
        if (name_database(watched) == number &&
            bytes_equal(bytes_make(name.data + sizeof(number), name.len - sizeof(number)), key))
            break;
    }
    return watched;
}

static struct watched_key *find(const struct watches *watches, struct database *database,
                                struct bytes key) {
    char small[256];
    uint32_t number = (uint32_t)database->index;
    size_t len = sizeof(number) + key.len;
    char *name = len <= sizeof(small) ? small : memory_try_allocate(len);
    if (name == NULL) return find_slowly(watches, number, key);
    memcpy(name, &number, sizeof(number));
    if (key.len > 0) memcpy(name + sizeof(number), key.data, key.len);
    struct bytes whole = bytes_make(name, len);
    struct watched_key *found = hash_table_find(&watches->table, hash_bytes(whole), whole, NULL);
    if (name != small) memory_free(name);
    return found;
}

/* NULL: memory was refused. */
static struct watched_key *find_or_add(struct watches *watches, struct database *database,
                                       struct bytes key) {
    struct watched_key *watched = find(watches, database, key);
    if (watched != NULL) return watched;
    watched = make_key(database->index, key);
    if (watched == NULL) return NULL;
    struct bytes name = watched_name(watched);
    hash_table_insert(&watches->table, hash_bytes(name), watched);
    watched->next = watches->first;
    if (watches->first != NULL) watches->first->previous = watched;
    watches->first = watched;
    database->watched++;
    return watched;
}

bool watch_add(struct session *session, struct database *database, struct bytes key) {
    struct transaction *transaction = session_transaction(session);
    struct watched_key *watched = find_or_add(session->server->watches, database, key);
    if (watched == NULL) return false;
    for (struct watch *watch = watched->first; watch != NULL; watch = watch->next_of_key) {
        if (watch->session == session) return true;
    }
    if (transaction->watch_count++ == 0) session->server->watches->session_count++;
    struct watch *watch = memory_allocate(sizeof(*watch));
    *watch = (struct watch){.session = session,
                            .key = watched,
                            .next_of_key = watched->first,
                            .next_of_session = transaction->watches};
    transaction->watch_bytes += memory_block_bytes(watch) + memory_block_bytes(watched);
    if (watched->first != NULL) watched->first->previous_of_key = watch;
    watched->first = watch;
    transaction->watches = watch;
    return true;
}

static void forget_key(struct server *server, struct watched_key *watched) {
    struct watches *watches = server->watches;
    struct bytes name = watched_name(watched);
    struct hash_place place;
    hash_table_find(&watches->table, hash_bytes(name), name, &place);
    hash_table_remove(&watches->table, place);
    if (watched->previous != NULL) watched->previous->next = watched->next;
    else watches->first = watched->next;
    if (watched->next != NULL) watched->next->previous = watched->previous;
    server->executor.keyspace.databases[name_database(watched)].watched--;
    memory_free(watched);
}

static void drop_watches(struct session *session) {
    struct transaction *transaction = session->transaction;
    if (transaction == NULL || transaction->watches == NULL) return;
    while (transaction->watches != NULL) {
        struct watch *watch = transaction->watches;
        transaction->watches = watch->next_of_session;
        if (watch->previous_of_key != NULL)
            watch->previous_of_key->next_of_key = watch->next_of_key;
        else watch->key->first = watch->next_of_key;
        if (watch->next_of_key != NULL)
            watch->next_of_key->previous_of_key = watch->previous_of_key;
        if (watch->key->first == NULL) forget_key(session->server, watch->key);
        memory_free(watch);
    }
    transaction->watch_count = 0;
    transaction->watch_bytes = 0;
    session->server->watches->session_count--;
}

void watch_remove_all(struct session *session) {
    session->flags &= ~(uint32_t)SESSION_DIRTY_CAS;
    drop_watches(session);
}

/* Whoever is dirty need not watch on. The key is gone with its last watcher. */
static void mark(struct watched_key *watched) {
    bool is_last = false;
    while (!is_last) {
        struct session *session = watched->first->session;
        is_last = watched->first->next_of_key == NULL;
        session->flags |= SESSION_DIRTY_CAS;
        drop_watches(session);
    }
}

void watches_key_changed(struct server *server, struct database *database, struct bytes key) {
    if (server->watches->table.item_count == 0) return;
    struct watched_key *watched = find(server->watches, database, key);
    if (watched != NULL) mark(watched);
}

void watches_expire(struct session *session) {
    struct executor *executor = &session->server->executor;
    struct transaction *transaction = session->transaction;
    if (transaction == NULL || executor->expiry_paused) return;
    for (struct watch *watch = transaction->watches; watch != NULL;
         watch = watch->next_of_session) {
        struct watched_key *watched = watch->key;
        struct database *database = &executor->keyspace.databases[name_database(watched)];
        struct bytes key = bytes_make(watched->name + sizeof(uint32_t),
                                      watched->name_len - sizeof(uint32_t));
        struct keyspace_place place = keyspace_find(database, key, hash_bytes(key));
        if (place.entry == NULL || !entry_has_deadline(place.entry) ||
            entry_deadline_ms(place.entry) > executor->now_us / 1000)
            continue;
        executor_remove(executor, database, &place, REMOVAL_EXPIRED);
        return; /* dirty now, and without watches */
    }
}

static void mark_all(struct watched_key *watched) {
    for (struct watch *watch = watched->first; watch != NULL; watch = watch->next_of_key)
        watch->session->flags |= SESSION_DIRTY_CAS;
}

void watches_database_changed(struct server *server, struct database *database) {
    if (server->watches->first == NULL) return;
    for (struct watched_key *watched = server->watches->first; watched != NULL;
         watched = watched->next) {
        if (name_database(watched) != (uint32_t)database->index) continue;
        struct bytes key = bytes_make(watched->name + sizeof(uint32_t),
                                      watched->name_len - sizeof(uint32_t));
        if (keyspace_find(database, key, hash_bytes(key)).entry != NULL) mark_all(watched);
    }
    for (struct session *session = server->sessions.first; session != NULL; session = session->next)
        if ((session->flags & SESSION_DIRTY_CAS) != 0) drop_watches(session);
}
