/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The reference of all commands as Markdown: mainstay-server --print-reference, from which
 * `make docs` writes the pages.
 *
 * Each family begins with a line "<!-- family NAME -->", so that its part can be cut out; within
 * it stand a title, then a heading, a usage line and a few facts for every command. Commands that
 * exist for tools alone are left out. */
#include <stdio.h>

struct registry;
void reference_print(const struct registry *registry, FILE *out);
