/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* From the command line to a running server, and back to nothing. */

/* Runs until it is told to stop. Returns the exit code (process.h, enum exit_code). */
int server_main(int argc, char *const *argv);
