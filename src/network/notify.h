/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Tells the service manager how we are: the NOTIFY_SOCKET protocol of sd_notify(3), one datagram
 * of lines NAME=VALUE: READY=1, RELOADING=1, STOPPING=1, STATUS=text. */
#include "base/bytes.h"
#include "base/outcome.h"

/* `socket_path` is the value of NOTIFY_SOCKET: a path, or a name with "@" in front that stands for
 * the zero byte of an abstract one. NULL or "": nobody listens, NOT_FOUND. Never waits.
 * MALFORMED: it is neither. IO_FAILED with errno. */
enum outcome notify_send(const char *socket_path, struct bytes lines) MUST_CHECK;
