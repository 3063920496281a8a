/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/memory.h"

struct log {
    pthread_mutex_t lock; /* held while writing and while the fields below change */
    _Atomic int level;
    enum log_layout layout;
    enum log_timestamp timestamp;
    char role;
    int fd;
    char *path; /* "" = standard output, which is never closed */
    dev_t device;
    ino_t inode;
    const struct clock *clock; /* NULL: the system's */
    struct clock system_clock;
    char *syslog_ident; /* NULL: no syslog */
};

/* A line on its way, with room for a message each byte of which takes six. */
struct line {
    char text[LOG_MESSAGE_BYTES_MAX * 6 + 256];
    size_t len;
};

static char *copy_text(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(memory_allocate(size), text, size);
}

struct log *log_create(void) {
    struct log *log = memory_allocate_zero(sizeof *log);
    pthread_mutex_init(&log->lock, NULL);
    log->level = LOG_LEVEL_NOTICE;
    log->role = 'M';
    log->fd = STDOUT_FILENO;
    log->path = copy_text("");
    clock_init_system(&log->system_clock);
    return log;
}

static void close_file(struct log *log) {
    if (log->fd != STDOUT_FILENO) close(log->fd);
}

void log_destroy(struct log **log) {
    if (*log == NULL) return;
    log_set_syslog(*log, NULL, 0);
    close_file(*log);
    memory_free((*log)->path);
    pthread_mutex_destroy(&(*log)->lock);
    memory_free(*log);
    *log = NULL;
}

/* --- where lines go ----------------------------------------------------------------------- */

/* Lock held. Takes the new file, or leaves everything as it was. */
static bool open_locked(struct log *log, const char *path) {
    int fd = STDOUT_FILENO;
    struct stat file = {0};
    if (path[0] != '\0') {
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) return false;
        if (fstat(fd, &file) != 0) {
            close(fd);
            return false;
        }
    }
    close_file(log);
    log->fd = fd;
    log->device = file.st_dev;
    log->inode = file.st_ino;
    return true;
}

enum outcome log_open_file(struct log *log, const char *path) {
    char *copy = copy_text(path);
    pthread_mutex_lock(&log->lock);
    bool opened = open_locked(log, path);
    int reason = errno;
    char *unwanted = opened ? log->path : copy;
    if (opened) log->path = copy;
    pthread_mutex_unlock(&log->lock);
    memory_free(unwanted);
    errno = reason;
    return opened ? OUTCOME_OK : OUTCOME_IO_FAILED;
}

enum outcome log_reopen(struct log *log) {
    pthread_mutex_lock(&log->lock);
    bool opened = open_locked(log, log->path);
    pthread_mutex_unlock(&log->lock);
    return opened ? OUTCOME_OK : OUTCOME_IO_FAILED;
}

/* Lock held. Redis opens its file for each line, so rotations made for it send no signal. */
static void follow_rotation(struct log *log) {
    if (log->path[0] == '\0') return;
    struct stat now;
    bool same = stat(log->path, &now) == 0 && now.st_ino == log->inode && now.st_dev == log->device;
    if (!same) (void)open_locked(log, log->path);
}

void log_set_syslog(struct log *log, const char *ident, int facility) {
    pthread_mutex_lock(&log->lock);
    if (log->syslog_ident != NULL) closelog();
    memory_free(log->syslog_ident);
    log->syslog_ident = NULL;
    if (ident != NULL) {
        log->syslog_ident = copy_text(ident); /* openlog keeps the pointer */
        openlog(log->syslog_ident, LOG_PID | LOG_NDELAY | LOG_NOWAIT, facility);
    }
    pthread_mutex_unlock(&log->lock);
}

/* --- how they look ------------------------------------------------------------------------ */

void log_set_level(struct log *log, enum log_level level) { log->level = level; }

void log_set_layout(struct log *log, enum log_layout layout) {
    pthread_mutex_lock(&log->lock);
    log->layout = layout;
    pthread_mutex_unlock(&log->lock);
}

void log_set_timestamp(struct log *log, enum log_timestamp timestamp) {
    pthread_mutex_lock(&log->lock);
    log->timestamp = timestamp;
    pthread_mutex_unlock(&log->lock);
}

void log_set_role(struct log *log, char role) {
    pthread_mutex_lock(&log->lock);
    log->role = role;
    pthread_mutex_unlock(&log->lock);
}

void log_set_clock(struct log *log, const struct clock *clock) {
    pthread_mutex_lock(&log->lock);
    log->clock = clock;
    pthread_mutex_unlock(&log->lock);
}

static void add_bytes(struct line *line, const char *text, size_t len) {
    assert(len <= sizeof line->text - line->len);
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static PRINTF_LIKE(2, 3) void add(struct line *line, const char *format, ...) {
    va_list list;
    va_start(list, format);
    size_t room = sizeof line->text - line->len;
    int len = vsnprintf(line->text + line->len, room, format, list);
    va_end(list);
    assert(len >= 0 && (size_t)len < room);
    line->len += (size_t)len;
}

/* The length of the UTF-8 character (RFC 3629) that starts here and may be shown as it is; 0 for
 * anything else: controls (C1 too: terminals obey those), overlong forms, surrogates, halves. */
static size_t printable_length(const unsigned char *at, size_t left) {
    if (at[0] < 0x80) return at[0] >= 0x20 && at[0] != 0x7f;
    size_t len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || len > left) return 0;
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0;
    }
    if (at[0] == 0xc2 && at[1] < 0xa0) return 0;
    if (at[0] == 0xe0 && at[1] < 0xa0) return 0;
    if (at[0] == 0xed && at[1] > 0x9f) return 0;
    if (at[0] == 0xf0 && at[1] < 0x90) return 0;
    if (at[0] == 0xf4 && at[1] > 0x8f) return 0;
    return len;
}

