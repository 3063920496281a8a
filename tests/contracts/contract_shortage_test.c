/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory whose size a client chose can be refused: each request for it fails once, the first, the
 * second and so on, until none is left to fail. Then the client hears of it in an error, or is sent
 * away if there is no room for that; what is stored is what was stored before, and nothing was
 * journaled. That nothing leaks is seen where a sanitizer watches. */
#include "contracts/contract.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "keyspace/payload.h"

static struct contract c;
static void setup(void) {
    contract_init(&c, 7);
    c.server.server.executor.string_bytes_max = (size_t)1 << 24;
}
static void teardown(void) { contract_deinit(&c); }
TestSuite(contract_shortage, .init = setup, .fini = teardown, .timeout = 300);

/* --- requests, made before memory gets short --- */

#define REQUESTS_MAX 8
struct scenario {
    struct bytes requests[REQUESTS_MAX]; /* on the wire; malloc'ed */
    size_t count;
    size_t piece;            /* so many bytes at a time; 0: each request in one */
    bool time_passes;        /* before it is played: keys whose time is over go then, not in it */
    struct replica *replica; /* follows what is journaled; NULL: none */
    bool may_be_part;        /* some of it may be done, and journaled, and the rest refused */
};

static void add_argv(struct scenario *scenario, const struct bytes *argv, int argc) {
    size_t size = 32;
    for (int i = 0; i < argc; i++) size += argv[i].len + 32;
    char *wire = malloc(size);
    size_t len = (size_t)sprintf(wire, "*%d\r\n", argc);
    for (int i = 0; i < argc; i++) {
        len += (size_t)sprintf(wire + len, "$%zu\r\n", argv[i].len);
        if (argv[i].len > 0) memcpy(wire + len, argv[i].data, argv[i].len);
        memcpy(wire + len + argv[i].len, "\r\n", 2);
        len += argv[i].len + 2;
    }
    cr_assert_lt(scenario->count, REQUESTS_MAX);
    scenario->requests[scenario->count++] = bytes_make(wire, len);
}

static void free_scenario(struct scenario *scenario) {
    for (size_t i = 0; i < scenario->count; i++)
        free((void *)(uintptr_t)scenario->requests[i].data);
    scenario->count = 0;
}

/* --- running short --- */

/* True when all was answered without an error. */
static bool play(const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->count; i++) {
        struct bytes left = scenario->requests[i];
        while (left.len > 0) {
            size_t len = scenario->piece == 0 || scenario->piece > left.len ? left.len
                                                                            : scenario->piece;
            server_harness_send(&c.server, c.server.client, bytes_make(left.data, len));
            if (c.server.closed) return false;
            if (server_harness_waits(&c.server)) server_harness_renew(&c.server);
            left = bytes_make(left.data + len, left.len - len);
        }
        cr_assert_neq(resp_check(c.server.reply, c.server.reply_len), RESP_CHECK_MALFORMED);
        if (c.server.reply[0] == '-' || strstr(c.server.reply, "\r\n-OOM ") != NULL) return false;
    }
    return true;
}

static bool tells_of_memory(void) {
    const char *reply = c.server.reply;
    return c.server.closed || strstr(reply, "-EXECABORT ") != NULL ||
           strstr(reply, "memory") != NULL;
}

static void forget_journal(const struct scenario *scenario) {
    if (scenario->replica != NULL) {
        const struct memory_unit *failed = replica_follow(scenario->replica, &c.server);
        cr_assert_null(failed, "a replay failed: %s",
                       contract_text(failed->effects->argv, failed->effects->argc));
    }
    memory_journal_deinit(&c.server.journal);
}

/* A refused command may have met keys whose time was over: their removal, and no more, is told. */
static bool tells_of_removals_only(void) {
    for (const struct memory_unit *unit = c.server.journal.first; unit != NULL; unit = unit->next)
        for (size_t i = 0; i < unit->effect_count; i++) {
            struct bytes word = unit->effects[i].argv[0];
            if (!bytes_is(word, "DEL") && !bytes_is(word, "UNLINK")) return false;
        }
    return true;
}

/* Nothing has changed; or what has is what a replica does when it follows. */
static void expect_whole(const struct scenario *scenario, const char before[41], const char *name,
                         uint64_t nth) {
    if (!scenario->may_be_part || c.server.journal.first == NULL) {
        CONTRACT_SAME_DIGEST(&c, before, "%s without memory for its %lu. wish", name,
                             (unsigned long)nth);
        if (c.server.journal.first == NULL) return;
        cr_assert(scenario->replica != NULL && tells_of_removals_only(),
                  "%s without memory for its %lu. wish", name, (unsigned long)nth);
    }
    char there[41];
    forget_journal(scenario);
    replica_digest(scenario->replica, &c.server, there);
    CONTRACT_SAME_DIGEST(&c, there, "%s, of which its %lu. wish left a part, replayed", name,
                         (unsigned long)nth);
}

