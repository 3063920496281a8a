/* SPDX-License-Identifier: BSD-3-Clause */
#include "server/listen.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "network/activation.h"
#include "network/connection.h"
#include "network/listener.h"
#include "server/options.h"
#include "server/process.h"
#include "server/server.h"
#include "server/session.h"

#define LISTENERS_MAX 32
#define BIND_WORDS_MAX 16

struct listeners {
    struct listener *all[LISTENERS_MAX];
    bool is_tcp[LISTENERS_MAX];
    int count;
    char unix_path[256]; /* to be unlinked at the end */
};

/* --- welcome --- */

static const char refused_protected[] =
    "-DENIED Mainstay is running in protected mode because no password is set for the default "
    "user and clients on other machines are refused. Either set one (CONFIG SET requirepass on a "
    "local connection, or requirepass in the configuration file), or, if nobody outside can reach "
    "this port, turn it off with CONFIG SET protected-mode no on a local connection or "
    "--protected-mode no at start.\r\n";

static void turn_away(int fd, const char *text) {
    /* Nobody is told twice: a full socket buffer of a fresh connection means it is gone. */
    ssize_t ignored = write(fd, text, strlen(text));
    (void)ignored;
    close(fd);
}

static void welcome(void *context, int fd, const struct address *peer) {
    struct server *server = context;
    server->counters.connections_received++;
    if (server->sessions.count >= server->settings.client_count_max) {
        server->counters.connections_rejected++;
        turn_away(fd, "-ERR max number of clients reached\r\n");
        return;
    }
    bool local = address_is_local(peer);
    if (server->settings.protected_mode && !server->settings.password_required && !local) {
        server->counters.connections_rejected++;
        turn_away(fd, refused_protected);
        return;
    }
    struct connection *connection = connection_create(server->loop, fd, NULL);
    struct session *session = session_create(server, connection);
    if (session == NULL) {
        connection_close(&connection);
        return;
    }
    if (connection_is_unix(connection)) session->flags |= SESSION_UNIX;
    if (local) session->flags |= SESSION_LOOPBACK;
}

static void failed(void *context, int error) {
    struct server *server = context;
    log_write(server->log, LOG_LEVEL_WARNING, "Accepting clients pauses: %s", strerror(error));
}

/* --- opening --- */

static void add(struct server *server, int fd, bool is_tcp) {
    struct listeners *listeners = server->process->listeners;
    struct listener_events events = {welcome, failed, server};
    listeners->is_tcp[listeners->count] = is_tcp;
    listeners->all[listeners->count] = listener_create(server->loop, fd, &events);
    listener_set_keepalive(
        listeners->all[listeners->count],
        (int)options_integer(server->options, options_index(server->options, "tcp-keepalive")));
    listeners->count++;
}

/* What helps, behind the reason; empty when that says it all. */
static const char *remedy(const struct listener_failure *failure) {
    if (failure->step == NULL) return " (bind takes addresses of this machine)";
    switch (failure->error) {
    case EADDRINUSE: return " (is another server running? choose another with --port)";
    case EADDRNOTAVAIL:
        return " (this machine has no such address; with a '-' before it, it may be missing)";
    case EACCES: return " (ports below 1024 need CAP_NET_BIND_SERVICE)";
    default: return "";
    }
}

static bool open_tcp(struct server *server, char *report, size_t capacity, bool *in_use) {
    struct options *options = server->options;
    int port = (int)options_integer(options, options_index(options, "port"));
    int backlog = (int)options_integer(options, options_index(options, "tcp-backlog"));
    if (port == 0) return true;
    char line[1024];
    snprintf(line, sizeof(line), "%s", options_text(options, options_index(options, "bind")));
    struct bytes words[BIND_WORDS_MAX];
    int count = text_split_words(line, strlen(line), words, BIND_WORDS_MAX);
    for (int i = 0; i < count && server->process->listeners->count < LISTENERS_MAX; i++) {
        char word[256];
        snprintf(word, sizeof(word), "%.*s", (int)words[i].len, words[i].data);
        int fd = -1;
        struct listener_failure failure;
        enum outcome outcome = listener_open_tcp(word, (uint16_t)port, backlog, &fd, &failure);
        if (outcome == OUTCOME_OK) {
            add(server, fd, true);
            continue;
        }
        char why[LISTENER_FAILURE_BYTES_MAX];
        listener_failure_text(&failure, why);
        if (outcome == OUTCOME_NOT_FOUND) continue;
        *in_use = failure.step != NULL && failure.error == EADDRINUSE;
        /* Test suites and scripts made for Redis look for this line, and try another port. */
        if (*in_use && server->process->start_memory_bytes == 0)
            log_write(server->log, LOG_LEVEL_WARNING,
                      "Failed listening on port %d (tcp), aborting.", port);
        snprintf(report, capacity, "Could not create server TCP listening socket %s:%d: %s%s",
                 listener_host(word), port, why, remedy(&failure));
        return false;
    }
    return true;
}

/* unixsocketgroup: members of the group may use the socket, as far as its mode lets them. */
static bool give_to_group(const char *path, const char *name, char *report, size_t capacity) {
    if (name == NULL || name[0] == '\0') return true;
    errno = 0;
    const struct group *group = getgrnam(name);
    if (group != NULL && chown(path, (uid_t)-1, group->gr_gid) == 0) return true;
    snprintf(report, capacity, "Failed giving the Unix socket %s to the group %s: %s", path, name,
             group != NULL || errno != 0 ? strerror(errno) : "there is no such group");
    return false;
}

