/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/debug_words.h"

#include "server/options.h"
#include "server/server.h"
#include "unit/server/server_transcript.h"

static void setup(void) {
    char reason[OPTIONS_REASON_MAX];
    server_setup();
    cr_assert(options_set(h.server.options, "enable-debug-command", BYTES("yes"), reason));
    SAYS("SET text abc", "+OK\r\n");
    SAYS("SET number 12", "+OK\r\n");
    SAYS("ZADD ranks 1 a", ":1\r\n");
}

TestSuite(debug_value_words, .init = setup, .fini = server_teardown);

Test(debug_value_words, tell_packed_lists_from_what_is_none) {
    SAYS("DEBUG LISTPACK ranks", "+Listpack structure printed on stdout\r\n");
    SAYS("DEBUG LISTPACK text", ERROR("Not a listpack encoded object."));
    SAYS("DEBUG LISTPACK none", ERROR("no such key"));
    SAYS("DEBUG QUICKLIST ranks", ERROR("Not a quicklist encoded object."));
    SAYS("DEBUG QUICKLIST none 1", ERROR("no such key"));
    SAYS("DEBUG LISTPACK", ERROR("unknown subcommand or wrong number of arguments for 'LISTPACK'. "
                                 "Try DEBUG HELP."));
}

Test(debug_value_words, tell_the_lengths_of_a_string_and_its_key) {
    const char *reply = server_harness_run(&h, "DEBUG SDSLEN text");
    cr_assert_not_null(strstr(reply, "+key_sds_len:4 "), "%s", reply);
    cr_assert_not_null(strstr(reply, " val_sds_len:3 "), "%s", reply);
    SAYS("DEBUG SDSLEN number", ERROR("Not an sds encoded string."));
    SAYS("DEBUG SDSLEN ranks", ERROR("Not an sds encoded string."));
    SAYS("DEBUG SDSLEN none", ERROR("no such key"));
}
