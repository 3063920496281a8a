/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands/edit.h"

#include <criterion/criterion.h>

#include "harness/harness.h"

Test(edit, a_write_while_expiry_is_paused_finds_no_second_place_for_an_expired_key) {
    struct harness harness;
    harness_init(&harness);
    harness_run(&harness, "SET k old PX 10");
    harness.executor.expiry_paused = true;
    harness_advance_ms(&harness, 20);
    cr_assert_str_eq(harness_run(&harness, "GET k"), "$-1\r\n");
    cr_assert_str_eq(harness_run(&harness, "SET k new"), "+OK\r\n");
    cr_assert_eq(harness_integer(&harness, "DBSIZE"), 1);
    cr_assert_eq(harness_integer(&harness, "DEL k"), 1);
    cr_assert_eq(harness_integer(&harness, "DBSIZE"), 0);
    harness_deinit(&harness);
}
