/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/crash.h"

#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "server/options.h"
#include "server/process.h"

#define FRAMES_MAX 64
#define STACK_BYTES 65536

/* state: a signal handler is given nothing, and may allocate nothing */
static struct {
    char log_path[PATH_MAX];
    bool reports;
    char stack[STACK_BYTES]; /* the usual one may be what overflowed */
} crash;

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGABRT, "SIGABRT: an assertion failed, or memory ran out"},
    {SIGSEGV, "SIGSEGV: a bad address"},
    {SIGBUS, "SIGBUS: a bad address"},
    {SIGFPE, "SIGFPE: impossible arithmetic"},
    {SIGILL, "SIGILL: an impossible instruction"},
};

/* --- in the handler: nothing but what is safe there --- */

static void put(int fd, const char *text) {
    ssize_t ignored = write(fd, text, strlen(text));
    (void)ignored;
}

static void report(int fd, int number) {
    void *frames[FRAMES_MAX];
    put(fd, "\nMainstay " MAINSTAY_VERSION " has a fault and ends here. ");
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        if (signals[i].number == number) put(fd, signals[i].name);
    put(fd, "\nThe calls that led here, the last one first:\n");
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), fd);
    put(fd, "Please report these lines, with what the log says before them.\n");
}

static bool leaves_core(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur > 0;
}

/* The handler is taken away when it is called (SA_RESETHAND), so a fault in it ends the process. */
static void on_fault(int number) {
    if (crash.reports) {
        report(STDERR_FILENO, number);
        int log = crash.log_path[0] == '\0' ? -1
                                            : open(crash.log_path, O_WRONLY | O_APPEND | O_CLOEXEC);
        if (log >= 0) report(log, number);
    }
    if (!leaves_core()) _exit(EXIT_OUR_FAULT);
    raise(number);
}

/* --- before --- */

static bool changed(void *context, struct options *options, int index, char *reason) {
    (void)context;
    (void)reason;
    crash.reports = options_bool(options, index);
    return true;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

void crash_setup(struct options *options) {
    if (SANITIZED) return;
    const char *path = options_text(options, options_index(options, "logfile"));
    /* Absolute: the working directory may move. */
    if (path[0] == '\0' || realpath(path, crash.log_path) == NULL) crash.log_path[0] = '\0';
    crash.reports = options_bool(options, options_index(options, "crash-log-enabled"));
    options_on_change(options, "crash-log-enabled", changed, NULL);
    void *frame;
    (void)backtrace(&frame, 1); /* loads what it needs, which a handler must not */
    sigaltstack(&(stack_t){.ss_sp = crash.stack, .ss_size = sizeof(crash.stack)}, NULL);
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT_OF(signals); i++) sigaction(signals[i].number, &action, NULL);
}
