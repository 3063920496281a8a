/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Sockets that a service manager opened for us: the LISTEN_FDS protocol of sd_listen_fds(3). */
#include "base/outcome.h"

#define ACTIVATION_FIRST_FD 3

/* How many sockets were handed over to this very process: descriptors ACTIVATION_FIRST_FD and
 * following, which are made nonblocking and closed on exec. 0: none. The environment is cleaned,
 * so that children do not take them for theirs; call it once, before threads.
 * MALFORMED: a variable says nonsense, or a descriptor is not a stream socket that listens. */
enum outcome activation_take(int *count) MUST_CHECK;
