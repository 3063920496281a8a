/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Options that connections and listeners share. On sockets that know no such option, nothing. */
void socket_set_keepalive(int fd, int seconds);
void socket_set_nodelay(int fd);
