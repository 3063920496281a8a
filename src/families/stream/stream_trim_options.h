/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The options that XADD and XTRIM have in common. */
#include "families/stream/stream_words.h"

struct stream_trim_options {
    struct stream_trim trim;
    bool wanted;
    bool limit_given;
};

/* Takes MAXLEN, MINID or LIMIT with what belongs to it if that is what comes next; false: it is
 * something else, or a mistake was replied. */
bool stream_trim_options_take(struct call *call, struct stream_trim_options *options);
/* When all options were read: judges them together and settles the limit. */
void stream_trim_options_settle(struct call *call, struct stream_trim_options *options);
