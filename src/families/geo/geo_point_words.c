/* SPDX-License-Identifier: BSD-3-Clause */
/* Single points: GEOADD, GEOPOS, GEODIST, GEOHASH; and the arguments and replies that all share. */
#include <stdio.h>

#include "families/geo/geo_words.h"

/* --- what is shared --- */

struct geo_point geo_take_point(struct call *call) {
    struct geo_point point;
    point.longitude = args_double(call);
    point.latitude = args_double(call);
    if (!call->failed && !geo_point_is_valid(point))
        args_fail(call, "ERR invalid longitude,latitude pair %f,%f", point.longitude,
                  point.latitude);
    return point;
}

double geo_take_unit(struct call *call) {
    if (args_word(call, "m")) return 1;
    if (args_word(call, "km")) return 1000;
    if (args_word(call, "ft")) return 0.3048;
    if (args_word(call, "mi")) return 1609.34;
    args_fail(call, "ERR unsupported unit provided. please use M, KM, FT, MI");
    return 1;
}

void geo_reply_distance(struct call *call, double distance) {
    char text[TEXT_DOUBLE_MAX];
    int len = snprintf(text, sizeof(text), "%.4f", distance);
    reply_bulk(call, bytes_make(text, (size_t)len));
}

void geo_reply_point(struct call *call, struct geo_point point) {
    reply_array(call, 2);
    reply_double(call, point.longitude);
    reply_double(call, point.latitude);
}

/* --- GEOADD --- */

/* It is a ZADD of the same options, which are checked here. */
struct adding {
    bool only_new, only_old;
    int points_at;
    int count;
};

static void take_adding(struct call *call, struct adding *adding) {
    for (;;) {
        if (args_word(call, "NX")) adding->only_new = true;
        else if (args_word(call, "XX")) adding->only_old = true;
        else if (!args_word(call, "CH")) break;
    }
    adding->points_at = args_index(call);
    adding->count = args_left(call) / 3;
    if (args_left(call) % 3 != 0 || (adding->only_new && adding->only_old)) args_syntax_error(call);
}

static bool reply_as(struct call *call, struct bytes reply) {
    int64_t count;
    bool is_integer = reply.len > 3 && reply.data[0] == ':' &&
                      text_to_integer(bytes_make(reply.data + 1, reply.len - 3), &count);
    if (is_integer) reply_integer(call, count);
    else reply_error(call, "%.*s", (int)(reply.len < 3 ? 0 : reply.len - 3), reply.data + 1);
    return is_integer;
}

void geo_word_geoadd(struct call *call) {
    struct bytes key = args_key(call);
    struct adding adding = {0};
    take_adding(call, &adding);
    if (args_failed(call)) return;
    int argc = adding.points_at + adding.count * 2;
    struct bytes *words = arena_allocate(call_arena(call), (size_t)argc * sizeof(*words));
    words[0] = BYTES("ZADD");
    words[1] = key;
    for (int i = 2; i < adding.points_at; i++) words[i] = call->argv[i];
    for (int i = adding.points_at; i < argc && !call->failed; i += 2) {
        struct geo_point point = geo_take_point(call);
        if (call->failed) return;
        words[i] = call_integer_text(call, (int64_t)geo_score_of(point));
        words[i + 1] = args_bytes(call);
    }
    struct bytes reply;
    invoke(call, words, argc, &reply);
    call_effect_none(call); /* what it did has been told as what it is */
    reply_as(call, reply);
}

/* --- members that are points --- */

void geo_word_geopos(struct call *call) {
    struct value value;
    bool there = key_read(call, args_key(call), &sorted_set_type, &value);
    if (args_failed(call)) return;
    reply_array(call, (size_t)args_left(call));
    while (args_left(call) > 0) {
        double score;
        struct bytes name = args_bytes(call);
        if (there && sorted_set_find(&value, name, &score))
            geo_reply_point(call, geo_point_of(score));
        else reply_null_array(call);
    }
}

void geo_word_geohash(struct call *call) {
    struct value value;
    bool there = key_read(call, args_key(call), &sorted_set_type, &value);
    if (args_failed(call)) return;
    reply_array(call, (size_t)args_left(call));
    while (args_left(call) > 0) {
        double score;
        struct bytes name = args_bytes(call);
        if (there && sorted_set_find(&value, name, &score)) {
            char text[GEO_HASH_LEN];
            geo_hash_text(geo_point_of(score), text);
            reply_bulk(call, bytes_make(text, sizeof(text)));
        } else {
            reply_null(call);
        }
    }
}

void geo_word_geodist(struct call *call) {
    struct bytes key = args_key(call);
    struct bytes names[2] = {args_bytes(call), args_bytes(call)};
    double unit = 1;
    if (args_left(call) == 1) unit = geo_take_unit(call);
    else if (args_left(call) > 1) args_syntax_error(call);
    if (args_failed(call)) return;
    struct value value;
    double scores[2];
    if (!key_read(call, key, &sorted_set_type, &value) ||
        !sorted_set_find(&value, names[0], &scores[0]) ||
        !sorted_set_find(&value, names[1], &scores[1])) {
        if (!call->failed) reply_null(call);
        return;
    }
    geo_reply_distance(call, geo_distance(geo_point_of(scores[0]), geo_point_of(scores[1])) / unit);
}
