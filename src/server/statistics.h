/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* CONFIG RESETSTAT: what INFO counts begins anew. */
struct server;
/* Registers with the options. */
void statistics_setup(struct server *server);
