/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit/server/server_transcript.h"

TestSuite(connection_words, .init = server_setup, .fini = server_teardown);

Test(connection_words, tell_a_database_that_is_none_from_a_number_that_is_none) {
    static const char out_of_int[] = ERROR(
        "value is out of range, value must between -2147483648 and 2147483647");
    SAYS("SELECT 15", "+OK\r\n");
    SAYS("SELECT 16", ERROR("DB index is out of range"));
    SAYS("SELECT -1", ERROR("DB index is out of range"));
    SAYS("SELECT 2147483648", out_of_int);
    SAYS("SELECT -2147483649", out_of_int);
    SAYS("SELECT 9223372036854775808", NOT_AN_INTEGER);
    SAYS("SELECT 0x1", NOT_AN_INTEGER);
}
