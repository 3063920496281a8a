/* SPDX-License-Identifier: BSD-3-Clause */
/* DEBUG: the words about what is stored. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/family.h"
#include "keyspace/dataset_digest.h"
#include "keyspace/string_value.h"
#include "server/debug_words.h"
#include "server/server.h"
#include "server/words.h"

void debug_digest(struct call *call) {
    char hex[41];
    dataset_digest_hex(&call->executor->keyspace, call_now_ms(call), hex);
    reply_status(call, hex);
}

static struct entry *peek(struct call *call, struct bytes key, struct value *value) {
    struct entry *entry;
    uint32_t flags = KEY_READ_NO_TOUCH | KEY_READ_NO_STATS;
    if (!key_exists(call, key)) return NULL; /* without the event of a miss */
    return key_peek(call, call->database, key, NULL, flags, value, &entry) ? entry : NULL;
}

void debug_digest_value(struct call *call) {
    reply_array(call, (size_t)args_left(call));
    while (args_left(call) > 0) {
        struct value value;
        struct value_digest digest = {0};
        char hex[41];
        const struct entry *entry = peek(call, args_key(call), &value);
        if (entry != NULL) entry_digest(&call->executor->keyspace, entry, &digest);
        digest_to_hex(&digest, hex);
        reply_status(call, hex);
    }
}

void debug_object(struct call *call) {
    struct value value;
    const struct entry *entry = peek(call, args_key(call), &value);
    bool fast = args_left(call) > 0;
    if (entry == NULL) {
        reply_error(call, "ERR no such key");
        return;
    }
    char length[48] = "";
    if (!fast) {
        struct encoder encoder;
        encoder_init(&encoder);
        value.type->save(&value, &encoder);
        snprintf(length, sizeof(length), " serializedlength:%zu", encoder.len);
        encoder_deinit(&encoder);
    }
    const struct access_rules *access = &call->executor->keyspace.access;
    struct bytes text = arena_format(call_arena(call),
                                     "Value at:%p refcount:1 encoding:%s%s lru:%" PRIu32
                                     " lru_seconds_idle:%" PRId64,
                                     (const void *)entry, value.type->encoding(&value), length,
                                     access_bits(entry), access_idle_seconds(access, entry));
    call->reply_pending--;
    resp_status(call->output, text);
}

/* count [prefix [size]]: strings "prefix:0" and on, unless they are there. Not journaled. */
void debug_populate(struct call *call) {
    struct keyspace *keyspace = &call->executor->keyspace;
    const char *error = "value is out of range, must be positive";
    int64_t count = args_integer_or(call, 0, INT64_MAX, error);
    struct bytes prefix = args_left(call) > 0 ? args_bytes(call) : BYTES("key");
    int64_t size = args_left(call) > 0 ? args_integer_or(call, 0, 512 << 20, error) : 0;
    if (args_failed(call)) return;
    char *text = memory_try_allocate((size_t)size + 32);
    char *name = memory_try_allocate(prefix.len + 32);
    bool full = text == NULL || name == NULL;
    if (!full && prefix.len > 0) memcpy(name, prefix.data, prefix.len);
    for (int64_t i = 0; i < count && !full; i++) {
        int digits = snprintf(name + prefix.len, 32, ":%" PRId64, i);
        struct bytes key = bytes_make(name, prefix.len + (size_t)digits);
        uint64_t hash = hash_bytes(key);
        struct keyspace_place place = keyspace_find(call->database, key, hash);
        if (place.entry != NULL) continue;
        memset(text, 0, (size_t)size + 32);
        size_t len = (size_t)snprintf(text, 32, "value:%" PRId64, i);
        struct value value;
        if (size > 0) len = (size_t)size;
        full = !string_value_try(bytes_make(text, len), NULL, &value);
        if (full) continue;
        full = !keyspace_store(keyspace, call->database, key, &place, &value, false, 0);
        if (full) string_value_drop(&value);
    }
    memory_free(name);
    memory_free(text);
    if (full) reply_error(call, "ERR out of memory");
    else reply_ok(call);
}