/* Plays the scenario with its first, second, ... request for memory refused, until all are granted.
 * Returns how many were refused. */
static size_t run_short(const char *name, const struct scenario *scenario) {
    for (uint64_t nth = 1;; nth++) {
        char before[41];
        if (scenario->time_passes) server_harness_advance_ms(&c.server, 1);
        server_harness_settle(&c.server);
        server_harness_digest(&c.server, before);
        forget_journal(scenario);
        uint64_t refusals = memory_refusals();
        memory_fail_try(nth);
        bool done = play(scenario);
        memory_fail_try(0);
        bool refused = memory_refusals() != refusals;
        if (!refused) return (size_t)nth - 1;
        cr_assert_lt(nth, 400, "%s never ends", name);
        if (done) continue; /* it could do without */
        cr_expect(tells_of_memory(), "%s gave %.200s without memory for its %lu. wish", name,
                  c.server.reply, (unsigned long)nth);
        server_harness_renew(&c.server);
        expect_whole(scenario, before, name, nth);
    }
}

/* --- big ones --- */

/* A line as for redis-cli, in which @10000 stands for so many letters. */
static void add_line(struct scenario *scenario, const char *line) {
    static char copy[1024];
    struct bytes words[CONTRACT_WORDS_MAX];
    char *made[CONTRACT_WORDS_MAX] = {NULL};
    snprintf(copy, sizeof(copy), "%s", line);
    int count = text_split_words(copy, strlen(copy), words, CONTRACT_WORDS_MAX);
    cr_assert_gt(count, 0, "%s", line);
    for (int i = 0; i < count; i++) {
        int64_t len;
        if (words[i].len < 2 || words[i].data[0] != '@') continue;
        cr_assert(text_to_integer(bytes_make(words[i].data + 1, words[i].len - 1), &len));
        made[i] = malloc((size_t)len);
        for (size_t j = 0; j < (size_t)len; j++)
            made[i][j] = (char)('a' + (j * 7 + (size_t)i) % 23);
        words[i] = bytes_make(made[i], (size_t)len);
    }
    add_argv(scenario, words, count);
    for (int i = 0; i < count; i++) free(made[i]);
}

static void run_line(const char *line) {
    struct scenario scenario = {.count = 0};
    add_line(&scenario, line);
    play(&scenario);
    free_scenario(&scenario);
}

struct case_of_need {
    const char *before[3]; /* what is there */
    const char *lines[4];
};

