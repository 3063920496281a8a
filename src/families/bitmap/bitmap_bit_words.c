/* SPDX-License-Identifier: BSD-3-Clause */
/* One bit: SETBIT and GETBIT. */
#include "families/bitmap/bitmap.h"
#include "families/bitmap/bitmap_words.h"

uint64_t bitmap_take_offset(struct call *call, uint8_t unit) {
    struct bytes text = args_bytes(call);
    int64_t offset = 0;
    bool counted = unit > 0 && text.len > 0 && text.data[0] == '#';
    if (counted) text = bytes_make(text.data + 1, text.len - 1);
    bool right = text_to_integer(text, &offset) && offset >= 0 &&
                 !__builtin_mul_overflow(offset, counted ? unit : 1, &offset);
    /* What was once allowed is replayed, whatever the limit is by then. */
    if (right && !call->executor->replaying)
        right = (uint64_t)offset >> 3 < call->executor->string_bytes_max;
    if (right) return (uint64_t)offset;
    args_fail(call, "ERR bit offset is not an integer or out of range");
    return 0;
}

void bitmap_setbit(struct call *call) {
    struct bytes key = args_key(call);
    uint64_t offset = bitmap_take_offset(call, 0);
    bool bit = args_integer_or(call, 0, 1, "bit is not an integer or out of range") != 0;
    if (args_failed(call)) return;

    struct edit edit;
    if (!edit_open(&edit, call, key, &string_type)) return;
    size_t before = edit_exists(&edit) ? string_length(&edit.value) : 0;
    size_t len = (size_t)(offset >> 3) + 1;
    bool grows = !edit_exists(&edit) || len > before;
    /* Also where nothing will change: the string is then kept as raw bytes, as Redis does. */
    char *data = string_edit(&edit, grows ? len : before);
    if (data == NULL) return;
    bool was = bitmap_set(data, offset, bit);
    if (grows || was != bit) edit_commit_as(&edit, EVENT_STRING, "setbit");
    else edit_cancel(&edit);
    reply_integer(call, was);
}

void bitmap_getbit(struct call *call) {
    struct bytes key = args_key(call);
    uint64_t offset = bitmap_take_offset(call, 0);
    if (args_failed(call)) return;

    struct value value;
    char scratch[TEXT_INTEGER_MAX];
    if (key_read(call, key, &string_type, &value))
        reply_integer(call, bitmap_get(string_bytes(&value, scratch), offset));
    else if (!call->failed) reply_integer(call, 0);
}
