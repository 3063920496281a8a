/* SPDX-License-Identifier: BSD-3-Clause */
/* OBJECT: how a value lies, and how it has been used. Asking is not using. */
#include "commands/help.h"
#include "commands/string_edit.h"
#include "families/key/key_words.h"

/* False: there is no such key, and null was replied. No event tells of the miss. */
static bool look(struct call *call, struct value *value, struct entry **entry) {
    struct bytes key = args_key(call);
    if (key_exists(call, key) &&
        key_peek(call, call->database, key, NULL, KEY_READ_NO_TOUCH, value, entry))
        return true;
    reply_null(call);
    return false;
}

void key_word_object_encoding(struct call *call) {
    struct value value;
    struct entry *entry;
    if (!look(call, &value, &entry)) return;
    const char *encoding = value.type->encoding == NULL ? NULL : value.type->encoding(&value);
    reply_text(call, encoding == NULL ? "raw" : encoding);
}

#define POLICY_NOTE                                                                      \
    "Please note that when switching between policies at runtime LRU and LFU data will " \
    "take some time to adjust."

void key_word_object_freq(struct call *call) {
    struct value value;
    struct entry *entry;
    if (!look(call, &value, &entry)) return;
    const struct access_rules *rules = &call->executor->keyspace.access;
    if (rules->lfu) {
        reply_integer(call, access_frequency(rules, entry));
        return;
    }
    reply_error(
        call,
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. " POLICY_NOTE);
}

void key_word_object_idletime(struct call *call) {
    struct value value;
    struct entry *entry;
    if (!look(call, &value, &entry)) return;
    const struct access_rules *rules = &call->executor->keyspace.access;
    if (!rules->lfu) {
        reply_integer(call, access_idle_seconds(rules, entry));
        return;
    }
    reply_error(call,
                "ERR An LFU maxmemory policy is selected, idle time not tracked. " POLICY_NOTE);
}

/* Numbers that Redis keeps once for all keys, and calls shared without end. Nothing is counted
 * here: the answer is Redis's. */
#define SHARED_INTEGERS 10000
#define SHARED_COUNT INT32_MAX

void key_word_object_refcount(struct call *call) {
    struct value value;
    struct entry *entry;
    if (!look(call, &value, &entry)) return;
    bool shared = value.storage == VALUE_INTEGER && value.type == &string_type &&
                  value.integer >= 0 && value.integer < SHARED_INTEGERS;
    reply_integer(call, shared ? SHARED_COUNT : 1);
}

void key_word_object_help(struct call *call) {
    static const char *const lines[] = {
        "ENCODING <key>",
        "    Names the way in which the value of <key> lies in memory.",
        "FREQ <key>",
        "    Tells how often <key> was used of late, on a logarithmic scale up to 255. Only with",
        "    a maxmemory-policy that counts uses (LFU).",
        "IDLETIME <key>",
        "    Tells for how many seconds <key> has not been used. Not with an LFU policy.",
        "REFCOUNT <key>",
        "    Tells how often the value of <key> is referred to.",
    };
    reply_help(call, lines, COUNT_OF(lines));
}