static bool open_unix(struct server *server, char *report, size_t capacity, bool *in_use) {
    struct options *options = server->options;
    struct listeners *listeners = server->process->listeners;
    const char *path = options_text(options, options_index(options, "unixsocket"));
    if (path == NULL || path[0] == '\0') return true;
    mode_t mode = (mode_t)options_integer(options, options_index(options, "unixsocketperm"));
    int backlog = (int)options_integer(options, options_index(options, "tcp-backlog"));
    int fd = -1;
    struct listener_failure failure;
    if (listener_open_unix(path, mode, backlog, &fd, &failure) != OUTCOME_OK) {
        char why[LISTENER_FAILURE_BYTES_MAX];
        listener_failure_text(&failure, why);
        *in_use = failure.error == EADDRINUSE;
        snprintf(report, capacity, "Failed opening Unix socket %s: %s%s", path, why,
                 failure.error == ENOENT || failure.error == EACCES
                     ? " (its folder must be there, and this user must be able to write to it)"
                     : "");
        return false;
    }
    snprintf(listeners->unix_path, sizeof(listeners->unix_path), "%s", path);
    add(server, fd, false);
    const char *group = options_text(options, options_index(options, "unixsocketgroup"));
    return give_to_group(path, group, report, capacity);
}

bool listeners_open(struct server *server, int inherited, char *report, size_t capacity,
                    bool *in_use) {
    server->process->listeners = memory_allocate_zero(sizeof(struct listeners));
    *in_use = false;
    for (int i = 0; i < inherited && i < LISTENERS_MAX; i++)
        add(server, ACTIVATION_FIRST_FD + i, false);
    if (inherited == 0 && !open_tcp(server, report, capacity, in_use)) return false;
    if (!open_unix(server, report, capacity, in_use)) return false;
    if (server->process->listeners->count > 0) return true;
    snprintf(report, capacity,
             "Configured to not listen anywhere: set port, unixsocket or hand over a socket");
    return false;
}

static void close_tcp(struct listeners *listeners, int from, int until) {
    int kept = from;
    for (int i = from; i < listeners->count; i++) {
        if (i < until && listeners->is_tcp[i]) {
            listener_close(&listeners->all[i]);
            continue;
        }
        listeners->all[kept] = listeners->all[i];
        listeners->is_tcp[kept] = listeners->is_tcp[i];
        kept++;
    }
    listeners->count = kept;
}

bool listeners_reopen_tcp(struct server *server, char *reason, size_t capacity) {
    struct listeners *listeners = server->process->listeners;
    if (listeners == NULL) return true; /* not yet started */
    /* The same address cannot be opened twice: the old ones go first and come back on failure. */
    close_tcp(listeners, 0, listeners->count);
    bool in_use = false;
    int before = listeners->count;
    if (open_tcp(server, reason, capacity, &in_use)) return true;
    close_tcp(listeners, before, listeners->count);
    return false;
}

void listeners_close(struct server *server) {
    struct listeners *listeners = server->process->listeners;
    if (listeners == NULL) return;
    for (int i = 0; i < listeners->count; i++) listener_close(&listeners->all[i]);
    if (listeners->unix_path[0] != '\0') unlink(listeners->unix_path);
    memory_free(listeners);
    server->process->listeners = NULL;
}

bool listeners_give_to_group(struct server *server, char *reason, size_t capacity) {
    const struct listeners *listeners = server->process->listeners;
    const struct options *options = server->options;
    if (listeners == NULL || listeners->unix_path[0] == '\0') return true;
    const char *group = options_text(options, options_index(options, "unixsocketgroup"));
    return give_to_group(listeners->unix_path, group, reason, capacity);
}

void listeners_set_keepalive(struct server *server, int seconds) {
    struct listeners *listeners = server->process->listeners;
    for (int i = 0; listeners != NULL && i < listeners->count; i++)
        listener_set_keepalive(listeners->all[i], seconds);
}

size_t listeners_text(const struct server *server, char *out, size_t capacity) {
    const struct listeners *listeners = server->process->listeners;
    size_t len = 0;
    out[0] = '\0';
    for (int i = 0; listeners != NULL && i < listeners->count; i++) {
        char text[ADDRESS_TEXT_BYTES_MAX];
        struct address address;
        if (!address_of_socket(listener_fd(listeners->all[i]), &address)) continue;
        address_text(&address, text);
        int more = snprintf(out + len, capacity - len, "%s%s", len > 0 ? " " : "", text);
        if (more < 0 || (size_t)more >= capacity - len) break;
        len += (size_t)more;
    }
    return len;
}

int listeners_tcp_port(const struct server *server) {
    const struct listeners *listeners = server->process->listeners;
    /* Not open yet, or in a test's own process: what will be. */
    if (listeners == NULL)
        return (int)options_integer(server->options, options_index(server->options, "port"));
    for (int i = 0; i < listeners->count; i++) {
        struct address address;
        if (!address_of_socket(listener_fd(listeners->all[i]), &address)) continue;
        if (address_port(&address) != 0) return address_port(&address);
    }
    return 0;
}
