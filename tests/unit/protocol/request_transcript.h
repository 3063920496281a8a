/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* Plays bytes to the parser in pieces, as a server would that moves its buffer at every look, and
 * writes down what came out. However the bytes are cut, the transcript must be the same. Each look
 * has a buffer of exactly the right size, so that a sanitizer sees one byte too many. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/request.h"

struct transcript {
    char *text;
    size_t len;
    size_t capacity;
};

static inline void transcript_add(struct transcript *transcript, struct bytes bytes) {
    if (transcript->capacity - transcript->len < bytes.len + 1) {
        transcript->capacity = 2 * transcript->capacity + bytes.len + 1;
        transcript->text = realloc(transcript->text, transcript->capacity);
        assert(transcript->text != NULL);
    }
    if (bytes.len > 0) memcpy(transcript->text + transcript->len, bytes.data, bytes.len);
    transcript->len += bytes.len;
    transcript->text[transcript->len] = '\0';
}

static inline void transcript_add_request(struct transcript *transcript,
                                          const struct request *request) {
    char number[64];
    snprintf(number, sizeof(number), "(%zu)", request->wire_bytes);
    transcript_add(transcript, bytes_of(number));
    for (int i = 0; i < request->argc; i++) {
        struct bytes argument = request->argv[i];
        snprintf(number, sizeof(number), " %zu:", argument.len);
        transcript_add(transcript, bytes_of(number));
        transcript_add(transcript, argument);
        if (request->blobs == NULL || request->blobs[i] == NULL) continue;
        assert(blob_bytes(request->blobs[i]).data == argument.data);
        assert(!blob_is_shared(request->blobs[i]));
    }
    transcript_add(transcript, BYTES("\n"));
}

/* The length of the next piece; 0 means all that is left. */
typedef size_t piece_fn(void *state);

struct player {
    struct request_limits limits;
    piece_fn *piece;
    void *state;
    bool into_blobs; /* big bulks are read where they belong, else through the buffer */
};

#define PLAYER_BATCH_MAX 64

static inline enum request_status player_look(struct request_reader *reader,
                                              struct transcript *transcript) {
    struct request requests[PLAYER_BATCH_MAX];
    enum request_status status;
    do {
        int count = 0;
        do {
            status = request_next(reader, &requests[count]);
        } while (status == REQUEST_COMPLETE && ++count < PLAYER_BATCH_MAX);
        for (int i = 0; i < count; i++) {
            transcript_add_request(transcript, &requests[i]);
            request_release(&requests[i]);
        }
        request_arguments_reset(reader->arguments);
    } while (status == REQUEST_COMPLETE);
    return status;
}

/* Returns a text to be freed. `peak` (may be NULL): the most memory that a state took. */
static inline struct transcript player_play(const struct player *player, struct bytes wire,
                                            size_t *peak) {
    struct transcript transcript = {0};
    struct request_arguments arguments;
    request_arguments_init(&arguments);
    struct request_reader reader = {.arguments = &arguments, .limits = &player->limits};
    enum request_status status = REQUEST_INCOMPLETE;
    char *kept = NULL;
    size_t kept_len = 0;
    size_t at = 0;
    while (at < wire.len && status == REQUEST_INCOMPLETE) {
        size_t piece = player->piece == NULL ? 0 : player->piece(player->state);
        if (piece == 0 || piece > wire.len - at) piece = wire.len - at;
        size_t room = 0;
        char *direct = player->into_blobs ? request_blob_room(reader.partial, &room) : NULL;
        if (direct != NULL) {
            size_t part = piece < room ? piece : room;
            memcpy(direct, wire.data + at, part);
            request_blob_filled(reader.partial, part);
            at += part;
            piece -= part;
            if (piece == 0) continue;
        }
        char *buffer = malloc(kept_len + piece);
        assert(buffer != NULL);
        if (kept_len > 0) memcpy(buffer, kept, kept_len);
        memcpy(buffer + kept_len, wire.data + at, piece);
        free(kept);
        at += piece;
        reader.data = buffer;
        reader.len = kept_len + piece;
        reader.at = 0;
        status = player_look(&reader, &transcript);
        kept_len = reader.len - reader.at;
        kept = malloc(kept_len + 1);
        assert(kept != NULL);
        memcpy(kept, buffer + reader.at, kept_len);
        free(buffer);
        if (peak != NULL && request_partial_bytes(reader.partial) > *peak) {
            *peak = request_partial_bytes(reader.partial);
        }
    }
    if (status == REQUEST_REFUSED) {
        char text[REQUEST_FAULT_TEXT_BYTES_MAX];
        transcript_add(&transcript, request_fault_text(&reader, text));
    } else {
        transcript_add(&transcript, BYTES("..."));
    }
    free(kept);
    request_partial_destroy(&reader.partial);
    request_arguments_deinit(&arguments);
    return transcript;
}
