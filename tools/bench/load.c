// SPDX-License-Identifier: BSD-3-Clause
/* A load generator that costs little, so that one core of it can busy one core of a server.
 *
 * Requests are rendered once for each client; before a send only the digits of their keys are
 * written over. Replies are counted, not kept. Beside the clients of the load, one connection can
 * PING at a fixed pace and another can send one heavy command, all in the same loop, so that what
 * the PINGs see is the server and not a scheduler.
 *
 *   load [--port N] [--clients N] [--pipeline N] [--seconds X | --ops N] [--keys N] [--fill]
 *        [--rate N] [--ping N] [--after X] [--command WORDS] [--memcached] -- WORD...
 *
 * In a WORD, `__key__` becomes twelve random digits below --keys (with --fill: each number once),
 * `__value:N__` becomes N bytes. Under --rate, the latency of the load counts from when a request
 * was due. The report is one line of JSON, times in microseconds.
 */
#include "load_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 18, EVENTS_MAX = 256, COMMAND_WORDS_MAX = 64 };

struct client {
    int fd;
    struct request request;
    size_t sent;
    long awaited;       // replies that are still to come
    uint64_t due_ns;    // when the next request should leave, under a rate
    uint64_t origin_ns; // what the latency of the one under way counts from
    struct replies replies;
    struct histogram *histogram;
    bool blocked; // a send was cut short: epoll says when to go on
};

struct options {
    int port, clients, pipeline;
    double seconds, rate, ping_rate, after_seconds;
    long ops, keys;
    bool fill, memcached;
    const char *command;
    char **words;
    int word_count;
};

struct load {
    struct options options;
    int epoll;
    struct client *clients, pinger, commander;
    struct histogram latency, idle_pings, pings;
    long ops, asked, next_key;
    uint64_t random, started_ns, stop_ns, command_sent_ns, command_done_ns;
    char *room;
};

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int connect_to(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void watch(struct load *load, struct client *client, bool write) {
    struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0u), .data.ptr = client};
    int how = client->blocked || write ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    epoll_ctl(load->epoll, how, client->fd, &event);
    client->blocked = write;
}

static void client_open(struct load *load, struct client *client, char **words, int word_count,
                        int pipeline, struct histogram *histogram) {
    *client = (struct client){.fd = connect_to(load->options.port), .histogram = histogram};
    replies_init(&client->replies, load->options.memcached && client != &load->pinger);
    if (client->replies.memcached)
        request_render_memcached(&client->request, words, word_count, pipeline);
    else request_render(&client->request, words, word_count, pipeline);
    watch(load, client, false);
}

static uint64_t random_next(struct load *load) {
    load->random ^= load->random << 13;
    load->random ^= load->random >> 7;
    return load->random ^= load->random << 17;
}

static void go_on_sending(struct load *load, struct client *client) {
    while (client->sent < client->request.len) {
        ssize_t got = send(client->fd, client->request.bytes + client->sent,
                           client->request.len - client->sent, MSG_NOSIGNAL);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) {
            if (!client->blocked) watch(load, client, true);
            return;
        }
        if (got < 0) die("send");
        client->sent += (size_t)got;
    }
    if (client->blocked) watch(load, client, false);
}

static void send_next(struct load *load, struct client *client, uint64_t origin_ns) {
    for (int slot = 0; slot < client->request.slot_count; slot++) {
        uint64_t number = load->options.fill ? (uint64_t)load->next_key++
                                             : random_next(load) % (uint64_t)load->options.keys;
        if (number >= (uint64_t)load->options.keys) number = (uint64_t)load->options.keys - 1;
        digits_write(client->request.bytes + client->request.slots[slot], number);
    }
    client->sent = 0;
    client->origin_ns = origin_ns;
    client->awaited = client->request.count;
    go_on_sending(load, client);
}

static bool may_send(const struct load *load, uint64_t now) {
    const struct options *options = &load->options;
    if (options->fill) return load->next_key < options->keys;
    if (options->ops) return load->asked < options->ops;
    return now < load->stop_ns;
}

static void start_request(struct load *load, struct client *client, uint64_t origin_ns) {
    load->asked += client->request.count;
    send_next(load, client, origin_ns);
}

static bool in_load(const struct load *load, const struct client *client) {
    return client != &load->pinger && client != &load->commander;
}

static void finished(struct load *load, struct client *client, uint64_t now) {
    if (client == &load->commander) {
        load->command_done_ns = now;
        return;
    }
    struct histogram *histogram = client->histogram;
    if (client == &load->pinger && load->command_sent_ns) histogram = &load->pings;
    histogram_add(histogram, now - client->origin_ns);
    if (!in_load(load, client)) return;
    load->ops += client->request.count;
    if (load->options.rate <= 0 && may_send(load, now)) start_request(load, client, now);
}

static void receive(struct load *load, struct client *client) {
    ssize_t got = recv(client->fd, load->room, READ_BYTES, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        errno = got == 0 ? ECONNRESET : errno;
        die("the server closed a connection");
    }
    long complete = replies_count(&client->replies, load->room, (size_t)got);
    if (complete == 0 || client->awaited == 0) return;
    client->awaited -= complete;
    if (client->awaited <= 0) {
        client->awaited = 0;
        finished(load, client, now_ns());
    }
}

