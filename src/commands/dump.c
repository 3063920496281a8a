/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/dump.h"

#include "base/memory.h"
#include "commands/reply.h"

void dump_reply(struct call *call, const struct value *value) {
    struct encoder encoder;
    encoder_init(&encoder);
    if (payload_save(value, &encoder) == OUTCOME_OK) reply_bulk(call, encoder_bytes(&encoder));
    else reply_no_memory(call, "the payload");
    encoder_deinit(&encoder);
}

bool dump_read(struct call *call, struct bytes payload, struct decoder *decoder,
               struct value *value) {
    uint64_t refusals = memory_refusals();
    enum outcome outcome = payload_load(&call->executor->keyspace, payload, decoder, value);
    if (outcome == OUTCOME_OK) return true;
    if (memory_refusals() != refusals) {
        reply_no_memory(call, "the value");
        return false;
    }
    reply_error(call, outcome == OUTCOME_MALFORMED
                          ? "ERR DUMP payload version or checksum are wrong"
                          : "ERR Bad data format");
    return false;
}
