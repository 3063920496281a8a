/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of what is kept: memory, expiry, encodings, files. */
#include "server/options_known.h"

static const struct option_word policies[] = {
    {"volatile-lru", 0},   {"volatile-lfu", 1}, {"volatile-random", 2},
    {"volatile-ttl", 3},   {"allkeys-lru", 4},  {"allkeys-lfu", 5},
    {"allkeys-random", 6}, {"noeviction", 7},   {NULL, 0}};

static const struct option memory[] = {
    OPT_MEMORY("maxmemory", 0, "0", 0, 0,
               "How much memory may be used; 0: no limit. At the limit maxmemory-policy says "
               "what happens."),
    OPT_ENUM("maxmemory-policy", 0, "noeviction", policies,
             "What makes room at the limit: evicting the keys used least recently (lru), "
             "least often (lfu), those that expire first (ttl) or any (random), among all "
             "keys or among those with a time to live (volatile). noeviction: writes are "
             "refused."),
    OPT_NUMBER("maxmemory-samples", 0, "5", 1, 64,
               "Keys looked at to choose one for eviction: more is more exact, and slower."),
    OPT_NUMBER("maxmemory-eviction-tenacity", INERT, "10", 0, 100,
               "How long a turn may spend on eviction."),
    OPT_BOOL("app-keys-evictable", 0, "no",
             "Lets eviction take keys of application families too, such as rate limits, "
             "which are no cache entries."),
    OPT_NUMBER("lfu-log-factor", 0, "10", 0, INT_MAX,
               "How hard it is to raise the LFU counter: at 10, a million uses fill it."),
    OPT_NUMBER("lfu-decay-time", 0, "1", 0, INT_MAX,
               "Time without use that lowers the LFU counter by one; 0: it never sinks.",
               .unit = "minutes"),
    OPT_NUMBER("active-expire-effort", INERT, "1", 1, 10,
               "How much time goes into removing expired keys."),
    OPT_BOOL("replica-ignore-maxmemory", INERT, "yes", "Replicas do not evict.",
             .alias = "slave-ignore-maxmemory"),
    OPT_BOOL("lazyfree-lazy-eviction", INERT, "no",
             "Frees evicted values in the background; here big ones always are."),
    OPT_BOOL("lazyfree-lazy-expire", 0, "no",
             "Writes UNLINK instead of DEL to the log of changes for expired keys; freeing "
             "is the same."),
    OPT_BOOL("lazyfree-lazy-server-del", 0, "no",
             "The same for evicted keys and those that a RESTORE replaces."),
    OPT_BOOL("lazyfree-lazy-user-del", 0, "no",
             "The same for keys deleted by commands of strings."),
    OPT_BOOL("lazyfree-lazy-user-flush", 0, "no",
             "Makes ASYNC the default of FLUSHALL and FLUSHDB."),
    OPT_BOOL("activerehashing", INERT, "yes", "Grows tables in idle time; here always in steps."),
    OPT_BOOL("jemalloc-bg-thread", INERT, "yes", "Lets the allocator give pages back by itself."),
};

static const struct option defragmentation[] = {
    OPT_BOOL("activedefrag", INERT, "no", "Moves values to where memory is denser.",
             .settle = settle_active_defragmentation),
    OPT_MEMORY("active-defrag-ignore-bytes", INERT, "104857600", 1, LLONG_MAX,
               "Waste that is not worth the work."),
    OPT_NUMBER("active-defrag-threshold-lower", INERT, "10", 0, 1000,
               "Share of waste at which it starts.", .unit = "percent"),
    OPT_NUMBER("active-defrag-threshold-upper", INERT, "100", 0, 1000,
               "Share of waste at which it does its most.", .unit = "percent"),
    OPT_NUMBER("active-defrag-cycle-min", INERT, "1", 1, 99, "The least time it takes.",
               .unit = "percent"),
    OPT_NUMBER("active-defrag-cycle-max", INERT, "25", 1, 99, "The most time it takes.",
               .unit = "percent"),
    OPT_US("active-defrag-cycle-us", INERT, "500", 0, 100000, "Of Valkey: length of a step."),
    OPT_NUMBER("active-defrag-max-scan-fields", INERT, "1000", 1, LLONG_MAX,
               "Elements above which a value is done in steps."),
};

static const struct option encodings[] = {
    OPT_NUMBER("hash-max-listpack-entries", 0, "512", 0, LLONG_MAX,
               "Fields up to which a hash is packed.", .alias = "hash-max-ziplist-entries"),
    OPT_MEMORY("hash-max-listpack-value", 0, "64", 0, LLONG_MAX,
               "The largest element of a packed hash.", .alias = "hash-max-ziplist-value"),
    OPT_NUMBER("list-max-listpack-size", 0, "-2", INT_MIN, INT_MAX,
               "Elements in a node of a list; -1 to -5: 4 to 64 kb instead.",
               .alias = "list-max-ziplist-size"),
    OPT_NUMBER("list-compress-depth", INERT, "0", 0, INT_MAX,
               "Nodes at both ends of a list that are never compressed; 0 none is."),
    OPT_NUMBER("set-max-intset-entries", INERT, "512", 0, LLONG_MAX,
               "Members up to which a set of integers is an array."),
    OPT_NUMBER("set-max-listpack-entries", INERT, "128", 0, LLONG_MAX,
               "Members up to which a set is packed."),
    OPT_NUMBER("set-max-listpack-value", INERT, "64", 0, LLONG_MAX,
               "The largest member of a packed set.", .unit = "bytes"),
    OPT_NUMBER("zset-max-listpack-entries", 0, "128", 0, LLONG_MAX,
               "Members up to which a sorted set is packed.", .alias = "zset-max-ziplist-entries"),
    OPT_MEMORY("zset-max-listpack-value", 0, "64", 0, LLONG_MAX,
               "The largest member of a packed sorted set.", .alias = "zset-max-ziplist-value"),
    OPT_MEMORY("hll-sparse-max-bytes", 0, "3000", 0, LLONG_MAX,
               "The size up to which a HyperLogLog stays sparse."),
    OPT_MEMORY("stream-node-max-bytes", 0, "4096", 0, LLONG_MAX,
               "The largest node of a stream; 0 for no limit."),
    OPT_NUMBER("stream-node-max-entries", 0, "100", 0, LLONG_MAX,
               "Entries in a node of a stream; 0 for no limit."),
    OPT_NUMBER("stream-idmp-duration", INERT, "100", 1, 86400,
               "Of Redis 8.6: how long XADD remembers what it must not add twice.",
               .unit = "seconds"),
    OPT_NUMBER("stream-idmp-maxsize", INERT, "100", 1, 10000,
               "Of Redis 8.6: how much of it is remembered."),
    OPT_BOOL("vset-force-single-threaded-execution", INERT, "no",
             "Of Redis 8: searches vector sets in the thread of commands."),
};

