/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "harness/harness.h"

static struct harness harness;

static void setup(void) {
    harness_init(&harness);
    harness_run(&harness, "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
}
static void teardown(void) { harness_deinit(&harness); }
TestSuite(geo_behaviour, .init = setup, .fini = teardown);

#define GIVES(line, expected) cr_assert_str_eq(harness_run(&harness, line), expected, "%s", line)
#define BOTH "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"
#define NEAREST "*2\r\n$7\r\nCatania\r\n$7\r\nPalermo\r\n"

Test(geo_behaviour, adds_points_as_members_of_a_sorted_set) {
    GIVES("GEOADD g 13.361389 38.115556 Palermo 2 3 x", ":1\r\n");
    GIVES("GEOADD g CH 13.3614 38.115556 Palermo", ":1\r\n");
    GIVES("GEOADD g NX CH 1 1 Palermo", ":0\r\n");
    GIVES("GEOADD g XX 1 1 y", ":0\r\n");
    GIVES("ZSCORE g Catania", "$16\r\n3479447370796909\r\n");
    GIVES("ZCARD g", ":3\r\n");
}

Test(geo_behaviour, refuses_what_is_no_point_before_anything_changes) {
    GIVES("GEOADD h 1 2 a 181 2 b", "-ERR invalid longitude,latitude pair 181.000000,2.000000\r\n");
    GIVES("GEOADD h 1 86 a", "-ERR invalid longitude,latitude pair 1.000000,86.000000\r\n");
    GIVES("GEOADD h x 2 a", "-ERR value is not a valid float\r\n");
    GIVES("GEOADD h 1 2 a 3", "-ERR syntax error\r\n");
    GIVES("GEOADD h NX XX 1 2 a", "-ERR syntax error\r\n");
    GIVES("EXISTS h", ":0\r\n");
    harness_run(&harness, "SET s x");
    GIVES("GEOADD s 1 2 a",
          "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
}

Test(geo_behaviour, is_journaled_as_the_ZADD_that_it_is) {
    harness_journal_clear(&harness);
    harness_run(&harness, "GEOADD h CH 1 2 a");
    cr_assert_str_eq(harness_journal(&harness), "ZADD h CH 3378080408407459 a\n--\n");
}

Test(geo_behaviour, tells_positions_distances_and_texts) {
    GIVES("GEOPOS g Palermo none", "*2\r\n*2\r\n$18\r\n13.361389338970184\r\n$16\r\n"
                                   "38.1155563954963\r\n*-1\r\n");
    GIVES("GEODIST g Palermo Catania", "$11\r\n166274.1516\r\n");
    GIVES("GEODIST g Palermo Catania km", "$8\r\n166.2742\r\n");
    GIVES("GEODIST g Palermo Catania MI", "$8\r\n103.3182\r\n");
    GIVES("GEODIST g Palermo none", "$-1\r\n");
    GIVES("GEODIST g Palermo Catania xx",
          "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n");
    GIVES("GEOHASH g Palermo none", "*2\r\n$11\r\nsqc8b49rny0\r\n$-1\r\n");
    harness_protocol(&harness, 3);
    GIVES("GEOPOS g Palermo none", "*2\r\n*2\r\n,13.361389338970184\r\n,38.1155563954963\r\n_\r\n");
}

Test(geo_behaviour, finds_what_is_near) {
    GIVES("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km", BOTH);
    GIVES("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC", NEAREST);
    GIVES("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1", "*1\r\n$7\r\nCatania\r\n");
    GIVES("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 ANY", "*1\r\n$7\r\nPalermo\r\n");
    GIVES("GEOSEARCH g FROMMEMBER Palermo BYBOX 400 400 km DESC WITHDIST WITHHASH",
          "*2\r\n*3\r\n$7\r\nCatania\r\n$8\r\n166.2742\r\n:3479447370796909\r\n"
          "*3\r\n$7\r\nPalermo\r\n$6\r\n0.0000\r\n:3479099956230698\r\n");
    GIVES("GEOSEARCH g BYPOLYGON 3 12 36 16 36 16 39 WITHDIST",
          "*1\r\n*2\r\n$7\r\nCatania\r\n$10\r\n66688.5283\r\n");
}

Test(geo_behaviour, keeps_the_older_words) {
    GIVES("GEORADIUS g 15 37 200 km ASC", NEAREST);
    GIVES("GEORADIUS_RO g 15 37 100 km WITHDIST", "*1\r\n*2\r\n$7\r\nCatania\r\n$7\r\n56.4413\r\n");
    GIVES("GEORADIUSBYMEMBER g Palermo 200 km", BOTH);
    GIVES("GEORADIUSBYMEMBER_RO g Palermo 1 km", "*1\r\n$7\r\nPalermo\r\n");
    GIVES("GEORADIUS_RO g 15 37 100 km STORE d", "-ERR syntax error\r\n");
    GIVES("GEORADIUSBYMEMBER g none 1 km", "-ERR could not decode requested zset member\r\n");
}

Test(geo_behaviour, stores_what_it_finds) {
    GIVES("GEORADIUS g 15 37 200 km STOREDIST d", ":2\r\n");
    GIVES("ZRANGE d 0 -1 WITHSCORES", "*4\r\n$7\r\nCatania\r\n$16\r\n56.4412578701582\r\n"
                                      "$7\r\nPalermo\r\n$18\r\n190.44242984775784\r\n");
    GIVES("GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 100 km", ":1\r\n");
    GIVES("ZRANGE d 0 -1 WITHSCORES", "*2\r\n$7\r\nCatania\r\n$16\r\n3479447370796909\r\n");
    GIVES("GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 km", ":0\r\n");
    GIVES("EXISTS d", ":0\r\n");
    GIVES("GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 km WITHDIST",
          "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD "
          "options\r\n");
    GIVES("GEORADIUS g 15 37 1 km STORE d WITHDIST",
          "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and "
          "WITHCOORD options\r\n");
}

Test(geo_behaviour, refuses_areas_that_are_none) {
    GIVES("GEOSEARCH g BYBOX 400 400 km ASC COUNT 1",
          "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH\r\n");
    GIVES("GEOSEARCH g FROMMEMBER Palermo ASC COUNT 1 WITHDIST",
          "-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH\r\n");
    GIVES("GEOSEARCH g FROMMEMBER Palermo BYBOX -1 1 km",
          "-ERR height or width cannot be negative\r\n");
    GIVES("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS x km", "-ERR need numeric radius\r\n");
    GIVES("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS -1 km", "-ERR radius cannot be negative\r\n");
    GIVES("GEOSEARCH g BYPOLYGON 2 12 36 16 36",
          "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices\r\n");
    GIVES("GEORADIUS g 15 37 1 km ANY", "-ERR the ANY argument requires COUNT argument\r\n");
    GIVES("GEORADIUS g 15 37 1 km COUNT 0", "-ERR COUNT must be > 0\r\n");
}
