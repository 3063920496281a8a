/* SPDX-License-Identifier: BSD-3-Clause */
/* Presence, places and looks as a client meets them: replies, events in their order, and what is
 * journaled. Times, walks and payloads have tests of their own. */
#include "unit/families/key/key_fixture.h"

#include <stdio.h>

#include "families/families.h"

static void setup(void) {
    harness_init(&h);
    h.executor.event_mask |= EVENT_NEW | EVENT_MISS;
}
static void teardown(void) { harness_deinit(&h); }
TestSuite(key_behaviour, .init = setup, .fini = teardown);

/* --- presence --- */

Test(key_behaviour, del_counts_the_keys_that_were_there) {
    harness_run(&h, "MSET a 1 b 2 c 3");
    forget();
    GIVES("DEL a nokey a b", ":2\r\n");
    EVENTS("del a 0\ndel b 0\n");
    JOURNAL("DEL a nokey a b\n--\n");
    forget();
    GIVES("UNLINK nokey", ":0\r\n");
    EVENTS("");
    JOURNAL("");
    GIVES("UNLINK c", ":1\r\n");
    GIVES("DEL", "-ERR wrong number of arguments for 'del' command\r\n");
    check_replay();
}

Test(key_behaviour, del_takes_an_expired_key_for_missing) {
    harness_run(&h, "SET a 1 PX 10");
    harness_advance_ms(&h, 10);
    forget();
    GIVES("DEL a", ":0\r\n");
    EVENTS("expired a 0\n");
    JOURNAL("DEL a\n--\n");
}

Test(key_behaviour, exists_counts_a_key_as_often_as_it_is_named) {
    harness_run(&h, "SET a 1");
    forget();
    GIVES("EXISTS a nokey a", ":2\r\n");
    EVENTS("keymiss nokey 0\n");
    JOURNAL("");
}

Test(key_behaviour, touch_makes_keys_count_as_used) {
    harness_run(&h, "SET a 1");
    harness_advance_ms(&h, 60000);
    access_set_time(&h.executor.keyspace.access, harness_now_ms(&h));
    GIVES("EXISTS a", ":1\r\n");
    GIVES("TYPE a", "+string\r\n");
    GIVES("OBJECT IDLETIME a", ":60\r\n");
    GIVES("TOUCH a nokey a", ":2\r\n");
    GIVES("OBJECT IDLETIME a", ":0\r\n");
}

Test(key_behaviour, type_names_what_is_there) {
    GIVES("TYPE nokey", "+none\r\n");
    harness_run(&h, "SET a 1");
    GIVES("TYPE a", "+string\r\n");
    harness_run(&h, "RL.CHECK limit 10/1s");
    GIVES("TYPE limit", "+ratelimit\r\n");
}

Test(key_behaviour, randomkey_names_a_key_that_lives) {
    GIVES("RANDOMKEY", "$-1\r\n");
    harness_protocol(&h, 3);
    GIVES("RANDOMKEY", "_\r\n");
    for (int i = 0; i < 200; i++) harness_runf(&h, "SET gone:%d x PX 5", i);
    harness_run(&h, "SET stays x");
    harness_advance_ms(&h, 5);
    for (int i = 0; i < 20; i++) {
        const char *reply = harness_run(&h, "RANDOMKEY");
        if (h.executor.keyspace.databases[0].table.item_count == 1)
            cr_assert_str_eq(reply, "$5\r\nstays\r\n");
    }
    GIVES("RANDOMKEY", "$5\r\nstays\r\n");
}

/* --- places --- */

Test(key_behaviour, rename_moves_value_and_end) {
    harness_run(&h, "SET a value PX 5000");
    harness_run(&h, "SET b other");
    forget();
    GIVES("RENAME a b", "+OK\r\n");
    EVENTS("overwritten b 0\nnew b 0\nrename_from a 0\nrename_to b 0\n");
    JOURNAL("RENAME a b\n--\n");
    GIVES("EXISTS a", ":0\r\n");
    GIVES("GET b", "$5\r\nvalue\r\n");
    GIVES("PTTL b", ":5000\r\n");
    GIVES("DBSIZE", ":1\r\n");
}

