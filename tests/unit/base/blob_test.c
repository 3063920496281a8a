/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/blob.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"

Test(blob, begins_empty_with_one_owner) {
    struct blob *blob = blob_create(100);
    cr_assert_eq(blob->len, 0u);
    cr_assert_geq(blob->capacity, 100u);
    cr_assert_not(blob_is_shared(blob));
    memset(blob->data, 'x', 100);
    blob_unref(blob);
}

Test(blob, copies_bytes_as_they_are) {
    struct blob *blob = blob_copy(BYTES("a\0b\r\n"));
    cr_assert(bytes_equal(blob_bytes(blob), BYTES("a\0b\r\n")));
    blob_unref(blob);
    blob = blob_copy((struct bytes){NULL, 0});
    cr_assert_eq(blob_bytes(blob).len, 0u);
    blob_unref(blob);
}

Test(blob, lives_until_its_last_owner_lets_go) {
    size_t before = memory_used_bytes();
    struct blob *blob = blob_copy(BYTES("shared"));
    cr_assert_eq(blob_ref(blob), blob);
    cr_assert(blob_is_shared(blob));
    blob_unref(blob);
    cr_assert_not(blob_is_shared(blob));
    cr_assert(bytes_equal(blob_bytes(blob), BYTES("shared")));
    blob_unref(blob);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(blob, reports_the_bytes_that_are_counted) {
    for (size_t capacity = 0; capacity < 70000; capacity = capacity * 3 + 1) {
        size_t before = memory_used_bytes();
        struct blob *blob = blob_create(capacity);
        cr_assert_eq(memory_used_bytes() - before, blob_memory_bytes(blob));
        cr_assert_geq(blob_memory_bytes(blob), sizeof *blob + capacity);
        blob_unref(blob);
    }
}

Test(blob, keeps_its_bytes_when_it_grows_and_cuts_them_when_it_shrinks) {
    struct blob *blob = blob_copy(BYTES("0123456789"));
    blob = blob_try_resize(blob, 100000);
    cr_assert_eq(blob->capacity, 100000u);
    cr_assert(bytes_equal(blob_bytes(blob), BYTES("0123456789")));
    blob = blob_try_resize(blob, 4);
    cr_assert(bytes_equal(blob_bytes(blob), BYTES("0123")));
    blob_unref(blob);
}

Test(blob, refuses_what_memory_refuses_and_keeps_the_old_one) {
    cr_assert_null(blob_try_create(SIZE_MAX));
    cr_assert_null(blob_try_create(SIZE_MAX - 24));
    struct blob *blob = blob_copy(BYTES("old"));
    cr_assert_null(blob_try_resize(blob, SIZE_MAX - 1));
    memory_fail_try(1);
    cr_assert_null(blob_try_resize(blob, 100));
    memory_fail_try(1);
    cr_assert_null(blob_try_create(1));
    memory_fail_try(0);
    cr_assert(bytes_equal(blob_bytes(blob), BYTES("old")));
    blob_unref(blob);
}

static void *let_go(void *blob) {
    blob_unref(blob);
    return NULL;
}

Test(blob, may_be_freed_by_another_thread) {
    size_t before = memory_used_bytes();
    struct blob *blob = blob_create(1 << 20);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, let_go, blob), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(memory_used_bytes(), before);
}
