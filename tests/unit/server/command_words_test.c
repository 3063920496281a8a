/* SPDX-License-Identifier: BSD-3-Clause */
/* COMMAND's replies, byte for byte those of Redis 8 for commands that are declared alike. Line ends
 * are shown as blanks; summaries and complexities are the fixture's own. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/text.h"
#include "unit/commands/registry_fixture.h"

extern const struct family command_family;

static struct registry *registry;
static struct executor executor;
static struct clock manual;
static struct output output;

static void setup(void) {
    static const struct family *const families[] = {&fixture_standard, &fixture_tally,
                                                    &command_family};
    static const uint8_t secret[HASH_SECRET_BYTES] = {1, 2, 3};
    hash_setup(secret);
    clock_init_manual(&manual, 1700000000000000);
    registry = registry_create(families, COUNT_OF(families));
    executor_init(&executor, registry, &manual, 1, 42);
    output_init(&output, 2);
}

static void teardown(void) {
    output_deinit(&output);
    executor_deinit(&executor);
    registry_destroy(&registry);
}

TestSuite(command_words, .init = setup, .fini = teardown);

/* Valid until the next. */
static const char *run(uint8_t protocol, const char *line) {
    static char text[8192];
    char copy[256];
    struct bytes argv[32];
    strcpy(copy, line);
    int argc = text_split_words(copy, strlen(copy), argv, 32);
    struct command_entry *entry = registry_resolve(registry, argv, argc, NULL);
    cr_assert(entry != NULL && registry_arity_fits(entry, argc), "%s", line);
    output_clear(&output, SIZE_MAX);
    output.protocol = protocol;
    struct call call;
    call_init(&call, &executor, entry->command, &executor.keyspace.databases[0], argv, argc,
              &output);
    if (entry->parent != NULL) call.arg_at = call.hash_at = 2;
    executor_run(&executor, &call);
    size_t len = 0;
    cr_assert_lt(output.len, sizeof(text));
    for (size_t i = 0; i < output.len; i++)
        if (output.data[i] != '\r') text[len++] = output.data[i] == '\n' ? ' ' : output.data[i];
    text[len] = '\0';
    return text;
}

struct reply {
    uint8_t protocol;
    const char *line;
    const char *reply;
};

static void compare(const struct reply *replies, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *reply = run(replies[i].protocol, replies[i].line);
        cr_expect_str_eq(reply, replies[i].reply, "%s\n%s", replies[i].line, reply);
    }
}

