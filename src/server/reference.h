/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The reference of all commands and parameters as Markdown: mainstay-server --print-reference,
 * from which `make docs` writes the pages.
 *
 * Each family begins with a line "<!-- family NAME -->", so that its part can be cut out as a
 * page: a title, its types and parameters, then for every command a heading, the summary, the usage
 * and a list of facts. Commands that exist for tools alone are left out. Behind the families come
 * "<!-- configuration -->" and "<!-- configuration without meaning -->": tables of the parameters,
 * by section. */
#include <stdio.h>

struct options;
struct registry;
/* `options` NULL: no parameters. */
void reference_print(const struct registry *registry, const struct options *options, FILE *out);