Test(key_behaviour, rename_to_itself_changes_nothing) {
    harness_run(&h, "SET a value");
    forget();
    GIVES("RENAME a a", "+OK\r\n");
    GIVES("RENAMENX a a", ":0\r\n");
    EVENTS("");
    JOURNAL("");
    GIVES("RENAME nokey nokey", "-ERR no such key\r\n");
    GIVES("RENAMENX nokey b", "-ERR no such key\r\n");
    EVENTS("");
}

Test(key_behaviour, renamenx_leaves_a_name_that_is_taken) {
    harness_run(&h, "MSET a 1 b 2");
    GIVES("RENAMENX a b", ":0\r\n");
    forget();
    GIVES("RENAMENX a c", ":1\r\n");
    EVENTS("new c 0\nrename_from a 0\nrename_to c 0\n");
    GIVES("GET c", "$1\r\n1\r\n");
}

Test(key_behaviour, rename_of_a_value_without_an_end_takes_the_end_away) {
    harness_run(&h, "SET a 1");
    harness_run(&h, "SET b 2 EX 100");
    GIVES("RENAME a b", "+OK\r\n");
    GIVES("TTL b", ":-1\r\n");
}

/* Values lie in three ways; each is moved and copied, and the original is changed afterwards. */
Test(key_behaviour, moves_and_copies_values_however_they_lie) {
    char line[1200];
    const char *values[] = {"12345", "short", NULL};
    for (int i = 0; i < 3; i++) {
        char big[1000];
        memset(big, 'x', sizeof(big) - 1);
        big[sizeof(big) - 1] = '\0';
        const char *value = values[i] == NULL ? big : values[i];
        snprintf(line, sizeof(line), "SET a %s", value);
        harness_run(&h, "DEL a b c d");
        harness_run(&h, line);
        GIVES("COPY a b", ":1\r\n");
        GIVES("RENAME a c", "+OK\r\n");
        GIVES("COPY c d DB 3", ":1\r\n");
        GIVES("MOVE c 2", ":1\r\n");
        harness_run(&h, "APPEND b !");
        h.database = 2;
        cr_assert_str_eq(harness_text(&h, "GET c"), value);
        h.database = 3;
        cr_assert_str_eq(harness_text(&h, "GET d"), value);
        harness_run(&h, "DEL d");
        h.database = 2;
        harness_run(&h, "DEL c");
        h.database = 0;
        cr_assert_eq(harness_integer(&h, "STRLEN b"), (int64_t)strlen(value) + 1);
    }
    check_replay();
}

Test(key_behaviour, keeps_how_often_a_moved_value_was_used) {
    h.executor.keyspace.access.lfu = true;
    harness_run(&h, "SET a 1");
    struct keyspace_place place = keyspace_find(&h.executor.keyspace.databases[0], BYTES("a"),
                                                hash_bytes(BYTES("a")));
    access_set_frequency(&h.executor.keyspace.access, place.entry, 200);
    harness_run(&h, "RENAME a b");
    cr_assert_geq(harness_integer(&h, "OBJECT FREQ b"), 199);
    harness_run(&h, "COPY b c");
    cr_assert_leq(harness_integer(&h, "OBJECT FREQ c"), 10);
}

Test(key_behaviour, copy_copies_the_end_too) {
    harness_run(&h, "SET a value PX 7000");
    forget_events();
    GIVES("COPY a b", ":1\r\n");
    EVENTS("new b 0\ncopy_to b 0\n");
    GIVES("PTTL b", ":7000\r\n");
    GIVES("COPY a b", ":0\r\n");
    GIVES("COPY a b REPLACE", ":1\r\n");
    GIVES("COPY nokey b REPLACE", ":0\r\n");
    GIVES("COPY a a", "-ERR source and destination objects are the same\r\n");
    GIVES("COPY a a DB 1", ":1\r\n");
    GIVES("COPY a b DB 16", "-ERR DB index is out of range\r\n");
    GIVES("COPY a b DB x", "-ERR value is not an integer or out of range\r\n");
    GIVES("COPY a b DB", "-ERR syntax error\r\n");
    check_replay();
}

