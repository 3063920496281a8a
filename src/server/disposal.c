/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/disposal.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/memory.h"
#include "keyspace/keyspace.h"

struct condemned_value {
    struct condemned_value *next;
    const struct value_type *type;
    void *boxed;
};

struct disposal {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct condemned_value *first;
    struct condemned_value *last;
    bool stopping;
    atomic_size_t pending;
    atomic_size_t done;
};

static void *work(void *context) {
    struct disposal *disposal = context;
    pthread_mutex_lock(&disposal->lock);
    for (;;) {
        while (disposal->first == NULL && !disposal->stopping)
            pthread_cond_wait(&disposal->arrived, &disposal->lock);
        struct condemned_value *value = disposal->first;
        if (value == NULL) break;
        disposal->first = value->next;
        if (disposal->first == NULL) disposal->last = NULL;
        pthread_mutex_unlock(&disposal->lock);
        value->type->destroy(value->boxed);
        memory_free(value);
        atomic_fetch_sub(&disposal->pending, 1);
        atomic_fetch_add(&disposal->done, 1);
        pthread_mutex_lock(&disposal->lock);
    }
    pthread_mutex_unlock(&disposal->lock);
    return NULL;
}

static void take(void *context, const struct value_type *type, void *boxed) {
    struct disposal *disposal = context;
    struct condemned_value *value = memory_allocate(sizeof(*value));
    *value = (struct condemned_value){NULL, type, boxed};
    atomic_fetch_add(&disposal->pending, 1);
    pthread_mutex_lock(&disposal->lock);
    if (disposal->last != NULL) disposal->last->next = value;
    else disposal->first = value;
    disposal->last = value;
    pthread_cond_signal(&disposal->arrived);
    pthread_mutex_unlock(&disposal->lock);
}

struct disposal *disposal_create(struct keyspace *keyspace) {
    struct disposal *disposal = memory_allocate_zero(sizeof(*disposal));
    pthread_mutex_init(&disposal->lock, NULL);
    pthread_cond_init(&disposal->arrived, NULL);
    /* Signals are the command thread's. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&disposal->thread, NULL, work, disposal);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        /* Without a thread, values are freed where they fall. */
        disposal->stopping = true;
        return disposal;
    }
    keyspace->dispose = take;
    keyspace->dispose_context = disposal;
    return disposal;
}

void disposal_destroy(struct disposal **disposal) {
    if (*disposal == NULL) return;
    pthread_mutex_lock(&(*disposal)->lock);
    bool running = !(*disposal)->stopping;
    (*disposal)->stopping = true;
    pthread_cond_signal(&(*disposal)->arrived);
    pthread_mutex_unlock(&(*disposal)->lock);
    if (running) pthread_join((*disposal)->thread, NULL);
    pthread_mutex_destroy(&(*disposal)->lock);
    pthread_cond_destroy(&(*disposal)->arrived);
    memory_free(*disposal);
    *disposal = NULL;
}

size_t disposal_pending(const struct disposal *disposal) { return atomic_load(&disposal->pending); }

size_t disposal_done(const struct disposal *disposal) { return atomic_load(&disposal->done); }