static void describe_table(struct output *text, const struct hash_table *table) {
    char line[160];
    int len = snprintf(line, sizeof(line), " table size: %zu\n number of elements: %zu\n",
                       table->bucket_count * HASH_TABLE_SLOTS, table->item_count);
    output_raw(text, bytes_make(line, (size_t)len));
    len = snprintf(line, sizeof(line), " buckets: %zu\n overflow bytes: %zu\n memory bytes: %zu\n",
                   table->bucket_count, table->overflow_bytes, hash_table_memory_bytes(table));
    output_raw(text, bytes_make(line, (size_t)len));
}

void debug_htstats(struct call *call) {
    const struct keyspace *keyspace = &call->executor->keyspace;
    int64_t index = args_integer(call, INT64_MIN, INT64_MAX);
    if (args_failed(call)) return;
    if (index < 0 || index >= keyspace->database_count) {
        reply_error(call, "ERR Out of range database");
        return;
    }
    const struct database *database = &keyspace->databases[index];
    struct output text;
    output_init(&text, 2);
    output_raw(&text, BYTES("[Dictionary HT]\nHash table 0 stats (main hash table):\n"));
    describe_table(&text, &database->table);
    output_raw(&text, BYTES("[Expires HT]\n"));
    output_raw(&text, arena_format(
                          call_arena(call), " number of elements: %zu\n memory bytes: %zu\n",
                          database->volatile_count, deadlines_memory_bytes(&database->deadlines)));
    reply_gathered(call, &text);
    output_deinit(&text);
}

void debug_htstats_key(struct call *call) {
    struct value value;
    if (peek(call, args_key(call), &value) == NULL) reply_error(call, "ERR no such key");
    else
        reply_error(call, "ERR The value stored at the specified key is not represented using an "
                          "hash table");
}

/* --- how a value is stored --- */

/* Replies with `done` when the key's value is of this encoding, and tells the log about it; else
 * with an error that calls it `kind`. */
static void tell_encoding(struct call *call, const char *encoding, const char *kind,
                          const char *done) {
    struct value value;
    const struct entry *entry = peek(call, args_key(call), &value);
    if (entry == NULL) {
        reply_error(call, "ERR no such key");
        return;
    }
    if (strcmp(value.type->encoding(&value), encoding) != 0) {
        reply_error(call, "ERR Not a %s encoded object.", kind);
        return;
    }
    size_t bytes = memory_small_class(entry_size(entry));
    if (value.storage == VALUE_BOXED) bytes += value.type->bytes(value.boxed, 0);
    log_write(server_of(call)->log, LOG_LEVEL_NOTICE, "DEBUG: a %s of type %s, %zu bytes%s",
              encoding, value.type->name, bytes,
              value.storage == VALUE_INLINED ? " together with its key" : "");
    reply_status(call, done);
}

void debug_listpack(struct call *call) {
    tell_encoding(call, "listpack", "listpack", "Listpack structure printed on stdout");
}

void debug_quicklist(struct call *call) {
    tell_encoding(call, "quicklist", "quicklist", "Quicklist structure printed on stdout");
}

void debug_sdslen(struct call *call) {
    struct value value;
    struct bytes key = args_key(call);
    const struct entry *entry = peek(call, key, &value);
    if (entry == NULL) {
        reply_error(call, "ERR no such key");
        return;
    }
    if (value.type != &string_type || value.storage == VALUE_INTEGER) {
        reply_error(call, "ERR Not an sds encoded string.");
        return;
    }
    size_t whole = memory_small_class(entry_size(entry));
    size_t apart = value.storage == VALUE_BOXED ? value.type->bytes(value.boxed, 0) : 0;
    struct bytes text = arena_format(call_arena(call),
                                     "key_sds_len:%zu key_sds_avail:0 obj_alloc:%zu "
                                     "val_sds_len:%zu val_sds_avail:0 val_alloc:%zu",
                                     key.len, whole, string_length(&value), apart);
    call->reply_pending--;
    resp_status(call->output, text);
}
