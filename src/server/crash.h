/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The end of a process that has a fault of ours: an assertion, a bad address, memory that ran out.
 *
 * What can still be said is said (which signal, where, the calls that led there) on standard error
 * and in the log file, and the process ends with EXIT_OUR_FAULT. Where the system allows core
 * files it ends by the signal instead, so that one is left. Sanitizers report by themselves, so
 * builds with them are left alone. */
struct options;

/* Once in a process. Reads `logfile`, and `crash-log-enabled` now and whenever it changes. */
void crash_setup(struct options *options);
