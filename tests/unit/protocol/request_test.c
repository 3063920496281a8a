/* SPDX-License-Identifier: BSD-3-Clause */
/* The expected errors are what redis-server 7.0, valkey 9.1 and redis 8.0 answer on a socket; where
 * they differ (ends of lines that are not CRLF, zero bytes) the strictest is followed. */
#include "protocol/request.h"

#include <criterion/criterion.h>

#include "base/memory.h"
#include "base/random.h"
#include "unit/protocol/request_transcript.h"

#define MEBIBYTE ((size_t)1 << 20)

static struct player plain(void) {
    return (struct player){.limits = {.argument_bytes_max = 512 * MEBIBYTE}};
}

static size_t fixed_piece(void *state) { return *(size_t *)state; }

static size_t cut_once(void *state) {
    size_t *cut = state;
    size_t piece = *cut;
    *cut = 0;
    return piece;
}

static void expect(const struct player *player, struct bytes wire, const char *transcript) {
    struct transcript got = player_play(player, wire, NULL);
    cr_assert(bytes_equal(bytes_make(got.text, got.len), bytes_of(transcript)),
              "%s\nshould be\n%s\nfor %.60s", got.text, transcript, wire.data);
    free(got.text);
}

/* In one piece, cut at every point, and byte by byte. */
static void expect_however_cut(struct player player, struct bytes wire, const char *transcript) {
    expect(&player, wire, transcript);
    for (size_t i = 1; i < wire.len; i++) {
        size_t cut = i;
        player.piece = cut_once;
        player.state = &cut;
        expect(&player, wire, transcript);
    }
    size_t one = 1;
    player.piece = fixed_piece;
    player.state = &one;
    expect(&player, wire, transcript);
}

#define PING "*1\r\n$4\r\nPING\r\n"