/* What leaves because its time has come: requests under a rate, PINGs, the heavy command. */
static void send_what_is_due(struct load *load, uint64_t now) {
    const struct options *options = &load->options;
    if (options->rate > 0) {
        uint64_t step = (uint64_t)(1e9 * options->clients * options->pipeline / options->rate);
        for (int i = 0; i < options->clients; i++) {
            struct client *client = &load->clients[i];
            if (client->awaited || client->due_ns > now || !may_send(load, now)) continue;
            start_request(load, client, client->due_ns);
            client->due_ns += step;
        }
    }
    if (options->ping_rate > 0 && !load->pinger.awaited && load->pinger.due_ns <= now) {
        uint64_t next = load->pinger.due_ns + (uint64_t)(1e9 / options->ping_rate);
        send_next(load, &load->pinger, now);
        load->pinger.due_ns = next > now ? next : now; // a pause is one long PING, not many
    }
    if (options->command && !load->command_sent_ns &&
        now - load->started_ns >= (uint64_t)(options->after_seconds * 1e9)) {
        load->command_sent_ns = now;
        send_next(load, &load->commander, now);
    }
}

static bool over(const struct load *load, uint64_t now) {
    for (int i = 0; i < load->options.clients; i++)
        if (load->clients[i].awaited) return false;
    if (load->options.command) return load->command_done_ns && now >= load->stop_ns;
    if (load->options.clients == 0) return now >= load->stop_ns;
    return !may_send(load, now);
}

static void run(struct load *load) {
    struct epoll_event events[EVENTS_MAX];
    const struct options *options = &load->options;
    bool paced = options->rate > 0 || options->ping_rate > 0 || options->command;
    uint64_t now = load->started_ns;
    for (int i = 0; i < options->clients; i++) {
        load->clients[i].due_ns = now + (uint64_t)(random_next(load) % 1000000);
        if (options->rate <= 0 && may_send(load, now)) start_request(load, &load->clients[i], now);
    }
    load->pinger.due_ns = now;
    while (!over(load, now)) {
        int count = epoll_wait(load->epoll, events, EVENTS_MAX, paced ? 0 : 1000);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) go_on_sending(load, client);
            if (events[i].events & ~(unsigned)EPOLLOUT) receive(load, client);
        }
        now = now_ns();
        if (paced) send_what_is_due(load, now);
    }
}

static void report(const struct load *load, double seconds) {
    printf("{\"ops\": %ld, \"seconds\": %.6f, \"errors\": %ld, \"latency\": ", load->ops, seconds,
           replies_errors());
    histogram_print(&load->latency);
    printf(", \"idle_pings\": ");
    histogram_print(&load->idle_pings);
    printf(", \"pings\": ");
    histogram_print(&load->pings);
    printf(", \"command_seconds\": %.6f}\n",
           (double)(load->command_done_ns - load->command_sent_ns) / 1e9);
}

static void read_options(struct options *options, int argc, char **argv) {
    *options = (struct options){.port = 6379, .clients = 50, .pipeline = 1, .keys = 1000000};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(name, "--") == 0) {
            options->words = argv + i + 1;
            options->word_count = argc - i - 1;
            return;
        }
        if (strcmp(name, "--fill") == 0) options->fill = true;
        else if (strcmp(name, "--memcached") == 0) options->memcached = true;
        else {
            i++;
            if (strcmp(name, "--port") == 0) options->port = atoi(value);
            else if (strcmp(name, "--clients") == 0) options->clients = atoi(value);
            else if (strcmp(name, "--pipeline") == 0) options->pipeline = atoi(value);
            else if (strcmp(name, "--seconds") == 0) options->seconds = atof(value);
            else if (strcmp(name, "--ops") == 0) options->ops = atol(value);
            else if (strcmp(name, "--keys") == 0) options->keys = atol(value);
            else if (strcmp(name, "--rate") == 0) options->rate = atof(value);
            else if (strcmp(name, "--ping") == 0) options->ping_rate = atof(value);
            else if (strcmp(name, "--after") == 0) options->after_seconds = atof(value);
            else if (strcmp(name, "--command") == 0) options->command = value;
            else {
                fprintf(stderr, "load: unknown option %s\n", name);
                exit(2);
            }
        }
    }
}

static int split(char *text, char **words) {
    int count = 0;
    for (char *rest = text, *word; count < COMMAND_WORDS_MAX && (word = strsep(&rest, " "));)
        if (*word) words[count++] = word;
    return count;
}

int main(int argc, char **argv) {
    static struct load load; /* state: the one load of this process, zeroed */
    struct options *options = &load.options;
    read_options(options, argc, argv);
    load.epoll = epoll_create1(0);
    load.room = malloc(READ_BYTES);
    load.random = now_ns() | 1;
    load.clients = calloc((size_t)options->clients + 1, sizeof *load.clients);
    digits_init();
    for (int i = 0; i < options->clients; i++)
        client_open(&load, &load.clients[i], options->words, options->word_count, options->pipeline,
                    &load.latency);
    char ping_word[] = "PING", *ping[] = {ping_word};
    if (options->ping_rate > 0) client_open(&load, &load.pinger, ping, 1, 1, &load.idle_pings);
    if (options->command) {
        char *words[COMMAND_WORDS_MAX];
        int count = split(strdup(options->command), words);
        client_open(&load, &load.commander, words, count, 1, NULL);
    }
    load.started_ns = now_ns();
    load.stop_ns = load.started_ns + (uint64_t)(options->seconds * 1e9);
    run(&load);
    report(&load, (double)(now_ns() - load.started_ns) / 1e9);
    return 0;
}