static const struct case_of_need cases[] = {
    {{0}, {"SET k @100000"}},
    {{0}, {"SET k @100000 EX 100"}},
    {{"SET k @30"}, {"SET k @100000 GET"}},
    {{"SET k @30000"}, {"SET k @20 GET"}},
    {{0}, {"SETNX k @100000"}},
    {{0}, {"SETEX k 100 @100000"}},
    {{"SET k @20000"}, {"GETSET k @100000"}},
    {{0}, {"APPEND k @100000"}},
    {{"SET k @30"}, {"APPEND k @100000"}},
    {{"SET k @30000"}, {"APPEND k @100000"}},
    {{0}, {"SETRANGE k 200000 x"}},
    {{"SET k @30"}, {"SETRANGE k 200000 x"}},
    {{"SET k 12345", "EXPIRE k 100"}, {"SETRANGE k 200000 x"}},
    {{0}, {"SETBIT k 4000000 1"}},
    {{"SET k @30"}, {"SETBIT k 4000000 1"}},
    {{0}, {"BITFIELD k SET u8 #200000 255"}},
    {{"SET k @100000"}, {"BITFIELD k INCRBY u8 #200000 3 GET u8 0"}},
    {{"SET k @100000", "SET l @50000"}, {"BITOP OR m k l"}},
    {{"SET k @100000"}, {"GET k"}},
    {{"SET k @100000"}, {"GETRANGE k 0 -1"}},
    {{"SET k @100000"}, {"GETDEL k"}},
    {{"SET k @15000", "SET l @15000"}, {"MGET k l k l k l k l k l"}},
    {{"SET k @100000"}, {"MGET k k k k k k"}},
    {{0}, {"MSET a @100000 b @50000 c @70 a @60"}},
    {{"SET a @100000", "SET b @90000"}, {"MSET a @100000 b @50000"}},
    {{0}, {"MSETNX a @100000 b @50000"}},
    {{0}, {"MSETEX 2 a @100000 b @50000 EX 100"}},
    {{"SET a @30000 EX 50"}, {"MSETEX 2 a @100000 b @50000 KEEPTTL"}},
    {{"SET k @100000"}, {"DUMP k"}},
    {{"SET k @3000", "SET l @2000"}, {"LCS k l"}},
    {{"SET k @3000", "SET l @2000"}, {"LCS k l LEN"}},
    {{"SET k @3000", "SET l @2000"}, {"LCS k l IDX"}},
    {{"SET k @100000"}, {"COPY k l"}},
    {{"SET k @20"}, {"COPY k @70000"}},
    {{"SET k @100000"}, {"RENAME k @70000"}},
    {{"SET k @20", "SET l @20"}, {"RENAME k l"}},
    {{"SET k @100000 EX 100"}, {"MOVE k 3"}},
    {{"SET @70000 @20"}, {"EXPIRE @70000 100"}},
    {{"SET @70000 @20 EX 100"}, {"PERSIST @70000"}},
    {{"SET @70000 @20"}, {"GETEX @70000 EX 100"}},
    {{"SET @70000 @20 EX 100"}, {"GETEX @70000 PERSIST"}},
    {{"SET @70000 @20"}, {"GETEX @70000 EX 100"}},
    {{0}, {"INCREX @70000 EX 100"}},
    {{"SET @70000 7"}, {"INCREX @70000 EX 100"}},
    {{"SET @70000 7"}, {"INCREX @70000 BYFLOAT 1.5 EX 100"}},
    {{0}, {"INCRBYFLOAT @70000 1.5"}},
    {{"SET @70000 7"}, {"DEL @70000 k @70000"}},
    {{"SET k @20"}, {"EXPIRE k 100 @70000"}},
    {{0}, {"@70000 x"}},
    {{0}, {"GET k @70000"}},
    {{0}, {"WATCH @70000", "GET k"}},
    {{0}, {"MULTI", "SET k @100000", "EXEC"}},
    {{"SET k @100000"}, {"MULTI", "GETRANGE k 0 -1", "EXEC"}},
    {{0}, {"MULTI", "MSETEX 2 a @100000 b @50000 EX 100", "EXEC"}},
    {{0}, {"SUBSCRIBE @70000 b", "UNSUBSCRIBE"}},
    {{0}, {"PSUBSCRIBE @70000", "PUNSUBSCRIBE"}},
    {{0}, {"SUBSCRIBE c", "PING @100000", "UNSUBSCRIBE"}},
    {{0}, {"PUBLISH c @100000"}},
    {{0}, {"CLIENT SETNAME @70000"}},
    {{0}, {"CLIENT SETINFO LIB-NAME @70000"}},
    {{0}, {"HELLO 3 SETNAME @70000", "HELLO 2"}},
    {{0}, {"ECHO @100000"}},
    {{0}, {"COMMAND GETKEYS MSET @70000 b c d e f"}},
    {{0}, {"CLIENT LIST ID 1 2 3 4 5 6 7 8 9"}},
    {{0}, {"CLIENT KILL ID 1000 1001 1002"}},
    {{0}, {"CONFIG SET proto-max-bulk-len @70000"}},
    {{0}, {"RL.CHECK k 20000/1h ALGO sliding-log COST 15000"}},
    {{"RL.CHECK k 20000/1h ALGO sliding-log COST 10000"},
     {"RL.CHECK k 20000/1h ALGO sliding-log COST 5000"}},
    {{"RL.CHECK k 20000/1h ALGO sliding-log COST 10000"}, {"RL.STATUS k"}},
    {{"RL.CHECK k 20000/1h ALGO sliding-log COST 10000"}, {"RL.REFUND k 5000"}},
    {{"RL.CHECK k 20000/1h ALGO sliding-log COST 10000"}, {"COPY k l REPLACE"}},
    {{"RL.CHECK k 20000/1h ALGO sliding-log COST 10000"}, {"DUMP k"}},
    {{"RL.CHECK k 20000/1h ALGO sliding-log COST 10000"}, {"EXPIRE k 281474976711"}},
    {{0}, {"RL.MCHECK 3 a b @70000 20000/1h ALGO sliding-log COST 5000"}},
    {{"RL.CHECK b 20000/1h ALGO sliding-log COST 10000"},
     {"RL.MCHECK 2 a b 20000/1h ALGO sliding-log COST 5000"}},
    {{0}, {"RL.CHECK @70000 5/1s"}},
    {{"RL.ACQUIRE k 4000 @200"}, {"RL.ACQUIRE k 4000 holder"}},
    {{"RL.ACQUIRE k 4000 holder"}, {"RL.RELEASE k holder"}},
    {{0}, {"RL.BLOCK @70000 10m"}},
    {{0}, {"CL.THROTTLE @70000 15 30 60"}},
    {{0}, {"PFADD k @70000"}},
    {{"PFADD k a b c", "PFADD l d e"}, {"PFMERGE m k l"}},
    {{"PFADD k a b c", "SET l @30"}, {"PFCOUNT k"}},
};

