/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Whom the kernel ends first when memory runs out: oom-score-adj and oom-score-adj-values, written
 * to /proc/self/oom_score_adj. Of the three values the first counts, that of a primary. */

struct server;
/* Applies what the options ask for, now and whenever they change. At start a refusal of the system
 * is a line in the log; CONFIG SET fails on it. */
void oom_score_setup(struct server *server);
