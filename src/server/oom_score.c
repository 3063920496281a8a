/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/oom_score.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "server/options.h"
#include "server/process.h"
#include "server/server.h"

#define SCORE_PATH "/proc/self/oom_score_adj"
#define SCORE_MAX 1000

/* The number that the text begins with; 0 when there is none. */
static int64_t first_number(const char *text) {
    int64_t number = 0;
    size_t len = strcspn(text, " \n");
    return text_to_integer(bytes_make(text, len), &number) ? number : 0;
}

static int64_t read_score(void) {
    char text[32];
    int fd = open(SCORE_PATH, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    return first_number(text);
}

static bool write_score(int64_t score) {
    char text[32];
    int len = snprintf(text, sizeof(text), "%lld", (long long)score);
    int fd = open(SCORE_PATH, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool written = write(fd, text, (size_t)len) == len;
    int reason = errno;
    close(fd);
    errno = reason;
    return written;
}

static int64_t wanted_score(const struct server *server) {
    const struct options *options = server->options;
    int64_t mode = options_integer(options, options_index(options, "oom-score-adj"));
    int64_t value = first_number(
        options_text(options, options_index(options, "oom-score-adj-values")));
    int64_t score = server->process->oom_score_before;
    if (mode == 1) score += value;
    if (mode == 2) score = value;
    if (score > SCORE_MAX) return SCORE_MAX;
    return score < -SCORE_MAX ? -SCORE_MAX : score;
}

static bool apply(struct server *server) {
    int64_t wanted = wanted_score(server);
    if (wanted == read_score() || write_score(wanted)) return true;
    log_write(server->log, LOG_LEVEL_WARNING, "Unable to write %lld to " SCORE_PATH ": %s",
              (long long)wanted, strerror(errno));
    return false;
}

/* While it is off, the score is somebody else's; when it is turned off, what was comes back. */
static bool changed(void *context, struct options *options, int index, char *reason) {
    int mode = options_index(options, "oom-score-adj");
    if (index != mode && options_integer(options, mode) == 0) return true;
    if (apply(context)) return true;
    snprintf(reason, OPTIONS_REASON_MAX,
             "Failed to apply new oom_score_adj configuration, check server logs.");
    return false;
}

void oom_score_setup(struct server *server) {
    server->process->oom_score_before = read_score();
    bool is_off = options_integer(server->options,
                                  options_index(server->options, "oom-score-adj")) == 0;
    if (!is_off) (void)apply(server); /* a refusal is in the log */
    options_on_change(server->options, "oom-score-adj", changed, server);
    options_on_change(server->options, "oom-score-adj-values", changed, server);
}
