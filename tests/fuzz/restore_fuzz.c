/* SPDX-License-Identifier: BSD-3-Clause */
/* RESTORE of a stranger's bytes, through a whole executor in this process. The first byte chooses:
 * the rest is a body that gets a right version and checksum, or the payload as it is. What is
 * accepted is read, changed, copied and dumped; what it was dumped to must be accepted again and be
 * the same. What is refused must have changed nothing. */
#include <assert.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/encode.h"
#include "base/hash.h"
#include "base/memory.h"
#include "commands/call.h"
#include "commands/registry.h"
#include "families/families.h"
#include "keyspace/dataset_digest.h"
#include "keyspace/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* state: one server for all inputs; each begins with a flush */
static struct {
    bool ready;
    struct clock clock;
    struct executor executor;
    struct registry *registry;
} server;

static void prepare(void) {
    if (server.ready) return;
    static const uint8_t secret[HASH_SECRET_BYTES] = {1, 2, 3, 4};
    hash_setup(secret);
    clock_init_manual(&server.clock, (int64_t)1700000000000000);
    size_t count;
    const struct family *const *families = families_all(&count);
    server.registry = registry_create(families, count);
    executor_init(&server.executor, server.registry, &server.clock, 2, 1);
    server.ready = true;
}

/* True when the reply is not an error; `bulk` (may be NULL) gets a copy of a bulk, to be freed. */
static bool run(const struct bytes *argv, int argc, struct bytes *bulk) {
    struct command_entry *entry = registry_resolve(server.registry, argv, argc, NULL);
    assert(entry != NULL && registry_arity_fits(entry, argc));
    struct output output;
    struct call call;
    output_init(&output, 2);
    call_init(&call, &server.executor, entry->command, &server.executor.keyspace.databases[0], argv,
              argc, &output);
    if (entry->parent != NULL) call.arg_at = 2;
    executor_run(&server.executor, &call);
    if (bulk != NULL) {
        assert(output.data[0] == '$' && output.splice_count == 0);
        size_t len = strtoull(output.data + 1, NULL, 10);
        char *copy = malloc(len + 1);
        assert(copy != NULL);
        memcpy(copy, output.data + output.len - 2 - len, len);
        *bulk = bytes_make(copy, len);
    }
    output_deinit(&output);
    return !call.failed;
}

#define RUN(...)                             \
    run((const struct bytes[]){__VA_ARGS__}, \
        (int)(sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes)), NULL)

static bool restore(struct bytes key, struct bytes payload) {
    return RUN(BYTES("RESTORE"), key, BYTES("0"), payload, BYTES("REPLACE"));
}

/* Commands that read and change it, whatever it is; some will answer WRONGTYPE. */
static void use(struct bytes key) {
    RUN(BYTES("TYPE"), key);
    RUN(BYTES("OBJECT"), BYTES("ENCODING"), key);
    RUN(BYTES("GET"), key);
    RUN(BYTES("SETRANGE"), key, BYTES("3"), BYTES("xyz"));
    RUN(BYTES("APPEND"), key, BYTES("tail"));
    RUN(BYTES("RL.STATUS"), key);
    RUN(BYTES("RL.CHECK"), key, BYTES("5/1s"));
    RUN(BYTES("RL.ACQUIRE"), key, BYTES("3"), BYTES("holder"));
    RUN(BYTES("RL.POLICY"), BYTES("LIST"));
    RUN(BYTES("RL.POLICY"), BYTES("SET"), BYTES("login"), BYTES("5/1m"));
    RUN(BYTES("HGETALL"), key);
    RUN(BYTES("HSET"), key, BYTES("a"), BYTES("of another length"), BYTES("new"), BYTES("7"));
    RUN(BYTES("HEXPIRE"), key, BYTES("100"), BYTES("FIELDS"), BYTES("2"), BYTES("a"), BYTES("b"));
    RUN(BYTES("HDEL"), key, BYTES("b"), BYTES("new"));
    RUN(BYTES("COPY"), key, BYTES("copied"), BYTES("REPLACE"));
    RUN(BYTES("RENAME"), key, BYTES("renamed"));
}

static void check_again(struct bytes key) {
    /* What it was made of may all have ended long ago. */
    RUN(BYTES("TOUCH"), key);
    if (server.executor.keyspace.databases[0].table.item_count == 0) return;
    const struct bytes argv[] = {BYTES("DUMP"), key};
    struct value_digest before, after;
    struct bytes payload;
    bool dumped = run(argv, 2, &payload);
    assert(dumped);
    struct keyspace *keyspace = &server.executor.keyspace;
    struct database *database = &keyspace->databases[0];
    entry_digest(keyspace, keyspace_find(database, key, hash_bytes(key)).entry, &before);
    bool again = restore(key, payload);
    assert(again);
    entry_digest(keyspace, keyspace_find(database, key, hash_bytes(key)).entry, &after);
    assert(memcmp(&before, &after, sizeof(before)) == 0);
    free((void *)(uintptr_t)payload.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    prepare();
    /* The policies' own key, too: there a family looks for its values. */
    struct bytes key = (data[0] & 2) != 0 ? BYTES("ratelimit:policies") : BYTES("key");
    struct encoder encoder;
    encoder_init(&encoder);
    encode_raw(&encoder, bytes_make(data + 1, size - 1));
    if ((data[0] & 1) == 0) {
        encode_u16(&encoder, PAYLOAD_VERSION);
        encode_u64(&encoder, digest_crc64(0, encoder_bytes(&encoder)));
    }
    bool accepted = restore(key, encoder_bytes(&encoder));
    encoder_deinit(&encoder);
    if (accepted) {
        check_again(key);
        use(key);
    } else {
        assert(server.executor.keyspace.databases[0].table.item_count == 0);
    }
    RUN(BYTES("FLUSHALL"), BYTES("SYNC"));
    assert(keyspace_key_count(&server.executor.keyspace) == 0);
    return 0;
}