static const struct reply descriptions[] = {
    {3, "COMMAND INFO GET",
     "*1 *10 $3 get :2 ~2 +readonly +fast :1 :1 :1 ~3 +@read +@string +@fast ~0 ~1 %3 $5 "
     "flags ~2 +RO +access $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1 $9 "
     "find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0 ~0 "},
    {2, "COMMAND INFO GET",
     "*1 *10 $3 get :2 *2 +readonly +fast :1 :1 :1 *3 +@read +@string +@fast *0 *1 *6 $5 "
     "flags *2 +RO +access $12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :1 $9 "
     "find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :0 $7 keystep :1 $5 limit :0 *0 "},
    {3, "COMMAND INFO MSET",
     "*1 *10 $4 mset :-3 ~2 +write +denyoom :1 :-1 :2 ~3 +@write +@string +@slow ~2 $26 "
     "request_policy:multi_shard $29 response_policy:all_succeeded ~1 %3 $5 flags ~2 +OW "
     "+update $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1 $9 find_keys %2 "
     "$4 type $5 range $4 spec %3 $7 lastkey :-1 $7 keystep :2 $5 limit :0 ~0 "},
    {3, "COMMAND INFO LMPOP",
     "*1 *10 $5 lmpop :-4 ~2 +write +movablekeys :0 :0 :0 ~3 +@write +@list +@slow ~0 ~1 %3 "
     "$5 flags ~3 +RW +access +delete $12 begin_search %2 $4 type $5 index $4 spec %1 $5 "
     "index :1 $9 find_keys %2 $4 type $6 keynum $4 spec %3 $9 keynumidx :0 $8 firstkey :1 "
     "$7 keystep :1 ~0 "},
    {3, "COMMAND INFO XREAD",
     "*1 *10 $5 xread :-4 ~3 +readonly +blocking +movablekeys :0 :0 :0 ~4 +@read +@stream "
     "+@slow +@blocking ~0 ~1 %3 $5 flags ~2 +RO +access $12 begin_search %2 $4 type $7 "
     "keyword $4 spec %2 $7 keyword $7 STREAMS $9 startfrom :1 $9 find_keys %2 $4 type $5 "
     "range $4 spec %3 $7 lastkey :-1 $7 keystep :1 $5 limit :2 ~0 "},
    {3, "COMMAND INFO GEORADIUS",
     "*1 *10 $9 georadius :-6 ~3 +write +denyoom +movablekeys :1 :1 :1 ~3 +@write +@geo "
     "+@slow ~0 ~3 %3 $5 flags ~2 +RO +access $12 begin_search %2 $4 type $5 index $4 spec "
     "%1 $5 index :1 $9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep "
     ":1 $5 limit :0 %3 $5 flags ~2 +OW +update $12 begin_search %2 $4 type $7 keyword $4 "
     "spec %2 $7 keyword $5 STORE $9 startfrom :6 $9 find_keys %2 $4 type $5 range $4 spec "
     "%3 $7 lastkey :0 $7 keystep :1 $5 limit :0 %3 $5 flags ~2 +OW +update $12 "
     "begin_search %2 $4 type $7 keyword $4 spec %2 $7 keyword $9 STOREDIST $9 startfrom :6 "
     "$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0 "
     "~0 "},
    {2, "COMMAND INFO GEORADIUS",
     "*1 *10 $9 georadius :-6 *3 +write +denyoom +movablekeys :1 :1 :1 *3 +@write +@geo "
     "+@slow *0 *3 *6 $5 flags *2 +RO +access $12 begin_search *4 $4 type $5 index $4 spec "
     "*2 $5 index :1 $9 find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :0 $7 keystep "
     ":1 $5 limit :0 *6 $5 flags *2 +OW +update $12 begin_search *4 $4 type $7 keyword $4 "
     "spec *4 $7 keyword $5 STORE $9 startfrom :6 $9 find_keys *4 $4 type $5 range $4 spec "
     "*6 $7 lastkey :0 $7 keystep :1 $5 limit :0 *6 $5 flags *2 +OW +update $12 "
     "begin_search *4 $4 type $7 keyword $4 spec *4 $7 keyword $9 STOREDIST $9 startfrom :6 "
     "$9 find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :0 $7 keystep :1 $5 limit :0 "
     "*0 "},
    {3, "COMMAND INFO SPUBLISH",
     "*1 *10 $8 spublish :3 ~4 +pubsub +loading +stale +fast :1 :1 :1 ~2 +@pubsub +@fast ~0 "
     "~1 %3 $5 flags ~1 +not_key $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index "
     ":1 $9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit "
     ":0 ~0 "},
    {3, "COMMAND INFO CONFIG",
     "*1 *10 $6 config :-2 ~0 :0 :0 :0 ~1 +@slow ~0 ~0 *5 *10 $16 config|resetstat :2 ~4 "
     "+admin +noscript +loading +stale :0 :0 :0 ~3 +@admin +@slow +@dangerous ~2 $24 "
     "request_policy:all_nodes $29 response_policy:all_succeeded ~0 ~0 *10 $14 "
     "config|rewrite :2 ~4 +admin +noscript +loading +stale :0 :0 :0 ~3 +@admin +@slow "
     "+@dangerous ~2 $24 request_policy:all_nodes $29 response_policy:all_succeeded ~0 ~0 "
     "*10 $11 config|help :2 ~2 +loading +stale :0 :0 :0 ~1 +@slow ~0 ~0 ~0 *10 $10 "
     "config|get :-3 ~4 +admin +noscript +loading +stale :0 :0 :0 ~3 +@admin +@slow "
     "+@dangerous ~0 ~0 ~0 *10 $10 config|set :-4 ~4 +admin +noscript +loading +stale :0 :0 "
     ":0 ~3 +@admin +@slow +@dangerous ~2 $24 request_policy:all_nodes $29 "
     "response_policy:all_succeeded ~0 ~0 "},
    {2, "COMMAND INFO CONFIG",
     "*1 *10 $6 config :-2 *0 :0 :0 :0 *1 +@slow *0 *0 *5 *10 $16 config|resetstat :2 *4 "
     "+admin +noscript +loading +stale :0 :0 :0 *3 +@admin +@slow +@dangerous *2 $24 "
     "request_policy:all_nodes $29 response_policy:all_succeeded *0 *0 *10 $14 "
     "config|rewrite :2 *4 +admin +noscript +loading +stale :0 :0 :0 *3 +@admin +@slow "
     "+@dangerous *2 $24 request_policy:all_nodes $29 response_policy:all_succeeded *0 *0 "
     "*10 $11 config|help :2 *2 +loading +stale :0 :0 :0 *1 +@slow *0 *0 *0 *10 $10 "
     "config|get :-3 *4 +admin +noscript +loading +stale :0 :0 :0 *3 +@admin +@slow "
     "+@dangerous *0 *0 *0 *10 $10 config|set :-4 *4 +admin +noscript +loading +stale :0 :0 "
     ":0 *3 +@admin +@slow +@dangerous *2 $24 request_policy:all_nodes $29 "
     "response_policy:all_succeeded *0 *0 "},
    {3, "COMMAND INFO config|resetstat nope get|x",
     "*3 *10 $16 config|resetstat :2 ~4 +admin +noscript +loading +stale :0 :0 :0 ~3 "
     "+@admin +@slow +@dangerous ~2 $24 request_policy:all_nodes $29 "
     "response_policy:all_succeeded ~0 ~0 _ _ "},
    {2, "COMMAND INFO nope", "*1 $-1 "},
    {3, "COMMAND DOCS RENAME",
     "%1 $6 rename %5 $7 summary $8 Summary. $5 since $5 1.0.0 $5 group $7 generic $10 "
     "complexity $4 O(1) $9 arguments *2 %4 $4 name $3 key $4 type $3 key $12 display_text "
     "$3 key $14 key_spec_index :0 %4 $4 name $6 newkey $4 type $3 key $12 display_text $6 "
     "newkey $14 key_spec_index :1 "},
    {3, "COMMAND DOCS LMPOP",
     "%1 $5 lmpop %5 $7 summary $8 Summary. $5 since $5 7.0.0 $5 group $4 list $10 "
     "complexity $4 O(1) $9 arguments *4 %3 $4 name $7 numkeys $4 type $7 integer $12 "
     "display_text $7 numkeys %5 $4 name $3 key $4 type $3 key $12 display_text $3 key $14 "
     "key_spec_index :0 $5 flags ~1 +multiple %3 $4 name $5 where $4 type $5 oneof $9 "
     "arguments *2 %4 $4 name $4 left $4 type $10 pure-token $12 display_text $4 left $5 "
     "token $4 LEFT %4 $4 name $5 right $4 type $10 pure-token $12 display_text $5 right $5 "
     "token $5 RIGHT %5 $4 name $5 count $4 type $7 integer $12 display_text $5 count $5 "
     "token $5 COUNT $5 flags ~1 +optional "},
    {2, "COMMAND DOCS LMPOP",
     "*2 $5 lmpop *10 $7 summary $8 Summary. $5 since $5 7.0.0 $5 group $4 list $10 "
     "complexity $4 O(1) $9 arguments *4 *6 $4 name $7 numkeys $4 type $7 integer $12 "
     "display_text $7 numkeys *10 $4 name $3 key $4 type $3 key $12 display_text $3 key $14 "
     "key_spec_index :0 $5 flags *1 +multiple *6 $4 name $5 where $4 type $5 oneof $9 "
     "arguments *2 *8 $4 name $4 left $4 type $10 pure-token $12 display_text $4 left $5 "
     "token $4 LEFT *8 $4 name $5 right $4 type $10 pure-token $12 display_text $5 right $5 "
     "token $5 RIGHT *10 $4 name $5 count $4 type $7 integer $12 display_text $5 count $5 "
     "token $5 COUNT $5 flags *1 +optional "},
    {3, "COMMAND DOCS SUBSTR",
     "%1 $6 substr %8 $7 summary $8 Summary. $5 since $5 1.0.0 $5 group $6 string $10 "
     "complexity $4 O(1) $9 doc_flags ~1 +deprecated $16 deprecated_since $5 2.0.0 $11 "
     "replaced_by $10 `GETRANGE` $9 arguments *3 %4 $4 name $3 key $4 type $3 key $12 "
     "display_text $3 key $14 key_spec_index :0 %3 $4 name $5 start $4 type $7 integer $12 "
     "display_text $5 start %3 $4 name $3 end $4 type $7 integer $12 display_text $3 end "},
    {3, "COMMAND DOCS MSET",
     "%1 $4 mset %5 $7 summary $8 Summary. $5 since $5 1.0.1 $5 group $6 string $10 "
     "complexity $4 O(1) $9 arguments *1 %4 $4 name $4 data $4 type $5 block $5 flags ~1 "
     "+multiple $9 arguments *2 %4 $4 name $3 key $4 type $3 key $12 display_text $3 key "
     "$14 key_spec_index :0 %3 $4 name $5 value $4 type $6 string $12 display_text $5 value "},
    {3, "COMMAND DOCS config|resetstat nope",
     "%1 $16 config|resetstat %4 $7 summary $8 Summary. $5 since $5 2.0.0 $5 group $6 "
     "server $10 complexity $4 O(1) "},
    {3, "COMMAND DOCS nope", "%0 "},
    {2, "COMMAND DOCS nope", "*0 "},
};

