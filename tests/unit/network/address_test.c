/* SPDX-License-Identifier: BSD-3-Clause */
#include "network/address.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>
#include <sys/un.h>

#include "base/bytes.h"

static struct address ipv4(const char *host, uint16_t port) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    cr_assert_eq(inet_pton(AF_INET, host, &in.sin_addr), 1);
    struct address address = {.len = sizeof(in)};
    memcpy(&address.storage, &in, sizeof(in));
    return address;
}

static struct address ipv6(const char *host, uint16_t port) {
    struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    cr_assert_eq(inet_pton(AF_INET6, host, &in.sin6_addr), 1);
    struct address address = {.len = sizeof(in)};
    memcpy(&address.storage, &in, sizeof(in));
    return address;
}

static struct address path(const char *name, size_t len) {
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    memcpy(un.sun_path, name, len);
    struct address address = {.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)};
    memcpy(&address.storage, &un, sizeof(un));
    return address;
}

static void expect(struct address address, const char *expected, bool is_local) {
    char text[ADDRESS_TEXT_BYTES_MAX];
    cr_assert_eq(address_text(&address, text), strlen(expected));
    cr_assert_str_eq(text, expected);
    cr_assert_eq(address_is_local(&address), is_local, "%s", expected);
}

Test(address, is_shown_as_clients_write_it_and_knows_whether_it_is_local) {
    expect(ipv4("127.0.0.1", 50000), "127.0.0.1:50000", true);
    expect(ipv4("127.1.2.3", 1), "127.1.2.3:1", true);
    expect(ipv4("192.0.2.1", 6379), "192.0.2.1:6379", false);
    expect(ipv6("::1", 50000), "[::1]:50000", true);
    expect(ipv6("2001:db8::1", 6379), "[2001:db8::1]:6379", false);
    expect(ipv6("::ffff:127.0.0.1", 6379), "[::ffff:127.0.0.1]:6379", true);
    expect(ipv6("::ffff:192.0.2.1", 6379), "[::ffff:192.0.2.1]:6379", false);
    expect(path("/run/s.sock", 12), "/run/s.sock:0", true);
    expect(path("\0hidden", 7), "@hidden:0", true);
    expect(path("", 0), ":0", true);
    expect((struct address){0}, "?:0", false);
}

Test(address, fits_the_longest_path_there_is) {
    char longest[sizeof(((struct sockaddr_un *)0)->sun_path)];
    memset(longest, 'p', sizeof(longest));
    struct address address = path(longest, sizeof(longest));
    char text[ADDRESS_TEXT_BYTES_MAX];
    cr_assert_eq(address_text(&address, text), sizeof(longest) + 2);
    cr_assert_str_eq(text + sizeof(longest), ":0");
}

Test(address, has_a_port_where_the_family_has_ports) {
    struct address address = ipv4("127.0.0.1", 6379);
    cr_assert_eq(address_port(&address), 6379);
    address = ipv6("::1", 6380);
    cr_assert_eq(address_port(&address), 6380);
    address = path("/run/s.sock", 12);
    cr_assert_eq(address_port(&address), 0);
    cr_assert(address_is_unix(&address));
}
