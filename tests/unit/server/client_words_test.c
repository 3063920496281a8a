/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/client_words.h"

#include <stdio.h>

#include "unit/server/server_transcript.h"

TestSuite(client_words, .init = server_setup, .fini = server_teardown);

Test(client_words, name_the_option_as_it_was_written) {
    SAYS("CLIENT SETINFO LiB-name \"a b\"",
         ERROR("LiB-name cannot contain spaces, newlines or special characters."));
    SAYS("CLIENT SETINFO lib-ver \"\\n\"",
         ERROR("lib-ver cannot contain spaces, newlines or special characters."));
    SAYS("CLIENT SETINFO nosuch x", ERROR("Unrecognized option 'nosuch'"));
}

Test(client_words, silence_every_reply_but_no_push) {
    server_harness_run(&h, "HELLO 3");
    SAYS("CLIENT REPLY OFF", "");
    SAYS("NOSUCH", "");
    SAYS("GET", "");
    SAYS("PING", "");
    SAYS("SUBSCRIBE c", ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    SAYS("PUBLISH c m", ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n");
    SAYS("UNSUBSCRIBE", ">3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n");
    SAYS("CLIENT REPLY ON", "+OK\r\n");
    SAYS("PING", "+PONG\r\n");
}

Test(client_words, skip_one_reply_but_no_push) {
    SAYS("CLIENT REPLY SKIP", "");
    SAYS("NOSUCH", "");
    SAYS("PING", "+PONG\r\n");
    SAYS("CLIENT REPLY SKIP", "");
    SAYS("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    SAYS("PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
}

Test(client_words, skip_the_reply_of_a_command_that_waits) {
    SAYS("CLIENT REPLY SKIP", "");
    SAYS("WAIT 1 0", "");
    char unblock[64];
    snprintf(unblock, sizeof(unblock), "CLIENT UNBLOCK %d\r\n", (int)h.client->id);
    cr_assert_str_eq(server_harness_send(&h, server_harness_connect(&h), bytes_of(unblock)),
                     ":1\r\n");
    SAYS("PING", "+PONG\r\n");
}

Test(client_words, list_clients_in_the_order_of_the_ids_asked_for) {
    struct session *other = server_harness_connect(&h);
    char line[64], wanted[3][16];
    snprintf(line, sizeof(line), "CLIENT LIST ID %d %d 99999 %d", (int)other->id, (int)h.client->id,
             (int)other->id);
    snprintf(wanted[0], sizeof(wanted[0]), "id=%d ", (int)other->id);
    snprintf(wanted[1], sizeof(wanted[1]), "id=%d ", (int)h.client->id);
    memcpy(wanted[2], wanted[0], sizeof(wanted[0]));
    const char *at = server_harness_run(&h, line);
    for (int i = 0; i < 3; i++) {
        at = strstr(at, "\nid=");
        if (i == 0) at = strstr(h.reply, "id=") - 1;
        cr_assert_not_null(at);
        cr_assert_eq(strncmp(at + 1, wanted[i], strlen(wanted[i])), 0, "%s", h.reply);
        at++;
    }
    cr_assert_null(strstr(at, "\nid="));
}
