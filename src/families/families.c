/* SPDX-License-Identifier: BSD-3-Clause */
#include "families/families.h"

#include "base/bytes.h"
#include "commands/family.h"

#define FAMILY(name) extern const struct family name##_family;
#include "families/families.def"
#undef FAMILY

static const struct family *const all[] = {
#define FAMILY(name) &name##_family,
#include "families/families.def"
#undef FAMILY
};

const struct family *const *families_all(size_t *count) {
    *count = COUNT_OF(all);
    return all;
}