static const struct option_word checks[] = {{"no", 0}, {"yes", 1}, {"clients", 2}, {NULL, 0}};
static const struct option_word strictness[] = {{"strict", 0}, {"relaxed", 1}, {NULL, 0}};

static const struct option snapshots[] = {
    OPT_SPECIAL("save", INERT | OPTION_WORDS, "3600 1 300 100 60 10000",
                "Saves after so many seconds and changes; empty never.", .settle = settle_save,
                .line_words = 2),
    OPT_TEXT("dbfilename", INERT | OPTION_PROTECTED, "dump.rdb", "Name of the snapshot.",
             .settle = settle_file_name),
    OPT_BOOL("stop-writes-on-bgsave-error", INERT, "yes",
             "Refuses writes while the last snapshot has failed."),
    OPT_BOOL("rdbcompression", INERT, "yes", "Compresses strings in snapshots."),
    OPT_BOOL("rdbchecksum", FIXED | INERT, "yes", "Ends snapshots with a checksum."),
    OPT_ENUM("sanitize-dump-payload", INERT, "no", checks,
             "How closely RESTORE looks; here always as closely as it can."),
    OPT_BOOL("rdb-del-sync-files", INERT, "no", "Deletes snapshots that only replication needed."),
    OPT_BOOL("rdb-save-incremental-fsync", INERT, "yes", "Syncs snapshots while writing."),
    OPT_ENUM("rdb-version-check", INERT, "strict", strictness,
             "Of Valkey: whether newer snapshots are tried."),
    OPT_NUMBER("rdb-key-save-delay", HIDDEN | INERT, "0", INT_MIN, INT_MAX,
               "For tests: saving is slowed down.", .unit = "microseconds"),
    OPT_NUMBER("key-load-delay", HIDDEN | INERT, "0", INT_MIN, INT_MAX,
               "For tests: loading is slowed down.", .unit = "microseconds"),
    OPT_NUMBER("loading-process-events-interval-bytes", HIDDEN | INERT, "2097152", 1024, INT_MAX,
               "What is loaded before clients are looked after.", .unit = "bytes"),
};

static const struct option_word syncs[] = {{"everysec", 1}, {"always", 2}, {"no", 0}, {NULL, 0}};

static const struct option append_only[] = {
    OPT_BOOL("appendonly", INERT, "no", "Writes every change to a file."),
    OPT_TEXT("appendfilename", FIXED | INERT, "appendonly.aof", "First part of its name.",
             .settle = settle_append_file),
    OPT_TEXT("appenddirname", FIXED | INERT, "appendonlydir", "Folder for its parts.",
             .settle = settle_append_directory),
    OPT_ENUM("appendfsync", INERT, "everysec", syncs, "When changes are sure to be on disk."),
    OPT_BOOL("no-appendfsync-on-rewrite", INERT, "no", "Does not sync during a rewrite."),
    OPT_NUMBER("auto-aof-rewrite-percentage", INERT, "100", 0, INT_MAX,
               "Growth after which it is rewritten; 0 never.", .unit = "percent"),
    OPT_MEMORY("auto-aof-rewrite-min-size", INERT, "67108864", 0, LLONG_MAX,
               "Size below which it is not."),
    OPT_BOOL("aof-load-truncated", INERT, "yes", "Starts even when its end is cut off."),
    OPT_NUMBER("aof-load-corrupt-tail-max-size", INERT, "0", 0, INT_MAX,
               "Of Redis 8.4: how much of a broken end may be cut off.", .unit = "bytes"),
    OPT_BOOL("aof-use-rdb-preamble", INERT, "yes", "Begins a rewritten file with a snapshot."),
    OPT_BOOL("aof-timestamp-enabled", INERT, "no", "Notes times in it."),
    OPT_BOOL("aof-rewrite-incremental-fsync", INERT, "yes", "Syncs a rewrite while writing."),
    OPT_BOOL("aof-disable-auto-gc", HIDDEN | INERT, "no", "Keeps parts that are done with."),
};

const struct option_table options_known_data[] = {
    {"Memory", memory, COUNT_OF(memory)},
    {"Snapshots", snapshots, COUNT_OF(snapshots)},
    {"Append only file", append_only, COUNT_OF(append_only)},
    {"Encodings", encodings, COUNT_OF(encodings)},
    {"Defragmentation", defragmentation, COUNT_OF(defragmentation)},
};
const size_t options_known_data_count = COUNT_OF(options_known_data);
