/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Families that clients find as modules: MODULE LIST and HELLO name them. */
struct call;
/* An array of maps: name, ver, path, args. */
void modules_reply(struct call *call);
