/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Addresses of sockets as clients and logs show them: "127.0.0.1:50000", "[::1]:50000",
 * "/run/server.sock:0". */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_BYTES_MAX 128 /* the final zero included; a path has at most 107 */

struct address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* Writes the text with a final zero and returns its length. A socket without a name, as clients
 * of a Unix socket are, gives ":0"; what is no address gives "?:0". */
size_t address_text(const struct address *address, char out[ADDRESS_TEXT_BYTES_MAX]);
/* 127.0.0.0/8, ::1, either written the other way, or a Unix socket. */
bool address_is_local(const struct address *address);
bool address_is_unix(const struct address *address);
uint16_t address_port(const struct address *address); /* 0: it has none */
/* Of the two ends of a socket; false with errno. */
bool address_of_peer(int fd, struct address *address);
bool address_of_socket(int fd, struct address *address);
