/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/words.h"

#include "base/bytes.h"
#include "commands/family.h"
#include "server/server.h"

extern const struct family admin_family;
extern const struct family client_family;
extern const struct family cluster_family;
extern const struct family command_family;
extern const struct family config_family;
extern const struct family connection_family;
extern const struct family debug_family;
extern const struct family info_family;
extern const struct family latency_family;
extern const struct family memory_family;
extern const struct family pubsub_family;
extern const struct family slowlog_family;
extern const struct family transactions_family;

static const struct family *const families[] = {
    &admin_family,      &client_family,  &cluster_family,      &command_family, &config_family,
    &connection_family, &debug_family,   &info_family,         &latency_family, &memory_family,
    &pubsub_family,     &slowlog_family, &transactions_family,
};

const struct family *const *server_families(size_t *count) {
    *count = COUNT_OF(families);
    return families;
}

struct server *server_of(const struct call *call) {
    return server_of_executor(call->executor);
}
