/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of streams as a client meets them. */
#include <criterion/criterion.h>

#include "commands/family.h"
#include "harness/harness.h"

static struct harness h;

static void setup(void) { harness_init(&h); }
static void teardown(void) { harness_deinit(&h); }
TestSuite(stream_behaviour, .init = setup, .fini = teardown);

#define GIVES(line, expected) \
    cr_assert_str_eq(harness_run(&h, line), expected, "%s gave %s", line, h.reply)
#define OK "+OK\r\n"

Test(stream_behaviour, ids_only_grow) {
    GIVES("XADD s 5-5 f v", "$3\r\n5-5\r\n");
    GIVES("XADD s 5-* f v", "$3\r\n5-6\r\n");
    GIVES("XADD s 5-6 f v", "-ERR The ID specified in XADD is equal or smaller than the target "
                            "stream top item\r\n");
    GIVES("XADD s 0-0 f v", "-ERR The ID specified in XADD must be greater than 0-0\r\n");
    GIVES("XLEN s", ":2\r\n");
}

Test(stream_behaviour, a_refused_entry_makes_no_stream) {
    harness_run(&h, "XADD s 0-0 f v");
    GIVES("XADD s NOMKSTREAM * f v", "$-1\r\n");
    GIVES("EXISTS s", ":0\r\n");
}

Test(stream_behaviour, an_emptied_stream_stays) {
    harness_run(&h, "XADD s 5-5 f v");
    GIVES("XDEL s 5-5 6-6", ":1\r\n");
    GIVES("EXISTS s", ":1\r\n");
    GIVES("XRANGE s - +", "*0\r\n");
}

Test(stream_behaviour, what_is_given_is_pending_until_it_is_acknowledged) {
    harness_run(&h, "XADD s 1-1 f v");
    GIVES("XGROUP CREATE s g 0", OK);
    GIVES("XREADGROUP GROUP g a STREAMS s >",
          "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
    GIVES("XREADGROUP GROUP g b STREAMS s >", "*-1\r\n");
    harness_advance_ms(&h, 50);
    GIVES("XPENDING s g - + 10", "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\na\r\n:50\r\n:1\r\n");
    GIVES("XACK s g 1-1", ":1\r\n");
    GIVES("XPENDING s g", "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n");
}

Test(stream_behaviour, a_claim_waits_until_an_entry_has_been_idle) {
    harness_run(&h, "XADD s 1-1 f v");
    harness_run(&h, "XGROUP CREATE s g 0");
    harness_run(&h, "XREADGROUP GROUP g a STREAMS s >");
    GIVES("XCLAIM s g b 100 1-1 JUSTID", "*0\r\n");
    harness_advance_ms(&h, 100);
    GIVES("XCLAIM s g b 100 1-1 JUSTID", "*1\r\n$3\r\n1-1\r\n");
    harness_run(&h, "XDEL s 1-1");
    GIVES("XAUTOCLAIM s g c 0 -", "*3\r\n$3\r\n0-0\r\n*0\r\n*1\r\n$3\r\n1-1\r\n");
}

Test(stream_behaviour, what_some_group_has_not_acknowledged_is_kept_when_that_is_asked) {
    harness_run(&h, "XADD s 1-1 f v");
    harness_run(&h, "XADD s 2-1 f v");
    harness_run(&h, "XGROUP CREATE s g 0");
    GIVES("XDELEX s ACKED IDS 1 1-1", "*1\r\n:2\r\n");
    harness_run(&h, "XREADGROUP GROUP g a STREAMS s >");
    GIVES("XDELEX s ACKED IDS 2 1-1 9-9", "*2\r\n:2\r\n:-1\r\n");
    GIVES("XACKDEL s g ACKED IDS 2 1-1 1-1", "*2\r\n:1\r\n:-1\r\n");
    GIVES("XDELEX s DELREF IDS 1 2-1", "*1\r\n:1\r\n");
    GIVES("XPENDING s g", "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n");
    GIVES("XDELEX s IDS 2 1-1", "-ERR The `numids` parameter must match the number of "
                                "arguments\r\n");
}

static void effects(const char *line, const char *expected) {
    harness_journal_clear(&h);
    harness_run(&h, line);
    cr_assert_str_eq(harness_journal(&h), expected, "%s: %s", line, harness_journal(&h));
}

Test(stream_behaviour, leaves_with_every_value_spelled_out) {
    effects("XADD s 1-* f v", "XADD s 1-0 f v\n--\n");
    effects("XADD s MAXLEN 1 2-1 f w", "XADD s MAXLEN = 1 2-1 f w\n--\n");
    effects("XTRIM s MINID 5", "XTRIM s MAXLEN = 0\n--\n");
    effects("XGROUP CREATE s g $", "XGROUP CREATE s g 2-1 MKSTREAM ENTRIESREAD -1\n--\n");
    effects("XREADGROUP GROUP g a STREAMS s >", "XGROUP CREATECONSUMER s g a\n--\n");
    effects("XREADGROUP GROUP g a STREAMS s >", "");
}
