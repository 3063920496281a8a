/* SPDX-License-Identifier: BSD-3-Clause */
/* The declarations of the family. */
#include "families/geo/geo_words.h"

#define READ_KEY(name_) KEY(name_, .key_use = KEY_READ | KEY_ACCESSES)
#define TARGET_KEY(name_, ...) KEY(name_, .key_use = KEY_OVERWRITE | KEY_UPDATES, ##__VA_ARGS__)
#define UNITS TOKEN("m", "M"), TOKEN("km", "KM"), TOKEN("ft", "FT"), TOKEN("mi", "MI")
#define UNIT ONEOF("unit", UNITS)
#define POINT DOUBLE("longitude"), DOUBLE("latitude")
#define RADIUS DOUBLE("radius"), UNIT
#define EXTRAS                                                                          \
    TOKEN("withcoord", "WITHCOORD", OPTIONAL), TOKEN("withdist", "WITHDIST", OPTIONAL), \
        TOKEN("withhash", "WITHHASH", OPTIONAL)
#define COUNT_BLOCK                                                         \
    BLOCK_OPTIONAL("count-block", NULL, INTEGER("count", .token = "COUNT"), \
                   TOKEN("any", "ANY", OPTIONAL))
#define ONEOF_SINCE(name_, since_, ...)                                                 \
    {                                                                                   \
        .kind = ARG_ONEOF, .name = (name_), .flags = ARG_OPTIONAL, .since = (since_),   \
        .args = (const struct arg[]){__VA_ARGS__}, .arg_count = ARGS_COUNT(__VA_ARGS__) \
    }
#define ORDER ONEOF_OPTIONAL("order", TOKEN("asc", "ASC"), TOKEN("desc", "DESC"))
#define STORE                                                         \
    ONEOF_OPTIONAL("store", TARGET_KEY("storekey", .token = "STORE"), \
                   TARGET_KEY("storedistkey", .token = "STOREDIST"))
#define COUNT_BLOCK_SINCE                                                   \
    BLOCK_OPTIONAL("count-block", NULL, INTEGER("count", .token = "COUNT"), \
                   TOKEN("any", "ANY", OPTIONAL, .since = "6.2.0"))
#define FROM                                                        \
    ONEOF_OPTIONAL("from", STRING("member", .token = "FROMMEMBER"), \
                   BLOCK_MULTIPLE("fromlonlat", "FROMLONLAT", 0, POINT))
#define BY                                                                                      \
    ONEOF("by", BLOCK("circle", DOUBLE("radius", .token = "BYRADIUS"), UNIT),                   \
          BLOCK("box", DOUBLE("width", .token = "BYBOX"), DOUBLE("height"), UNIT),              \
          {.kind = ARG_BLOCK,                                                                   \
           .name = "polygon",                                                                   \
           .since = "9.0.0",                                                                    \
           .args = (const struct arg[]){INTEGER("num-vertices", .token = "BYPOLYGON"),          \
                                        BLOCK_MULTIPLE("vertices", NULL, ARG_MULTIPLE, POINT)}, \
           .arg_count = 2})

#define BAD_POINT "ERR value is not a valid float; ERR invalid longitude,latitude pair"
#define BAD_UNIT "ERR unsupported unit provided. please use M, KM, FT, MI"
#define BAD_COUNT "ERR COUNT must be > 0; ERR the ANY argument requires COUNT argument"
#define BAD_RADIUS "ERR need numeric radius; ERR radius cannot be negative; " BAD_UNIT
#define BAD_MEMBER "ERR could not decode requested zset member"
#define BAD_STORE                                                                  \
    "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and " \
    "WITHCOORD options"
#define BAD_SEARCH                                                                   \
    BAD_POINT                                                                        \
    "; " BAD_MEMBER "; " BAD_RADIUS "; ERR need numeric width; "                     \
    "ERR need numeric height; ERR height or width cannot be negative; "              \
    "ERR invalid number of vertices; "                                               \
    "ERR GEOSEARCH BYPOLYGON must have at least 3 vertices; "                        \
    "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for the command; " \
    "ERR exactly one of BYRADIUS and BYBOX can be specified for the command; " BAD_COUNT

#define FOUND "members in the area; each with its distance, score and position where asked for"
#define STORED "with STORE or STOREDIST how many were stored"
#define SEARCHING "O(N+M*log(M)) for N points near to the area and M in it"