Test(command_words, describes_commands_as_peers_do) {
    compare(descriptions, COUNT_OF(descriptions));
}

static const struct reply keys[] = {
    {2, "COMMAND GETKEYS MSET a 1 b 2", "*2 $1 a $1 b "},
    {3, "COMMAND GETKEYS GEORADIUS k 1 1 1 m STORE d", "*2 $1 k $1 d "},
    {2, "COMMAND GETKEYS EVAL s 0", "*0 "},
    {2, "COMMAND GETKEYS EVAL s 9 a", "*0 "},
    {2, "COMMAND GETKEYSANDFLAGS SET k v", "*1 *2 $1 k *2 +OW +update "},
    {3, "COMMAND GETKEYSANDFLAGS SET k v GET", "*1 *2 $1 k ~3 +RW +access +update "},
    {3, "COMMAND GETKEYSANDFLAGS RENAME a b",
     "*2 *2 $1 a ~3 +RW +access +delete *2 $1 b ~2 +OW +update "},
    {2, "COMMAND GETKEYSANDFLAGS SORT k STORE d",
     "*2 *2 $1 k *2 +RO +access *2 $1 d *2 +OW +update "},
};

Test(command_words, finds_keys_as_peers_do) { compare(keys, COUNT_OF(keys)); }

Test(command_words, refuses_requests_without_keys_in_the_words_of_peers) {
    static const struct reply errors[] = {
        {2, "COMMAND GETKEYS nope a", "-ERR Invalid command specified "},
        {2, "COMMAND GETKEYS object nope a", "-ERR Invalid command specified "},
        {2, "COMMAND GETKEYS ping", "-ERR The command has no key arguments "},
        {2, "COMMAND GETKEYS config get x", "-ERR The command has no key arguments "},
        {2, "COMMAND GETKEYS object", "-ERR The command has no key arguments "},
        {2, "COMMAND GETKEYS spublish c m", "-ERR The command has no key arguments "},
        {2, "COMMAND GETKEYSANDFLAGS ping", "-ERR The command has no key arguments "},
        {2, "COMMAND GETKEYS get", "-ERR Invalid number of arguments specified for command "},
        {2, "COMMAND GETKEYS get a b", "-ERR Invalid number of arguments specified for command "},
        {2, "COMMAND GETKEYS lmpop 0 a LEFT", "-ERR Invalid arguments specified for command "},
        {2, "COMMAND GETKEYS lmpop x a LEFT", "-ERR Invalid arguments specified for command "},
        {2, "COMMAND GETKEYS zunionstore d 3 a b", "-ERR Invalid arguments specified for command "},
        {2, "COMMAND GETKEYSANDFLAGS lmpop 9 a LEFT",
         "-ERR Invalid arguments specified for command "},
        {2, "COMMAND LIST a", "-ERR syntax error "},
        {2, "COMMAND LIST FILTERBY nope x", "-ERR syntax error "},
        {2, "COMMAND LIST FILTERBY PATTERN", "-ERR syntax error "},
        {2, "COMMAND LIST FILTERBY PATTERN a b", "-ERR syntax error "},
    };
    compare(errors, COUNT_OF(errors));
}

