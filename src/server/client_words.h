/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* CLIENT: what a connection says of itself, and what an operator does with others. The handlers;
 * client_commands.c declares the words. */
struct call;

void client_caching(struct call *call);
void client_capa(struct call *call);
void client_getname(struct call *call);
void client_getredir(struct call *call);
void client_id(struct call *call);
void client_import_source(struct call *call);
void client_info(struct call *call);
void client_kill(struct call *call);
void client_list(struct call *call);
void client_no_evict(struct call *call);
void client_no_touch(struct call *call);
void client_pause(struct call *call);
void client_reply(struct call *call);
void client_setinfo(struct call *call);
void client_setname(struct call *call);
void client_tracking(struct call *call);
void client_trackinginfo(struct call *call);
void client_unblock(struct call *call);
void client_unpause(struct call *call);
