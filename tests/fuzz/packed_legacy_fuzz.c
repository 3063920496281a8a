/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that claim to be a ziplist, a zipmap or a set of integers: the first byte says which. What
 * is accepted becomes a canonical packed list, or is searched and changed as a set. */
#include <assert.h>
#include <stdlib.h>

#include "structures/packed_integers.h"
#include "structures/packed_legacy.h"
#include "structures/packed_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void convert(struct bytes input, bool is_zipmap) {
    size_t bytes = is_zipmap ? packed_legacy_from_zipmap(input, NULL)
                             : packed_legacy_from_ziplist(input, NULL);
    if (bytes == 0) return;
    uint8_t *list = malloc(bytes);
    assert(list != NULL);
    size_t written = is_zipmap ? packed_legacy_from_zipmap(input, list)
                               : packed_legacy_from_ziplist(input, list);
    assert(written == bytes);
    struct packed_check check = packed_list_validate(bytes_make(list, bytes));
    assert(check.is_valid && check.is_canonical && check.count == packed_list_count(list));
    assert(!is_zipmap || check.count % 2 == 0);
    free(list);
}

static uint8_t *apply(uint8_t *set, const struct packed_integers_change *change) {
    if (change->bytes_after > change->bytes_before) set = realloc(set, change->bytes_after);
    packed_integers_apply(set, change);
    if (change->bytes_after < change->bytes_before) set = realloc(set, change->bytes_after);
    assert(packed_integers_bytes_total(set) == change->bytes_after);
    assert(packed_integers_validate(bytes_make(set, change->bytes_after)));
    return set;
}

/* Puts the value in, when it is not there, and takes it out again. */
static uint8_t *toggle(uint8_t *set, int64_t value) {
    uint32_t index, count = packed_integers_count(set);
    if (packed_integers_find(set, value, &index)) {
        assert(packed_integers_get(set, index) == value);
        struct packed_integers_change removal = packed_integers_plan_remove(set, index);
        set = apply(set, &removal);
        assert(packed_integers_count(set) == count - 1);
    }
    bool is_there = packed_integers_find(set, value, &index);
    assert(!is_there);
    struct packed_integers_change insertion = packed_integers_plan_insert(set, index, value);
    set = apply(set, &insertion);
    assert(packed_integers_get(set, index) == value);
    return set;
}

static void use_set(struct bytes input) {
    if (!packed_integers_validate(input)) return;
    uint8_t *set = malloc(input.len);
    assert(set != NULL);
    memcpy(set, input.data, input.len);
    uint32_t count = packed_integers_count(set);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index;
        bool is_there = packed_integers_find(set, packed_integers_get(set, i), &index);
        assert(is_there && index == i);
    }
    static const int64_t values[] = {0, -1, INT16_MAX, INT16_MIN, INT32_MAX, INT32_MIN, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(values); i++) set = toggle(set, values[i]);
    if (count > 0) set = toggle(set, packed_integers_get(set, count / 2));
    free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    size_t len = size - 1;
    char *copy = malloc(len + (len == 0));
    assert(copy != NULL);
    if (len > 0) memcpy(copy, data + 1, len);
    struct bytes input = bytes_make(copy, len);
    switch (data[0] % 3) {
    case 0: convert(input, false); break;
    case 1: convert(input, true); break;
    default: use_set(input); break;
    }
    free(copy);
    return 0;
}