Test(key_behaviour, move_needs_a_free_place) {
    harness_run(&h, "SET a value PX 7000");
    forget();
    GIVES("MOVE a 1", ":1\r\n");
    EVENTS("new a 1\nmove_from a 0\nmove_to a 1\n");
    JOURNAL("MOVE a 1\n--\n");
    GIVES("MOVE a 1", ":0\r\n");
    harness_run(&h, "SET a other");
    GIVES("MOVE a 1", ":0\r\n");
    GIVES("MOVE a 0", "-ERR source and destination objects are the same\r\n");
    GIVES("MOVE a 99", "-ERR DB index is out of range\r\n");
    GIVES("MOVE a 9999999999",
          "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
    h.database = 1;
    GIVES("PTTL a", ":7000\r\n");
}

Test(key_behaviour, moves_an_applications_key) {
    harness_run(&h, "RL.CHECK limit 10/1s COST 4");
    GIVES("RENAME limit other", "+OK\r\n");
    GIVES("COPY other third", ":1\r\n");
    GIVES("MOVE third 1", ":1\r\n");
    GIVES("TYPE other", "+ratelimit\r\n");
    check_replay();
}

Test(key_behaviour, says_so_when_memory_is_refused_and_changes_nothing) {
    harness_run(&h, "SET a value EX 100");
    harness_run(&h, "SET b xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    char digest[41];
    memcpy(digest, harness_digest(&h), sizeof(digest));
    static const char *const lines[] = {"RENAME a b", "RENAMENX a c", "COPY a c",
                                        "COPY a b REPLACE", "MOVE a 1"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        forget();
        memory_fail_try(1);
        harness_run(&h, lines[i]);
        memory_fail_try(0);
        cr_assert_eq(strncmp(h.reply, "-OOM ", 5), 0, "%s gave %s", lines[i], h.reply);
        cr_assert_str_eq(harness_digest(&h), digest, "%s", lines[i]);
        JOURNAL("");
    }
}

/* --- looks --- */

Test(key_behaviour, object_tells_how_a_value_lies) {
    GIVES("OBJECT ENCODING nokey", "$-1\r\n");
    harness_run(&h, "MSET a 1 b text");
    forget();
    GIVES("OBJECT ENCODING a", "$3\r\nint\r\n");
    GIVES("OBJECT ENCODING b", "$6\r\nembstr\r\n");
    GIVES("OBJECT REFCOUNT a", ":2147483647\r\n");
    GIVES("OBJECT REFCOUNT b", ":1\r\n");
    GIVES("OBJECT ENCODING nokey", "$-1\r\n");
    EVENTS("");
    FAILS("OBJECT HELP", "*12\r\n+OBJECT <subcommand>");
}

Test(key_behaviour, object_asks_only_for_what_is_tracked) {
    harness_run(&h, "SET a 1");
    FAILS("OBJECT FREQ a", "-ERR An LFU maxmemory policy is not selected, access frequency");
    GIVES("OBJECT FREQ nokey", "$-1\r\n");
    h.executor.keyspace.access.lfu = true;
    harness_run(&h, "SET a 1");
    GIVES("OBJECT FREQ nokey", "$-1\r\n");
    FAILS("OBJECT IDLETIME a", "-ERR An LFU maxmemory policy is selected, idle time not tracked");
    harness_run(&h, "SET fresh 1");
    GIVES("OBJECT FREQ fresh", ":5\r\n");
}

/* --- what is declared --- */

Test(key_behaviour, every_example_runs) {
    size_t count;
    const struct family *const *families = families_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(families[i]->name, "key") != 0) continue;
        for (size_t j = 0; j < families[i]->command_count; j++) {
            const struct command *command = &families[i]->commands[j];
            const struct command *words = command->subcommand_count > 0 ? command->subcommands
                                                                        : command;
            size_t word_count = command->subcommand_count > 0 ? command->subcommand_count : 1;
            for (size_t k = 0; k < word_count; k++) {
                harness_run(&h, "FLUSHALL");
                harness_run(&h, "SET greeting hello");
                if (strncmp(words[k].example, "RESTORE", 7) == 0) harness_run(&h, "DEL greeting");
                const char *reply = harness_run(&h, words[k].example);
                bool lfu = strcmp(words[k].name, "FREQ") == 0;
                cr_assert(reply[0] != '-' || lfu, "%s gave %s", words[k].example, reply);
            }
        }
    }
}