Test(request, gives_the_same_requests_wherever_the_bytes_are_cut) {
    static const struct {
        struct bytes wire;
        const char *transcript;
    } rows[] = {
        {BYTES(PING), "(14) 4:PING\n..."},
        {BYTES("*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000001\r\n$5\r\na\r\nbc\r\n*2\r\n$3\r\nGET\r\n"
               "$1\r\nk\r\n"),
         "(47) 3:SET 16:key:000000000001 5:a\r\nbc\n(20) 3:GET 1:k\n..."},
        {BYTES("*1\r\n$0\r\n\r\n" PING), "(10) 0:\n(14) 4:PING\n..."},
        {BYTES("*-1\r\n*0\r\n*-9223372036854775808\r\n" PING), "(14) 4:PING\n..."},
        {BYTES("\r\n\n  \r\n" PING "PING\r\n\n*1\r\n$1\r\n"), "(14) 4:PING\n(6) 4:PING\n..."},
        {BYTES("SET k \"a \\x41\\n\"\n*1\r\n$2\r\nab\r\nget 'k'\r\n"),
         "(17) 3:SET 1:k 4:a A\n\n(12) 2:ab\n(9) 3:get 1:k\n..."},
        {BYTES("*2\r\n$20\r\nabcdefghijklmnopqrst\r\n$10\r\n0123456789\r\n*x\r\nPING\r\n"),
         "(48) 20:abcdefghijklmnopqrst 10:0123456789\nProtocol error: invalid multibulk length"},
        {BYTES(PING "*2\r\n$4\r\nECHO\r\n$-1\r\n"),
         "(14) 4:PING\nProtocol error: invalid bulk length"},
        {BYTES(PING "*1\r\n$4\r\nPINGxx"), "(14) 4:PING\nProtocol error: invalid CRLF in request"},
        {BYTES("GET \"a\r\nPING\r\n"), "Protocol error: unbalanced quotes in request"},
        {BYTES("*2\r\n$1\r\na\r\n:1\r\n"), "Protocol error: expected '$', got ':'"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        expect_however_cut(plain(), rows[i].wire, rows[i].transcript);
    }
}

Test(request, answers_wrong_streams_as_the_peers_do) {
    static const struct {
        struct bytes wire;
        const char *transcript;
    } rows[] = {
        {BYTES("*\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*abc\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("* 1\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*+1\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*01\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*-0\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*1\n$4\r\nPING\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*1\0\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*2147483647\r\n"), "..."},
        {BYTES("*2147483648\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*99999999999999999999\r\n"), "Protocol error: invalid multibulk length"},
        {BYTES("*1\rX"), "Protocol error: invalid CRLF in request"},
        {BYTES("*abc\rX"), "Protocol error: invalid CRLF in request"},
        {BYTES("*1\r"), "..."},
        {BYTES("*1\r\n$-1\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$-0\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$00\r\n\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$04\r\nPING\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$\r\nPING\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$4\nPING\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$536870912\r\n"), "..."},
        {BYTES("*1\r\n$536870913\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$9223372036854775808\r\n"), "Protocol error: invalid bulk length"},
        {BYTES("*1\r\n$4\rX"), "Protocol error: invalid CRLF in request"},
        {BYTES("*1\r\nX1\rX"), "Protocol error: expected '$', got 'X'"},
        {BYTES("*1\r\nP"), "..."},
        {BYTES("*1\r\nP\r"), "..."},
        {BYTES("*1\r\n\r\n"), "Protocol error: expected '$', got ' '"},
        {BYTES("*1\r\n\n\r\n"), "Protocol error: expected '$', got ' '"},
        {BYTES("*1\r\n'\r\n"), "Protocol error: expected '$', got '''"},
        {BYTES("*1\r\n\xff\r\n"), "Protocol error: expected '$', got '\xff'"},
        {BYTES("*1\r\n$5\r\nPING\r\n*"), "Protocol error: invalid CRLF in request"},
        {BYTES("*1\r\n$3\r\nPING\r\n"), "Protocol error: invalid CRLF in request"},
        {BYTES("ECHO \"a\"b\r\n"), "Protocol error: unbalanced quotes in request"},
        {BYTES("ECHO 'a\r\n"), "Protocol error: unbalanced quotes in request"},
        {BYTES(" *1\r\n"), "(5) 2:*1\n..."},
        {BYTES("%1\r\n"), "(4) 2:%1\n..."},
        {BYTES("\"\"\r\n"), "(4) 0:\n..."},
        {BYTES("ECHO a\r\r\n"), "(9) 4:ECHO 1:a\n..."},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        expect_however_cut(plain(), rows[i].wire, rows[i].transcript);
    }
}

static struct bytes repeated(const char *start, char c, size_t count, const char *end) {
    size_t len = strlen(start) + count + strlen(end);
    char *text = malloc(len + 1);
    cr_assert_not_null(text);
    memcpy(text, start, strlen(start));
    memset(text + strlen(start), c, count);
    strcpy(text + strlen(start) + count, end);
    return bytes_make(text, len);
}

Test(request, finds_no_end_of_an_inline_line_that_has_a_zero_byte_in_it) {
    static const struct {
        struct bytes wire;
        const char *transcript;
    } rows[] = {
        {BYTES("PING\0\r\nPING\r\n"), "..."},
        {BYTES("\0\r\n" PING PING), "..."},
        {BYTES("PING\r\nECHO a\0b c\r\n" PING), "(6) 4:PING\n..."},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_however_cut(plain(), rows[i].wire, rows[i].transcript);

    struct bytes wire = repeated("PING", '\0', 65540, "\r\n");
    size_t piece = 1000;
    struct player player = plain();
    expect(&player, wire, "Protocol error: too big inline request");
    player.piece = fixed_piece;
    player.state = &piece;
    expect(&player, wire, "Protocol error: too big inline request");
    free((void *)(uintptr_t)wire.data);
}

Test(request, shows_a_zero_byte_in_the_place_of_the_dollar_as_it_is) {
    struct player player = plain();
    struct transcript got = player_play(&player, BYTES("*1\r\n\0\r\n"), NULL);
    struct bytes wanted = BYTES("Protocol error: expected '$', got '\0'");
    cr_assert(bytes_equal(bytes_make(got.text, got.len), wanted));
    free(got.text);
}

Test(request, bounds_every_line_at_64_kibibytes_however_it_is_cut) {
    static const struct {
        const char *start;
        size_t count; /* of bytes behind it */
        const char *end;
        const char *transcript;
    } rows[] = {
        {"", 65536, "", "..."},
        {"", 65537, "", "Protocol error: too big inline request"},
        {"", 65536, "\r\n", "Protocol error: too big inline request"},
        {"*", 65535, "", "..."},
        {"*", 65536, "", "Protocol error: too big mbulk count string"},
        {"*", 65535, "\r\n", "Protocol error: invalid multibulk length"},
        {"*1\r\n$", 65535, "", "..."},
        {"*1\r\n$", 65536, "", "Protocol error: too big bulk count string"},
        {"*1\r\n$", 65535, "\r\n", "Protocol error: invalid bulk length"},
        {"*1\r\nX", 65536, "", "Protocol error: too big bulk count string"},
        {"*1\r\nX", 65535, "\r\n", "Protocol error: expected '$', got 'X'"},
    };
    static size_t pieces[] = {0, 1000, 16384, 65536, 65537};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct bytes wire = repeated(rows[i].start, '1', rows[i].count, rows[i].end);
        for (size_t j = 0; j < COUNT_OF(pieces); j++) {
            struct player player = plain();
            player.piece = fixed_piece;
            player.state = &pieces[j];
            expect(&player, wire, rows[i].transcript);
        }
        free((void *)(uintptr_t)wire.data);
    }
}

Test(request, takes_an_inline_line_of_64_kibibytes) {
    struct bytes wire = repeated("", 'P', 65535, "\r\n");
    struct player player = plain();
    struct transcript got = player_play(&player, wire, NULL);
    cr_assert_eq(strncmp(got.text, "(65537) 65535:PPPP", 18), 0);
    free(got.text);
    free((void *)(uintptr_t)wire.data);
}

Test(request, grants_a_stranger_ten_arguments_of_16384_bytes) {
    struct player player = plain();
    player.limits.stranger = true;
    expect_however_cut(player, BYTES("*10\r\n"), "...");
    expect_however_cut(player, BYTES("*11\r\n"),
                       "Protocol error: unauthenticated multibulk length");
    expect_however_cut(player, BYTES("*2147483648\r\n"),
                       "Protocol error: invalid multibulk length");
    expect_however_cut(player, BYTES("*1\r\n$16384\r\n"), "...");
    expect_however_cut(player, BYTES("*1\r\n$16385\r\n"),
                       "Protocol error: unauthenticated bulk length");
    expect_however_cut(player, BYTES("*1\r\n$536870913\r\n"),
                       "Protocol error: invalid bulk length");
    expect_however_cut(player, BYTES("a b c d e f g h i j k\r\n"),
                       "(23) 1:a 1:b 1:c 1:d 1:e 1:f 1:g 1:h 1:i 1:j 1:k\n...");
}

Test(request, obeys_the_limit_of_an_argument) {
    struct player player = plain();
    player.limits.argument_bytes_max = 10;
    expect(&player, BYTES("*1\r\n$10\r\n0123456789\r\n"), "(21) 10:0123456789\n...");
    expect(&player, BYTES("*1\r\n$11\r\n"), "Protocol error: invalid bulk length");
}

/* An array of `count` arguments, argument i being i % modulus bytes long. */
static struct bytes long_array(size_t count, size_t modulus) {
    size_t capacity = 32 + count * (16 + modulus);
    char *text = malloc(capacity);
    cr_assert_not_null(text);
    size_t len = (size_t)sprintf(text, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        len += (size_t)sprintf(text + len, "$%zu\r\n", i % modulus);
        memset(text + len, 'a' + (char)(i % 26), i % modulus);
        len += i % modulus;
        len += (size_t)sprintf(text + len, "\r\n");
    }
    return bytes_make(text, len);
}

Test(request, reads_arrays_of_many_arguments_in_pieces_of_any_length) {
    struct bytes wire = long_array(300, 37);
    struct player player = plain();
    struct transcript whole = player_play(&player, wire, NULL);
    for (size_t piece = 1; piece < 400; piece++) {
        player.piece = fixed_piece;
        player.state = &piece;
        expect(&player, wire, whole.text);
    }
    free(whole.text);
    free((void *)(uintptr_t)wire.data);
}

/* Read by a caller that appends to one buffer, as a server does: what is counted here is the work
 * of the parser alone. Re-reading from the start would take some 10^12 steps. */
Test(request, reads_a_million_arguments_in_small_pieces_in_linear_time, .timeout = 20) {
    struct bytes wire = long_array(1000000, 9);
    struct request_arguments arguments;
    request_arguments_init(&arguments);
    struct request_limits limits = {.argument_bytes_max = 512 * MEBIBYTE};
    struct request_reader reader = {
        .data = (char *)(uintptr_t)wire.data, .arguments = &arguments, .limits = &limits};
    struct request request;
    enum request_status status = REQUEST_INCOMPLETE;
    while (status == REQUEST_INCOMPLETE && reader.len < wire.len) {
        reader.len += wire.len - reader.len < 10 ? wire.len - reader.len : 10;
        status = request_next(&reader, &request);
    }
    cr_assert_eq(status, REQUEST_COMPLETE);
    cr_assert_eq(request.argc, 1000000);
    cr_assert_eq(request.wire_bytes, wire.len);
    cr_assert_eq(request.argv[999999].len, 999999 % 9);
    cr_assert_null(reader.partial);
    request_arguments_deinit(&arguments);
    free((void *)(uintptr_t)wire.data);
}

static struct bytes with_big_bulks(size_t first, size_t second) {
    struct bytes a = repeated("", 'a', first, "\r\n");
    struct bytes b = repeated("", 'b', second, "\r\n");
    char *text = malloc(first + second + 200);
    cr_assert_not_null(text);
    size_t len = (size_t)sprintf(text, PING "*4\r\n$3\r\nSET\r\n$%zu\r\n", first);
    memcpy(text + len, a.data, a.len);
    len += a.len;
    len += (size_t)sprintf(text + len, "$%zu\r\n", second);
    memcpy(text + len, b.data, b.len);
    len += b.len;
    len += (size_t)sprintf(text + len, "$2\r\nXX\r\n" PING PING);
    free((void *)(uintptr_t)a.data);
    free((void *)(uintptr_t)b.data);
    return bytes_make(text, len);
}

Test(request, reads_big_bulks_through_the_buffer_or_where_they_belong) {
    struct bytes wire = with_big_bulks(33000, 200000);
    struct player player = plain();
    struct transcript whole = player_play(&player, wire, NULL);
    static const size_t pieces[] = {1, 13, 1000, 16384, 33000, 65536, 99999};
    for (size_t i = 0; i < 2 * COUNT_OF(pieces); i++) {
        size_t piece = pieces[i / 2];
        player.piece = fixed_piece;
        player.state = &piece;
        player.into_blobs = i % 2;
        expect(&player, wire, whole.text);
    }
    free(whole.text);
    free((void *)(uintptr_t)wire.data);
}

struct look {
    struct request_arguments arguments;
    struct request_limits limits;
    struct request_reader reader;
    char data[1000];
};

static enum request_status look_at(struct look *look, const char *wire, struct request *request) {
    if (look->reader.limits == NULL) {
        request_arguments_init(&look->arguments);
        look->limits.argument_bytes_max = 512 * MEBIBYTE;
        look->reader.arguments = &look->arguments;
        look->reader.limits = &look->limits;
        look->reader.data = look->data;
    }
    size_t kept = look->reader.len - look->reader.at;
    memmove(look->data, look->data + look->reader.at, kept);
    cr_assert_lt(kept + strlen(wire), sizeof(look->data));
    memcpy(look->data + kept, wire, strlen(wire));
    look->reader.len = kept + strlen(wire);
    look->reader.at = 0;
    return request_next(&look->reader, request);
}

static void look_away(struct look *look) {
    request_partial_destroy(&look->reader.partial);
    request_arguments_deinit(&look->arguments);
}

Test(request, gives_a_big_bulk_as_a_blob_that_can_be_kept) {
    struct look look = {0};
    struct request request;
    cr_assert_eq(look_at(&look, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000\r\nabc", &request),
                 REQUEST_INCOMPLETE);
    cr_assert_eq(look.reader.missing, 0);
    size_t room;
    char *place = request_blob_room(look.reader.partial, &room);
    cr_assert_eq(room, 50000 - 3);
    memset(place, 'z', room);
    request_blob_filled(look.reader.partial, room);
    cr_assert_null(request_blob_room(look.reader.partial, &room));
    cr_assert_eq(look_at(&look, "\r\nPING\r\n", &request), REQUEST_COMPLETE);
    cr_assert_eq(request.argc, 3);
    cr_assert_null(request.blobs[0]);
    cr_assert_null(request.blobs[1]);
    cr_assert(bytes_equal(request.argv[1], BYTES("k")));
    struct blob *kept = blob_ref(request.blobs[2]);
    cr_assert_eq(kept->capacity, 50000, "no room is left over");
    cr_assert_eq(request.argv[2].data, kept->data);
    request_release(&request);
    cr_assert_null(request.blobs);
    cr_assert_not(blob_is_shared(kept));
    cr_assert_eq(memcmp(kept->data, "abczzz", 6), 0);
    blob_unref(kept);
    cr_assert_eq(request_next(&look.reader, &request), REQUEST_COMPLETE);
    cr_assert(bytes_equal(request.argv[0], BYTES("PING")));
    look_away(&look);
}

Test(request, takes_little_memory_for_what_is_announced_and_does_not_come) {
    struct look look = {0};
    struct request request;
    size_t before = memory_used_bytes();
    cr_assert_eq(look_at(&look, "*2147483647\r\n$536870912\r\nabc", &request), REQUEST_INCOMPLETE);
    cr_assert_lt(request_partial_bytes(look.reader.partial), 100 * 1024);
    cr_assert_lt(memory_used_bytes() - before, 200 * 1024);
    look_away(&look);
    cr_assert_eq(memory_used_bytes(), before);
}

Test(request, remembers_nothing_of_a_small_partial_request) {
    struct look look = {0};
    struct request request;
    cr_assert_eq(look_at(&look, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nabc", &request),
                 REQUEST_INCOMPLETE);
    cr_assert_null(look.reader.partial);
    cr_assert_eq(look.reader.missing, 100 - 3 + 2);
    look_away(&look);
}

Test(request, allocates_nothing_in_the_steady_state) {
    struct look look = {0};
    struct request request;
    cr_assert_eq(look_at(&look, PING, &request), REQUEST_COMPLETE);
    request_arguments_reset(&look.arguments);
    memory_fail_try(1); /* whoever asks for memory is refused */
    for (int turn = 0; turn < 100; turn++) {
        cr_assert_eq(
            look_at(&look, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n" PING "GET k\r\n*1\r", &request),
            REQUEST_COMPLETE);
        cr_assert_eq(request_next(&look.reader, &request), REQUEST_COMPLETE);
        cr_assert_eq(request_next(&look.reader, &request), REQUEST_COMPLETE);
        cr_assert_eq(request_next(&look.reader, &request), REQUEST_INCOMPLETE);
        look.reader.at = look.reader.len;
        request_arguments_reset(&look.arguments);
    }
    cr_assert_eq(memory_fail_try(0), 0);
    look_away(&look);
}

Test(request, refuses_or_recovers_whenever_memory_is_refused) {
    struct bytes wire = with_big_bulks(33000, 300000);
    struct bytes many = long_array(6000, 3);
    for (int which = 0; which < 4; which++) {
        struct bytes played = which & 1 ? many : wire;
        size_t piece = 1000;
        struct player player = plain();
        player.piece = fixed_piece;
        player.state = &piece;
        player.into_blobs = which & 2;
        memory_fail_try(0);
        struct transcript whole = player_play(&player, played, NULL);
        uint64_t tries = memory_fail_try(0);
        int told = 0;
        for (uint64_t nth = 1; nth <= tries; nth++) {
            memory_fail_try(nth);
            struct transcript got = player_play(&player, played, NULL);
            /* A vector that is refused at first may be had a moment later. */
            if (strcmp(got.text, whole.text) != 0) {
                cr_assert_not_null(strstr(got.text, "not enough memory for the request"));
                told++;
            }
            free(got.text);
        }
        memory_fail_try(0);
        cr_assert_geq(told, 3);
        free(whole.text);
    }
    free((void *)(uintptr_t)wire.data);
    free((void *)(uintptr_t)many.data);
}

Test(request, keeps_the_vectors_of_a_batch_apart) {
    struct request_arguments arguments;
    request_arguments_init(&arguments);
    struct bytes *vectors[300];
    for (size_t turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < COUNT_OF(vectors); i++) {
            size_t count = i == 7 ? 3 * REQUEST_CHUNK_CELLS : 50 + i;
            vectors[i] = request_arguments_take(&arguments, count);
            cr_assert_not_null(vectors[i]);
            for (size_t j = 0; j < count; j++) vectors[i][j] = bytes_make(NULL, i);
        }
        for (size_t i = 0; i < COUNT_OF(vectors); i++) {
            cr_assert_eq(vectors[i][0].len, i);
            cr_assert_eq(vectors[i][49 + (i == 7 ? 1000 : i)].len, i);
        }
        request_arguments_reset(&arguments);
    }
    request_arguments_deinit(&arguments);
}

Test(request, agrees_with_itself_over_random_streams_and_cuts) {
    static const char *const parts[] = {
        "*",
        "$",
        "\r\n",
        "1",
        "2",
        "PING",
        "*1\r\n",
        "$4\r\n",
        "\n",
        "\"",
        "'",
        "$-1\r\n",
        "*0\r\n",
        " ",
        "a",
        PING,
        "GET k",
        "\r",
        "\\",
        "3",
        "$3\r\nGET\r\n",
        "*2\r\n",
        "-",
        "0",
        "*3\r\n$1\r\na\r\n",
        PING PING,
        "GET a\r\n",
    };
    struct random random;
    random_init(&random, 20240607);
    for (int round = 0; round < 20000; round++) {
        char wire[1000];
        size_t len = 0;
        for (uint64_t n = random_below(&random, 24); n > 0; n--) {
            const char *part = parts[random_below(&random, COUNT_OF(parts))];
            len += (size_t)sprintf(wire + len, "%s", part);
        }
        struct player player = plain();
        struct transcript whole = player_play(&player, bytes_make(wire, len), NULL);
        size_t piece = random_below(&random, 9) + 1;
        player.piece = fixed_piece;
        player.state = &piece;
        expect(&player, bytes_make(wire, len), whole.text);
        free(whole.text);
    }
}