Test(command_words, lists_names_by_category_module_and_pattern) {
    static const struct reply lists[] = {
        {2, "COMMAND LIST FILTERBY ACLCAT GEO", "*1 $9 georadius "},
        {3, "COMMAND LIST filterby aclcat dangerous",
         "*6 $4 sort $7 migrate $16 config|resetstat $14 config|rewrite $10 config|get "
         "$10 config|set "},
        {2, "COMMAND LIST FILTERBY ACLCAT nope", "*0 "},
        {2, "COMMAND LIST FILTERBY ACLCAT tally",
         "*2 $9 tally.add $32 tally.name_of_thirty_two_bytes_x "},
        {2, "COMMAND LIST FILTERBY MODULE tallies",
         "*2 $9 tally.add $32 tally.name_of_thirty_two_bytes_x "},
        {2, "COMMAND LIST FILTERBY MODULE nope", "*0 "},
        {3, "COMMAND LIST FILTERBY PATTERN CONFIG|?ET", "*2 $10 config|get $10 config|set "},
        {2, "COMMAND LIST FILTERBY PATTERN *lpop", "*1 $5 blpop "},
    };
    compare(lists, COUNT_OF(lists));
}

Test(command_words, counts_commands_without_their_subcommands) {
    char count[32];
    snprintf(count, sizeof(count), ":%zu ", registry_count(registry));
    cr_assert_str_eq(run(2, "COMMAND COUNT"), count);
    cr_assert_eq(registry_count(registry),
                 COUNT_OF(fixture_commands) + COUNT_OF(fixture_tally_commands) + 1);
    snprintf(count, sizeof(count), "*%zu ", registry_entry_count(registry));
    const char *all = run(2, "COMMAND LIST");
    cr_assert_eq(strncmp(all, count, strlen(count)), 0, "%s", all);
}

