/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of the modules that come with Redis 8, by its documentation: known so that a file
 * made for it loads, and not shown by CONFIG GET * since Redis without modules does not either. A
 * family of ours that declares one of them replaces it. */
#include "server/options_known.h"

#define MODULE_BOOL(name_, fallback_, help_) OPT_BOOL(name_, HIDDEN | INERT, fallback_, help_)
#define MODULE_NUMBER(name_, fallback_, help_) \
    OPT_NUMBER(name_, HIDDEN | INERT, fallback_, 0, 0, help_)
#define MODULE_TEXT(name_, fallback_, help_) OPT_TEXT(name_, HIDDEN | INERT, fallback_, help_)

static const struct option probabilistic[] = {
    MODULE_TEXT("bf-error-rate", "0.01", "Error rate of a new Bloom filter."),
    MODULE_NUMBER("bf-initial-size", "100", "Capacity of a new Bloom filter."),
    MODULE_NUMBER("bf-expansion-factor", "2", "Growth of a Bloom filter."),
    MODULE_NUMBER("cf-bucket-size", "2", "Items in a bucket of a cuckoo filter."),
    MODULE_NUMBER("cf-initial-size", "1024", "Capacity of a new cuckoo filter."),
    MODULE_NUMBER("cf-max-iterations", "20", "Moves to make room in a cuckoo filter."),
    MODULE_NUMBER("cf-expansion-factor", "1", "Growth of a cuckoo filter."),
    MODULE_NUMBER("cf-max-expansions", "32", "Sub-filters of a cuckoo filter."),
};

static const struct option time_series[] = {
    MODULE_NUMBER("ts-num-threads", "3", "Threads for queries over many nodes."),
    MODULE_TEXT("ts-compaction-policy", "", "Rules that new series get."),
    MODULE_TEXT("ts-duplicate-policy", "block", "What a second sample of a time does."),
    MODULE_NUMBER("ts-retention-policy", "0", "How long samples are kept; 0 for ever."),
    MODULE_NUMBER("ts-chunk-size-bytes", "4096", "Size of a new chunk."),
    MODULE_TEXT("ts-encoding", "compressed", "How chunks are kept."),
    MODULE_NUMBER("ts-ignore-max-time-diff", "0", "Samples so near are left out."),
    MODULE_TEXT("ts-ignore-max-val-diff", "0", "Samples so alike are left out."),
};

static const struct option search[] = {
    MODULE_NUMBER("search-timeout", "500", "The longest query."),
    MODULE_TEXT("search-on-timeout", "return", "What a query that takes longer gives."),
    MODULE_TEXT("search-on-oom", "return", "What a query without memory gives."),
    MODULE_NUMBER("search-min-prefix", "2", "The shortest prefix."),
    MODULE_NUMBER("search-max-prefix-expansions", "200", "Words that a prefix stands for."),
    MODULE_NUMBER("search-max-search-results", "1000000", "Results of FT.SEARCH."),
    MODULE_NUMBER("search-max-aggregate-results", "2147483648", "Results of FT.AGGREGATE."),
    MODULE_NUMBER("search-max-doctablesize", "1000000", "Size of the table of documents."),
    MODULE_NUMBER("search-cursor-max-idle", "300000", "How long a cursor may rest."),
    MODULE_NUMBER("search-cursor-read-size", "1000", "Results in one read of a cursor."),
    MODULE_NUMBER("search-index-cursor-limit", "128", "Cursors of an index."),
    MODULE_NUMBER("search-default-dialect", "1", "Dialect of queries that name none."),
    MODULE_TEXT("search-default-scorer", "BM25STD", "Scorer of queries that name none."),
    MODULE_NUMBER("search-bm25std-tanh-factor", "4", "A factor of the scorer."),
    MODULE_NUMBER("search-union-iterator-heap", "20", "Iterators from which a heap is used."),
    MODULE_NUMBER("search-min-stem-len", "4", "The shortest word that is stemmed."),
    MODULE_NUMBER("search-multi-text-slop", "100", "Distance between texts of a field."),
    MODULE_BOOL("search-no-gc", "no", "Does without collecting garbage."),
    MODULE_NUMBER("search-gc-scan-size", "100", "Size of a step of the collector."),
    MODULE_NUMBER("search-fork-gc-run-interval", "30", "Time between its runs."),
    MODULE_NUMBER("search-fork-gc-retry-interval", "5", "Time until it tries again."),
    MODULE_NUMBER("search-fork-gc-clean-threshold", "100", "Garbage that makes it run."),
    MODULE_NUMBER("search-fork-gc-sleep-before-exit", "0", "For tests."),
    MODULE_BOOL("search-no-mem-pools", "no", "Does without pools of memory."),
    MODULE_BOOL("search-raw-docid-encoding", "no", "Keeps numbers of documents as they are."),
    MODULE_BOOL("search-partial-indexed-docs", "no", "Indexes documents in part."),
    MODULE_BOOL("search-enable-unstable-features", "no", "Enables what is not done yet."),
    MODULE_NUMBER("search-threads", "20", "Threads of the coordinator."),
    MODULE_NUMBER("search-workers", "0", "Threads for queries."),
    MODULE_NUMBER("search-min-operation-workers", "4", "Threads for indexing."),
    MODULE_NUMBER("search-workers-priority-bias-threshold", "1", "Work that goes first."),
    MODULE_NUMBER("search-io-threads", "1", "Threads between nodes."),
    MODULE_NUMBER("search-conn-per-shard", "0", "Connections to a node."),
    MODULE_NUMBER("search-tiered-hnsw-buffer-limit", "1024", "Vectors that wait to be indexed."),
    MODULE_NUMBER("search-vss-max-resize", "0", "Growth of a vector index."),
    MODULE_NUMBER("search-topology-validation-timeout", "30000", "Wait for the cluster."),
    MODULE_TEXT("search-ext-load", "", "An extension."),
    MODULE_TEXT("search-friso-ini", "", "Settings of the Chinese tokenizer."),
    MODULE_TEXT("search-oss-acl-username", "default", "User between nodes."),
    OPT_TEXT("search-oss-global-password", HIDDEN | INERT | SECRET, "", "Password between nodes."),
};

const struct option_table options_known_modules[] = {
    {"Probabilistic module", probabilistic, COUNT_OF(probabilistic)},
    {"Time series module", time_series, COUNT_OF(time_series)},
    {"Search module", search, COUNT_OF(search)},
};
const size_t options_known_modules_count = COUNT_OF(options_known_modules);
