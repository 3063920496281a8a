/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/turn.h"

#include "unit/server/server_transcript.h"

TestSuite(turn, .init = server_setup, .fini = server_teardown);

Test(turn, looks_at_nothing_behind_a_quit) {
    SENDS(server_harness_connect(&h), "*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n", "+OK\r\n");
    SENDS(server_harness_connect(&h), "*1\r\n$4\r\nQUIT\r\n*1\r\n$x\r\nPING\r\n", "+OK\r\n");
    SENDS(server_harness_connect(&h), "*1\r\n$4\r\nPING\r\n*1\r\n$x\r\nPING\r\n",
          "+PONG\r\n" ERROR("Protocol error: invalid bulk length"));
}
