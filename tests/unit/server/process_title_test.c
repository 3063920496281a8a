/* SPDX-License-Identifier: BSD-3-Clause */
/* Titles as redis-server 7.0 shows them for the same templates. */
#include "server/process_title.h"

#include <criterion/criterion.h>

static const struct process_title_parts plain = {
    .program = "mainstay-server",
    .bind = "* -::*",
    .port = 6379,
    .unix_path = "",
    .config_file = "",
};

static const char *titled(const char *format, const struct process_title_parts *parts) {
    static char out[64];
    size_t len = process_title_format(format, parts, out, sizeof(out));
    cr_assert_eq(len, strlen(out));
    return out;
}

Test(process_title, fills_in_what_the_names_stand_for) {
    cr_expect_str_eq(titled("{title} {listen-addr} {server-mode}", &plain),
                     "mainstay-server *:6379");
    cr_expect_str_eq(titled("T {port} {tls-port} {unixsocket} {config-file} |", &plain),
                     "T 6379 0  - |");
    cr_expect_str_eq(titled("{{title} {nobody} {", &plain), "{title} {nobody} {");
    cr_expect_str_eq(titled("", &plain), "");
}

Test(process_title, shows_the_first_address_or_the_socket_of_who_has_no_port) {
    struct process_title_parts parts = plain;
    parts.bind = "-::1 127.0.0.1";
    cr_expect_str_eq(titled("{listen-addr}", &parts), "::1:6379");
    parts.unix_path = "/run/x.sock";
    parts.config_file = "/etc/x.conf";
    cr_expect_str_eq(titled("{listen-addr} {unixsocket} {config-file}", &parts),
                     "::1:6379 /run/x.sock /etc/x.conf");
    parts.port = 0;
    cr_expect_str_eq(titled("{listen-addr}", &parts), "unixsocket:/run/x.sock");
}

Test(process_title, a_title_that_is_too_long_is_cut) {
    struct process_title_parts parts = plain;
    parts.config_file = "/a/path/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/on/and/on";
    cr_expect_eq(strlen(titled("{config-file}", &parts)), 63);
}
