/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/pubsub.h"

#include "unit/server/server_transcript.h"

TestSuite(pubsub_words, .init = server_setup, .fini = server_teardown);

Test(pubsub_words, refuse_two_patterns_where_one_is_asked_for) {
    SAYS("PUBSUB CHANNELS a", "*0\r\n");
    SAYS("PubSub ChannelS a b",
         ERROR("unknown subcommand or wrong number of arguments for 'ChannelS'. Try PUBSUB HELP."));
    SAYS("PUBSUB SHARDCHANNELS a b", ERROR("unknown subcommand or wrong number of arguments for "
                                           "'SHARDCHANNELS'. Try PUBSUB HELP."));
}

Test(pubsub_words, subscribe_in_a_transaction_to_all_but_shard_channels) {
    SAYS("MULTI", "+OK\r\n");
    SAYS("SSUBSCRIBE a", "+QUEUED\r\n");
    SAYS("SUBSCRIBE b", "+QUEUED\r\n");
    static const char refused[] = "*2\r\n" ERROR(
        "SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    const char *reply = server_harness_run(&h, "EXEC");
    cr_assert_eq(strncmp(reply, refused, strlen(refused)), 0, "%s", reply);
    cr_assert_str_eq(reply + strlen(refused), "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:1\r\n");
}

Test(pubsub_words, match_the_empty_channel_with_the_empty_pattern_only) {
    server_harness_run(&h, "HELLO 3");
    SAYS("PSUBSCRIBE *", ">3\r\n$10\r\npsubscribe\r\n$1\r\n*\r\n:1\r\n");
    SAYS("SUBSCRIBE \"\"", ">3\r\n$9\r\nsubscribe\r\n$0\r\n\r\n:2\r\n");
    SAYS("PUBLISH \"\" a", ":1\r\n>3\r\n$7\r\nmessage\r\n$0\r\n\r\n$1\r\na\r\n");
    SAYS("PUBSUB CHANNELS *", "*0\r\n");
    SAYS("PUBSUB CHANNELS \"\"", "*1\r\n$0\r\n\r\n");
    SAYS("PUBSUB CHANNELS", "*1\r\n$0\r\n\r\n");
}

Test(pubsub_words, document_a_channel_as_a_string_and_not_as_a_key) {
    const char *docs = server_harness_run(&h, "COMMAND DOCS SPUBLISH");
    const char *channel = strstr(docs, "$12\r\nshardchannel\r\n$4\r\ntype\r\n");
    cr_assert_not_null(channel, "%s", docs);
    cr_assert_not_null(strstr(channel, "type\r\n$6\r\nstring\r\n"), "%s", channel);
    cr_assert_null(strstr(docs, "key_spec_index"));
}
