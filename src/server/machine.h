/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What is unusual about the machine that the server starts on, with what helps: told in the log
 * once, at start. Each sentence names the command or the parameter that changes it.
 *
 * There is no warning about vm.overcommit_memory being 0, which Redis gives: nothing here forks, so
 * memory is never promised twice. */
#include <stddef.h>
#include <stdint.h>

#define MACHINE_SENTENCE_MAX 512

struct machine_wants {
    uint64_t maxmemory; /* bytes; 0: no limit */
    int backlog;        /* tcp-backlog; 0: nothing listens on TCP */
};

/* Says each sentence. `root` is where /proc and /sys are: "" but in tests. */
void machine_look(const char *root, const struct machine_wants *wants,
                  void (*say)(void *context, const char *sentence), void *context);
