/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/client_words.h"

#include "unit/server/server_transcript.h"

TestSuite(client_words, .init = server_setup, .fini = server_teardown);

Test(client_words, name_the_option_as_it_was_written) {
    SAYS("CLIENT SETINFO LiB-name \"a b\"",
         ERROR("LiB-name cannot contain spaces, newlines or special characters."));
    SAYS("CLIENT SETINFO lib-ver \"\\n\"",
         ERROR("lib-ver cannot contain spaces, newlines or special characters."));
    SAYS("CLIENT SETINFO nosuch x", ERROR("Unrecognized option 'nosuch'"));
}