static const struct command commands[] = {
    {
        .name = "GEOADD",
        .handler = geo_word_geoadd,
        .summary = "Adds points to a sorted set, or moves those that are there.",
        .complexity = "O(log(N)) a point",
        .since = "3.2.0",
        .access = WRITES,
        ARGS(KEY("key", .key_use = KEY_WRITE | KEY_UPDATES),
             ONEOF_SINCE("condition", "6.2.0", TOKEN("nx", "NX"), TOKEN("xx", "XX")),
             TOKEN("change", "CH", OPTIONAL, .since = "6.2.0"),
             BLOCK_MULTIPLE("data", NULL, ARG_MULTIPLE, POINT, STRING("member"))),
        .reply = "how many were added; with CH, how many were added or moved",
        .errors = BAD_POINT,
        .events = "zadd",
        .example = "GEOADD places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
    },
    {
        .name = "GEOPOS",
        .handler = geo_word_geopos,
        .summary = "Reads the positions of members.",
        .complexity = "O(1) a member",
        .since = "3.2.0",
        .access = READS,
        ARGS(READ_KEY("key"), STRING("member", OPTIONAL_MULTIPLE)),
        .reply = "longitude and latitude each; null for those that are not there",
        .example = "GEOPOS places Palermo",
    },
    {
        .name = "GEODIST",
        .handler = geo_word_geodist,
        .summary = "Tells how far apart two members are.",
        .complexity = "O(1)",
        .since = "3.2.0",
        .access = READS,
        ARGS(READ_KEY("key"), STRING("member1"), STRING("member2"), ONEOF_OPTIONAL("unit", UNITS)),
        .reply = "the distance, with four digits after the point; null when one of them is not "
                 "there",
        .errors = BAD_UNIT,
        .example = "GEODIST places Palermo Catania km",
    },
    {
        .name = "GEOHASH",
        .handler = geo_word_geohash,
        .summary = "Gives the geohash texts of members.",
        .complexity = "O(1) a member",
        .since = "3.2.0",
        .access = READS,
        ARGS(READ_KEY("key"), STRING("member", OPTIONAL_MULTIPLE)),
        .reply = "eleven characters each; null for those that are not there",
        .example = "GEOHASH places Palermo",
    },
    {
        .name = "GEOSEARCH",
        .handler = geo_word_geosearch,
        .summary = "Finds the members in a circle, a box or a polygon.",
        .complexity = SEARCHING,
        .since = "6.2.0",
        .access = READS,
        .arity = -7,
        ARGS(READ_KEY("key"), FROM, BY, ORDER, COUNT_BLOCK, EXTRAS),
        .reply = FOUND,
        .errors = BAD_SEARCH,
        .example = "GEOSEARCH places FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHDIST",
    },
    {
        .name = "GEOSEARCHSTORE",
        .handler = geo_word_geosearchstore,
        .summary = "Stores the members in a circle, a box or a polygon as another sorted set.",
        .complexity = SEARCHING,
        .since = "6.2.0",
        .access = WRITES,
        .arity = -8,
        ARGS(TARGET_KEY("destination"), READ_KEY("source"), FROM, BY, ORDER, COUNT_BLOCK,
             TOKEN("storedist", "STOREDIST", OPTIONAL)),
        .reply = "how many members were stored; 0 when there was none, and then the target is gone",
        .errors = BAD_SEARCH "; ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH "
                             "and WITHCOORD options",
        .events = "geosearchstore del",
        .example = "GEOSEARCHSTORE near places FROMLONLAT 15 37 BYBOX 400 400 km STOREDIST",
    },
    {
        .name = "GEORADIUS",
        .handler = geo_word_georadius,
        .summary = "Finds the members around a point, or stores them.",
        .complexity = SEARCHING,
        .since = "3.2.0",
        .access = WRITES,
        .flags = COMMAND_DEPRECATED,
        ARGS(READ_KEY("key"), POINT, RADIUS, EXTRAS, COUNT_BLOCK_SINCE, ORDER, STORE),
        .reply = FOUND "; " STORED,
        .errors = BAD_POINT "; " BAD_RADIUS "; " BAD_COUNT "; " BAD_STORE,
        .events = "georadiusstore del",
        .example = "GEORADIUS places 15 37 200 km WITHDIST",
        .deprecated_since = "6.2.0",
        .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
    },
    {
        .name = "GEORADIUS_RO",
        .handler = geo_word_georadius_ro,
        .summary = "Finds the members around a point.",
        .complexity = SEARCHING,
        .since = "3.2.10",
        .access = READS,
        .flags = COMMAND_DEPRECATED,
        ARGS(READ_KEY("key"), POINT, RADIUS, EXTRAS, COUNT_BLOCK_SINCE, ORDER),
        .reply = FOUND,
        .errors = BAD_POINT "; " BAD_RADIUS "; " BAD_COUNT,
        .example = "GEORADIUS_RO places 15 37 200 km WITHDIST",
        .deprecated_since = "6.2.0",
        .replaced_by = "`GEOSEARCH` with the `BYRADIUS` argument",
    },
    {
        .name = "GEORADIUSBYMEMBER",
        .handler = geo_word_georadiusbymember,
        .summary = "Finds the members around a member, or stores them.",
        .complexity = SEARCHING,
        .since = "3.2.0",
        .access = WRITES,
        .flags = COMMAND_DEPRECATED,
        ARGS(READ_KEY("key"), STRING("member"), RADIUS, EXTRAS, COUNT_BLOCK, ORDER, STORE),
        .reply = FOUND "; " STORED,
        .errors = BAD_MEMBER "; " BAD_RADIUS "; " BAD_COUNT "; " BAD_STORE,
        .events = "georadiusstore del",
        .example = "GEORADIUSBYMEMBER places Palermo 200 km WITHDIST",
        .deprecated_since = "6.2.0",
        .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` "
                       "arguments",
    },
    {
        .name = "GEORADIUSBYMEMBER_RO",
        .handler = geo_word_georadiusbymember_ro,
        .summary = "Finds the members around a member.",
        .complexity = SEARCHING,
        .since = "3.2.10",
        .access = READS,
        .flags = COMMAND_DEPRECATED,
        ARGS(READ_KEY("key"), STRING("member"), RADIUS, EXTRAS, COUNT_BLOCK, ORDER),
        .reply = FOUND,
        .errors = BAD_MEMBER "; " BAD_RADIUS "; " BAD_COUNT,
        .example = "GEORADIUSBYMEMBER_RO places Palermo 200 km WITHDIST",
        .deprecated_since = "6.2.0",
        .replaced_by = "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
    },
};

const struct family geo_family = {
    .name = "geo",
    .title = "Places",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
