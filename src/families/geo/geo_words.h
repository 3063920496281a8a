/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/* The handlers, one a command, and the arguments that they share. Declared as commands in
 * geo_commands.c. */
#include "collections/sorted_set_value.h"
#include "commands/family.h"
#include "families/geo/geo_area.h"

/* geo_point_words.c */
void geo_word_geoadd(struct call *call);
void geo_word_geopos(struct call *call);
void geo_word_geodist(struct call *call);
void geo_word_geohash(struct call *call);
/* geo_search_words.c */
void geo_word_georadius(struct call *call);
void geo_word_georadius_ro(struct call *call);
void geo_word_georadiusbymember(struct call *call);
void geo_word_georadiusbymember_ro(struct call *call);
void geo_word_geosearch(struct call *call);
void geo_word_geosearchstore(struct call *call);

/* Longitude and latitude; "ERR invalid longitude,latitude pair ..." outside of the map. */
struct geo_point geo_take_point(struct call *call);
/* A unit, as metres. */
double geo_take_unit(struct call *call);
/* A distance with four digits after the point, a bulk. */
void geo_reply_distance(struct call *call, double distance);
/* Longitude and latitude. */
void geo_reply_point(struct call *call, struct geo_point point);
