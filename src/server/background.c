/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/background.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "network/notify.h"
#include "server/options.h"
#include "server/process.h"

/* Where scripts made for Redis look when nothing else is said. */
#define PID_PATH_IN_BACKGROUND "/var/run/redis.pid"
/* The first byte on the pipe to the starter; anything else is the reason of an end. */
#define READY '\0'

/* --- who watches over us --- */

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum supervision find_supervisor(const struct options *options, struct log *log) {
    const char *wanted = options_word(options, options_index(options, "supervised"));
    bool any = strcmp(wanted, "auto") == 0;
    bool upstart = any || strcmp(wanted, "upstart") == 0;
    bool systemd = any || strcmp(wanted, "systemd") == 0;
    if (upstart && environment("UPSTART_JOB") != NULL) return SUPERVISION_UPSTART;
    if (systemd && environment("NOTIFY_SOCKET") != NULL) return SUPERVISION_SYSTEMD;
    if (upstart && !any)
        log_write(log, LOG_LEVEL_WARNING,
                  "upstart supervision requested, but UPSTART_JOB not found!");
    if (systemd && !any)
        log_write(log, LOG_LEVEL_WARNING,
                  "systemd supervision requested, but NOTIFY_SOCKET not found!");
    return SUPERVISION_NONE;
}

const char *background_supervisor(const struct background *background) {
    switch (background->supervision) {
    case SUPERVISION_UPSTART: return "upstart";
    case SUPERVISION_SYSTEMD: return "systemd";
    default: return "no";
    }
}

void background_notify(const struct background *background, const char *lines) {
    if (background->supervision != SUPERVISION_SYSTEMD) return;
    enum outcome told = notify_send(getenv("NOTIFY_SOCKET"), bytes_of(lines));
    (void)told; /* a manager that does not listen has its own time-outs */
}

/* --- going to the background --- */

/* The starter's part: nothing but to wait for the outcome. Returns the exit code. */
static int wait_for_outcome(int pipe, pid_t child) {
    char text[1024];
    ssize_t got;
    bool is_first = true;
    while ((got = read(pipe, text, sizeof(text))) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 || (is_first && text[0] == READY)) return EXIT_WELL;
        is_first = false;
        fwrite(text, 1, (size_t)got, stderr);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_OUR_FAULT;
}

static void detach(void) {
    setsid(); /* cannot fail: a fresh child leads no group */
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) return; /* a machine without it: the terminal stays ours */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) dup2(nothing, fd);
    if (nothing > STDERR_FILENO) close(nothing);
}

static int fork_off(struct background *background) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) return -1;
    fflush(NULL); /* what is buffered would be written twice */
    pid_t child = fork();
    if (child < 0) {
        close(pipes[0]);
        close(pipes[1]);
        return -1;
    }
    if (child > 0) {
        close(pipes[1]);
        int code = wait_for_outcome(pipes[0], child);
        close(pipes[0]);
        return code;
    }
    close(pipes[0]);
    detach();
    background->is_detached = true;
    background->starter = pipes[1];
    return 0;
}

bool background_enter(struct background *background, struct options *options, struct log *log,
                      int *code) {
    *background = (struct background){.starter = -1};
    background->supervision = find_supervisor(options, log);
    *code = EXIT_WELL;
    bool is_watched = background->supervision != SUPERVISION_NONE;
    if (is_watched)
        log_write(log, LOG_LEVEL_NOTICE, "Supervised by %s", background_supervisor(background));
    if (is_watched || !options_bool(options, options_index(options, "daemonize"))) return true;
    *code = fork_off(background);
    if (*code < 0) {
        fprintf(stderr, "The server cannot go to the background: %s\n", strerror(errno));
        *code = EXIT_OUR_FAULT;
    }
    return background->is_detached;
}

/* --- the starter hears of it --- */

static void tell_starter(struct background *background, const char *data, size_t len) {
    if (background->starter < 0) return;
    ssize_t ignored = write(background->starter, data, len); /* it may have been ended */
    (void)ignored;
    close(background->starter);
    background->starter = -1;
}

void background_failed(struct background *background, const char *reason) {
    char text[1100];
    int len = snprintf(text, sizeof(text), "%s\n", reason);
    size_t size = (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1;
    tell_starter(background, text, size);
}

void background_ready(struct background *background, struct log *log) {
    static const char ready = READY;
    tell_starter(background, &ready, 1);
    background_notify(background, "STATUS=Ready to accept connections\nREADY=1\n");
    if (background->supervision != SUPERVISION_UPSTART) return;
    log_write(log, LOG_LEVEL_NOTICE, "Supervised by upstart: stops until it says to go on");
    raise(SIGSTOP);
    unsetenv("UPSTART_JOB");
}

/* --- the file with the number --- */

static char *absolute(const char *path) {
    char folder[4096] = "";
    if (path[0] != '/' && getcwd(folder, sizeof(folder)) == NULL) folder[0] = '\0';
    size_t size = strlen(folder) + strlen(path) + 2;
    char *text = memory_allocate(size);
    snprintf(text, size, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", path);
    return text;
}

void background_write_pid(struct background *background, struct options *options, struct log *log) {
    char reason[OPTIONS_REASON_MAX];
    int index = options_index(options, "pidfile");
    if (options_text(options, index)[0] == '\0') {
        if (!background->is_detached) return;
        if (!options_set(options, "pidfile", BYTES(PID_PATH_IN_BACKGROUND), reason)) return;
    }
    const char *path = options_text(options, index);
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fprintf(file, "%d\n", (int)getpid()) > 0;
    if (file != NULL && fclose(file) != 0) written = false;
    if (written) background->pid_path = absolute(path);
    else
        log_write(log, LOG_LEVEL_WARNING, "Failed to write PID file %s: %s", path, strerror(errno));
}

static bool file_is_ours(const char *path) {
    int number = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    bool is_ours = fscanf(file, "%d", &number) == 1 && number == (int)getpid();
    fclose(file);
    return is_ours;
}

void background_leave(struct background *background, struct log *log) {
    if (background->pid_path != NULL && file_is_ours(background->pid_path)) {
        log_write(log, LOG_LEVEL_NOTICE, "Removing the pid file.");
        unlink(background->pid_path);
    }
    memory_free(background->pid_path);
    background->pid_path = NULL;
}
