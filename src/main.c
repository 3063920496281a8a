/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/start.h"

int main(int argc, char **argv) { return server_main(argc, argv); }
