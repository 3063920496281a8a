/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* What the system grants a server: descriptors, and connections waiting to be accepted. */
#include <stdint.h>

struct limits_descriptors {
    uint64_t before; /* what held when asked */
    uint64_t now;    /* what holds: >= wanted, or as many as could be had */
    int error;       /* errno of the refusal when now < wanted; else 0 */
};

/* Raises RLIMIT_NOFILE to `wanted`, or as far as it goes; never lowers it. The caller fits
 * maxclients to `now` and says so. */
struct limits_descriptors limits_raise_descriptors(uint64_t wanted);

/* The longest backlog that the system grants to listen(); 0 when it does not say. */
int limits_backlog_max(void);
