/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* CLIENT PAUSE: until a time, writes or everything of normal clients wait. */
#include <stdbool.h>
#include <stdint.h>

struct server;
struct session;
struct command_entry;

enum pause_mode { PAUSE_OFF, PAUSE_WRITES, PAUSE_ALL };
struct pause;
struct pause *pause_create(void);
void pause_destroy(struct pause **pause);
void pause_begin(struct server *server, enum pause_mode mode, int64_t until_ms);
void pause_end(struct server *server);
enum pause_mode pause_mode(const struct server *server);
int64_t pause_left_ms(const struct server *server); /* 0: nothing is paused */
/* True: this request must wait; the session is marked and resumed when the pause ends. */
bool pause_holds(struct session *session, const struct command_entry *entry);
/* Ends a pause whose time is over: called once a turn. */
void pause_tend(struct server *server);