static void play_case(const struct case_of_need *need, uint8_t protocol, size_t piece) {
    server_harness_clear(&c.server);
    if (protocol == 3) server_harness_run(&c.server, "HELLO 3");
    for (size_t i = 0; i < COUNT_OF(need->before) && need->before[i] != NULL; i++)
        run_line(need->before[i]);
    struct scenario scenario = {.piece = piece};
    for (size_t i = 0; i < COUNT_OF(need->lines) && need->lines[i] != NULL; i++)
        add_line(&scenario, need->lines[i]);
    run_short(need->lines[0], &scenario);
    free_scenario(&scenario);
}

Test(contract_shortage, of_what_big_requests_and_replies_take) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) play_case(&cases[i], 2, 0);
}

Test(contract_shortage, while_requests_come_in_pieces) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) play_case(&cases[i], 3, 16000);
}

/* That the cases are cases: most of them ask for something that can be refused. */
Test(contract_shortage, big_requests_do_ask_for_memory) {
    struct scenario scenario = {.count = 0};
    add_line(&scenario, "SET k @100000");
    cr_assert_geq(run_short("SET", &scenario), 1);
    free_scenario(&scenario);
    add_line(&scenario, "GETRANGE k 0 -1");
    cr_assert_geq(run_short("GETRANGE", &scenario), 1);
    free_scenario(&scenario);
    add_line(&scenario, "MULTI");
    add_line(&scenario, "APPEND k @100000");
    add_line(&scenario, "EXEC");
    cr_assert_geq(run_short("MULTI", &scenario), 2);
    free_scenario(&scenario);
}

/* --- many keys --- */

Test(contract_shortage, of_what_names_of_many_keys_take) {
    char line[64];
    for (int i = 0; i < 3000; i++) {
        snprintf(line, sizeof(line), "SET some-quite-long-name:%d x", i);
        server_harness_run(&c.server, line);
    }
    static const char *const lines[] = {"KEYS *", "KEYS *1*", "SCAN 0 COUNT 5000", "FLUSHALL SYNC"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct scenario scenario = {.count = 0};
        add_line(&scenario, lines[i]);
        run_short(lines[i], &scenario);
        free_scenario(&scenario);
    }
}

/* A payload of every type, as RESTORE and MIGRATE bring them. */
static void restore_short(void *context, struct database *database, const struct entry *entry) {
    (void)context;
    if (database->index == 9) return;
    struct value value;
    keyspace_value(&c.server.server.executor.keyspace, entry, &value);
    struct encoder encoder;
    encoder_init(&encoder);
    cr_assert_eq(payload_save(&value, &encoder), OUTCOME_OK);
    struct scenario scenario = {.count = 0};
    add_argv(&scenario, (const struct bytes[]){BYTES("SELECT"), BYTES("9")}, 2);
    add_argv(&scenario,
             (const struct bytes[]){BYTES("RESTORE"), BYTES("again"), BYTES("0"),
                                    encoder_bytes(&encoder), BYTES("REPLACE")},
             5);
    encoder_deinit(&encoder);
    run_short("RESTORE", &scenario);
    free_scenario(&scenario);
}

Test(contract_shortage, of_what_restored_values_take) {
    contract_populate(&c, 300);
    server_harness_run(&c.server, "SELECT 0");
    run_line("SET big @100000");
    keyspace_audit_each(&c.server.server.executor.keyspace, restore_short, NULL);
}

/* --- every command on data, in any state --- */

/* What is a change for each of many arguments may be done in part: to make all of many small pairs
 * before the first is set would cost MSET a quarter of its speed (so big ones alone are), and a set
 * that takes members in has changed with the first. */
static bool is_many_changes(const struct arg *args, size_t count) {
    for (size_t i = 0; i < count; i++)
        if ((args[i].flags & ARG_MULTIPLE) != 0 || is_many_changes(args[i].args, args[i].arg_count))
            return true;
    return false;
}

Test(contract_shortage, of_whatever_made_up_calls_take) {
    size_t refused = 0;
    struct replica replica;
    replica_init(&replica, &c.server);
    contract_run_examples(&c);
    for (int i = 0; i < 2500; i++) {
        contract_make(&c, contract_choose(&c));
        const struct command *command = c.command.entry->command;
        struct scenario scenario = {
            .time_passes = true,
            .replica = &replica,
            .may_be_part = is_many_changes(command->args, command->arg_count)};
        add_argv(&scenario, c.command.argv, c.command.argc);
        char name[256];
        snprintf(name, sizeof(name), "%.255s", contract_command_text(&c));
        refused += run_short(name, &scenario);
        free_scenario(&scenario);
    }
    cr_assert_gt(refused, 300);
    replica_deinit(&replica);
}