static void add_escape(struct line *line, unsigned char byte, bool quoted) {
    static const char letters[] = "\n\r\t\b\f";
    const char *letter = byte == '\0' ? NULL : strchr(letters, byte);
    if (letter != NULL && (quoted || letter - letters < 3)) {
        add(line, "\\%c", "nrtbf"[letter - letters]);
    } else {
        add(line, quoted ? "\\u%04x" : "\\x%02x", (unsigned)byte);
    }
}

/* Inside quotes a byte that is no character is shown as the code of the same number: JSON has no
 * way to say a byte. */
static void add_escaped(struct line *line, struct bytes message, bool quoted) {
    const unsigned char *at = (const unsigned char *)message.data;
    size_t left = message.len;
    while (left > 0) {
        size_t len = printable_length(at, left);
        if (len == 0) {
            add_escape(line, *at, quoted);
            len = 1;
        } else {
            if (quoted && (*at == '"' || *at == '\\')) add_bytes(line, "\\", 1);
            add_bytes(line, (const char *)at, len);
        }
        at += len;
        left -= len;
    }
}

static void add_timestamp(struct line *line, const struct log *log) {
    int64_t now_ms = clock_wall_us(log->clock != NULL ? log->clock : &log->system_clock) / 1000;
    if (log->timestamp == LOG_TIMESTAMP_MILLISECONDS) {
        add(line, "%lld", (long long)now_ms);
        return;
    }
    time_t seconds = (time_t)(now_ms / 1000);
    int ms = (int)(now_ms % 1000);
    struct tm tm;
    localtime_r(&seconds, &tm);
    if (log->timestamp == LOG_TIMESTAMP_LEGACY) {
        static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        add(line, "%02d %s %d %02d:%02d:%02d.%03d", tm.tm_mday, months[tm.tm_mon],
            tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
        return;
    }
    long offset = tm.tm_gmtoff / 60;
    long minutes = offset < 0 ? -offset : offset;
    add(line, "%d-%02d-%02dT%02d:%02d:%02d.%03d%c%02ld:%02ld", tm.tm_year + 1900, tm.tm_mon + 1,
        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms, offset < 0 ? '-' : '+', minutes / 60,
        minutes % 60);
}

static const char *role_name(char role) {
    switch (role) {
    case 'M': return "primary";
    case 'S': return "replica";
    case 'C': return "RDB/AOF";
    case 'X': return "sentinel";
    default: return "unknown";
    }
}

static void add_line(struct line *line, const struct log *log, enum log_level level,
                     struct bytes message) {
    static const char *const names[] = {"debug", "info", "notice", "warning"};
    switch (log->layout) {
    case LOG_LAYOUT_LEGACY:
        add(line, "%d:%c ", (int)getpid(), log->role);
        add_timestamp(line, log);
        add(line, " %c ", ".-*#"[level]);
        add_escaped(line, message, false);
        break;
    case LOG_LAYOUT_LOGFMT:
        add(line, "pid=%d role=%s timestamp=\"", (int)getpid(), role_name(log->role));
        add_timestamp(line, log);
        add(line, "\" level=%s message=\"", names[level]);
        add_escaped(line, message, true);
        add(line, "\"");
        break;
    case LOG_LAYOUT_JSON:
        add(line, "{\"pid\":%d,\"role\":\"%s\",\"timestamp\":\"", (int)getpid(),
            role_name(log->role));
        add_timestamp(line, log);
        add(line, "\",\"level\":\"%s\",\"message\":\"", names[level]);
        add_escaped(line, message, true);
        add(line, "\"}");
        break;
    }
    add_bytes(line, "\n", 1);
}

static void write_syslog(struct line *line, enum log_level level, struct bytes message) {
    static const int priorities[] = {LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING};
    line->len = 0;
    add_escaped(line, message, false);
    syslog(priorities[level], "%.*s", (int)line->len, line->text);
}

/* --- speaking ----------------------------------------------------------------------------- */

bool log_wants(const struct log *log, enum log_level level) {
    return level < LOG_LEVEL_NOTHING && (int)level >= log->level;
}

void log_write(struct log *log, enum log_level level, const char *format, ...) {
    assert(level < LOG_LEVEL_NOTHING);
    if (!log_wants(log, level)) return;
    int reason = errno; /* callers go on to use it, and "%m" is theirs */
    char text[LOG_MESSAGE_BYTES_MAX + 1];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (len < 0) return;
    struct bytes message = {text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1};

    struct line line;
    line.len = 0;
    pthread_mutex_lock(&log->lock);
    add_line(&line, log, level, message);
    follow_rotation(log);
    /* A log that cannot be written has no one to tell. */
    ssize_t ignored = write(log->fd, line.text, line.len);
    (void)ignored;
    if (log->syslog_ident != NULL) write_syslog(&line, level, message);
    pthread_mutex_unlock(&log->lock);
    errno = reason;
}
