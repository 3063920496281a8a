/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/* Copies, because the storage need not be what its family says to the compiler. */
static struct sockaddr_in as_ipv4(const struct address *address) {
    struct sockaddr_in ipv4;
    memcpy(&ipv4, &address->storage, sizeof(ipv4));
    return ipv4;
}

static struct sockaddr_in6 as_ipv6(const struct address *address) {
    struct sockaddr_in6 ipv6;
    memcpy(&ipv6, &address->storage, sizeof(ipv6));
    return ipv6;
}

static size_t unix_text(const struct address *address, char out[ADDRESS_TEXT_BYTES_MAX]) {
    struct sockaddr_un local = {0};
    size_t len = address->len < sizeof(local) ? address->len : sizeof(local);
    memcpy(&local, &address->storage, len);
    size_t path_start = offsetof(struct sockaddr_un, sun_path);
    size_t path_len = len > path_start ? len - path_start : 0;
    /* An abstract name starts with a zero byte, which is shown as @ like everywhere. */
    bool is_abstract = path_len > 0 && local.sun_path[0] == '\0';
    if (is_abstract) local.sun_path[0] = '@';
    else path_len = strnlen(local.sun_path, path_len);
    int written = snprintf(out, ADDRESS_TEXT_BYTES_MAX, "%.*s:0", (int)path_len, local.sun_path);
    return (size_t)written;
}

size_t address_text(const struct address *address, char out[ADDRESS_TEXT_BYTES_MAX]) {
    char host[INET6_ADDRSTRLEN] = "?";
    int written;
    switch (address->storage.ss_family) {
    case AF_INET: {
        struct sockaddr_in ipv4 = as_ipv4(address);
        inet_ntop(AF_INET, &ipv4.sin_addr, host, sizeof(host));
        written = snprintf(out, ADDRESS_TEXT_BYTES_MAX, "%s:%d", host, ntohs(ipv4.sin_port));
        break;
    }
    case AF_INET6: {
        struct sockaddr_in6 ipv6 = as_ipv6(address);
        inet_ntop(AF_INET6, &ipv6.sin6_addr, host, sizeof(host));
        written = snprintf(out, ADDRESS_TEXT_BYTES_MAX, "[%s]:%d", host, ntohs(ipv6.sin6_port));
        break;
    }
    case AF_UNIX: return unix_text(address, out);
    default: written = snprintf(out, ADDRESS_TEXT_BYTES_MAX, "?:0");
    }
    return (size_t)written;
}

bool address_is_unix(const struct address *address) {
    return address->storage.ss_family == AF_UNIX;
}

bool address_is_local(const struct address *address) {
    if (address_is_unix(address)) return true;
    if (address->storage.ss_family == AF_INET) {
        return ntohl(as_ipv4(address).sin_addr.s_addr) >> 24 == 127;
    }
    if (address->storage.ss_family != AF_INET6) return false;
    struct in6_addr ipv6 = as_ipv6(address).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&ipv6)) return ipv6.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&ipv6);
}

uint16_t address_port(const struct address *address) {
    switch (address->storage.ss_family) {
    case AF_INET: return ntohs(as_ipv4(address).sin_port);
    case AF_INET6: return ntohs(as_ipv6(address).sin6_port);
    default: return 0;
    }
}

bool address_of_peer(int fd, struct address *address) {
    *address = (struct address){.len = sizeof(address->storage)};
    return getpeername(fd, (struct sockaddr *)&address->storage, &address->len) == 0;
}

bool address_of_socket(int fd, struct address *address) {
    *address = (struct address){.len = sizeof(address->storage)};
    return getsockname(fd, (struct sockaddr *)&address->storage, &address->len) == 0;
}