Test(command_words, describes_commands_of_a_family_that_counts_as_module) {
    cr_expect_str_eq(run(3, "COMMAND INFO tally.add"),
                     "*1 *10 $9 tally.add :3 ~4 +write +denyoom +module +fast :1 :1 :1 "
                     "~3 +@write +@fast +@tally ~0 ~1 %3 $5 flags ~2 +RW +update "
                     "$12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1 "
                     "$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 "
                     "$5 limit :0 ~0 ");
    cr_expect_str_eq(run(2, "COMMAND DOCS tally.name_of_thirty_two_bytes_x"),
                     "*2 $32 tally.name_of_thirty_two_bytes_x *12 $7 summary $8 Summary. "
                     "$5 group $5 tally $10 complexity $4 O(1) $6 module $7 tallies "
                     "$9 doc_flags *1 +syscmd $9 arguments *1 *10 $4 name $3 key $4 type $3 key "
                     "$12 display_text $3 key $14 key_spec_index :0 $5 flags *2 +optional "
                     "+multiple ");
}

Test(command_words, describes_everything_when_nothing_is_named) {
    executor_begin(&executor);
    static const char *const lines[] = {"COMMAND", "COMMAND INFO", "COMMAND DOCS"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char copy[32];
        struct bytes argv[4];
        strcpy(copy, lines[i]);
        int argc = text_split_words(copy, strlen(copy), argv, 4);
        struct command_entry *entry = registry_resolve(registry, argv, argc, NULL);
        struct call call;
        output_clear(&output, SIZE_MAX);
        output.protocol = 3;
        call_init(&call, &executor, entry->command, &executor.keyspace.databases[0], argv, argc,
                  &output);
        if (entry->parent != NULL) call.arg_at = call.hash_at = 2;
        executor_run(&executor, &call); /* asserts that the reply is whole */
        char head[32];
        int len = snprintf(head, sizeof(head), "%c%zu\r\n", i == 2 ? '%' : '*',
                           registry_count(registry));
        cr_expect_eq(memcmp(output.data, head, (size_t)len), 0, "%s", lines[i]);
    }
    executor_end(&executor);
}

Test(command_words, tells_its_subcommands) {
    const char *help = run(2, "COMMAND HELP");
    cr_assert_eq(strncmp(help, "*21 +COMMAND <subcommand> [<arg> [value] [opt] ...]. ", 53), 0);
    const struct command_entry *entry = registry_find(registry, BYTES("COMMAND"));
    for (size_t i = 0; i < entry->command->subcommand_count; i++)
        cr_expect_not_null(strstr(help, entry->command->subcommands[i].name));
}

Test(command_words, its_own_examples_run) {
    const struct command_entry *entry = registry_find(registry, BYTES("COMMAND"));
    for (size_t i = 0; i < entry->command->subcommand_count; i++) {
        if (strcmp(entry->command->subcommands[i].name, "DOCS") == 0) continue;
        const char *reply = run(3, entry->command->subcommands[i].example);
        cr_expect_neq(reply[0], '-', "%s", reply);
    }
}
