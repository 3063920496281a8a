/* SPDX-License-Identifier: BSD-3-Clause */
/* GEOSEARCH, GEOSEARCHSTORE, and the older GEORADIUS and its kin. */
#include <assert.h>

#include "collections/sorted_set_build.h"
#include "families/geo/geo_search.h"
#include "families/geo/geo_words.h"

/* Which words are known, and what they do. */
enum form {
    FORM_RADIUS = 1 << 0,    /* GEORADIUS and kin: centre and radius come first */
    FORM_BY_MEMBER = 1 << 1, /* the centre is a member */
    FORM_STORES = 1 << 2,    /* STORE and STOREDIST may be said */
    FORM_TARGET = 1 << 3,    /* GEOSEARCHSTORE: the target comes first, STOREDIST is a flag */
};

struct asking {
    struct geo_search search;
    uint32_t form;
    bool with_distance, with_hash, with_point;
    bool store_distances, stores;
    enum { FROM_NOWHERE, FROM_MEMBER, FROM_POINT } from;
    bool by_given;
    struct bytes target;
    bool there; /* the key exists */
    struct value value;
};

/* --- taking --- */

/* The point of a member of the set, if there is a set. */
static struct geo_point take_member(struct call *call, const struct asking *asking) {
    double score = 0;
    struct bytes name = args_bytes(call);
    if (asking->there && !call->failed && !sorted_set_find(&asking->value, name, &score))
        args_fail(call, "ERR could not decode requested zset member");
    return geo_point_of(score);
}

static void take_radius(struct call *call, struct asking *asking) {
    double radius = args_double_or(call, "need numeric radius");
    if (radius < 0) args_fail(call, "ERR radius cannot be negative");
    if (args_failed(call)) return;
    asking->search.unit = geo_take_unit(call);
    asking->search.area.shape = GEO_CIRCLE;
    asking->search.area.radius = radius * asking->search.unit;
}

static void take_box(struct call *call, struct asking *asking) {
    double width = args_double_or(call, "need numeric width");
    double height = args_double_or(call, "need numeric height");
    if (width < 0 || height < 0) args_fail(call, "ERR height or width cannot be negative");
    if (args_failed(call)) return;
    asking->search.unit = geo_take_unit(call);
    asking->search.area.shape = GEO_BOX;
    asking->search.area.width = width * asking->search.unit;
    asking->search.area.height = height * asking->search.unit;
}

static void take_polygon(struct call *call, struct asking *asking) {
    int64_t count = args_integer_or(call, INT64_MIN, INT64_MAX, "invalid number of vertices");
    if (args_failed(call)) return;
    if (count < 3 || count > args_left(call) / 2) {
        args_fail(call, "ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");
        return;
    }
    struct geo_point *vertices = arena_allocate(call_arena(call),
                                                (size_t)count * sizeof(*vertices));
    for (int64_t i = 0; i < count && !call->failed; i++) vertices[i] = geo_take_point(call);
    if (args_failed(call)) return;
    struct geo_area *area = &asking->search.area;
    *area = (struct geo_area){
        .shape = GEO_POLYGON, .vertices = vertices, .vertex_count = (size_t)count};
    geo_area_center_polygon(area);
    asking->search.unit = 1;
}

/* FROMMEMBER, FROMLONLAT, BYRADIUS, BYBOX, BYPOLYGON. One excludes the other, but each may be said
 * again. */
static bool take_place(struct call *call, struct asking *asking) {
    int left = args_left(call);
    enum geo_shape shape = asking->search.area.shape;
    bool polygon = asking->by_given && shape == GEO_POLYGON;
    if (asking->from != FROM_POINT && !polygon && left > 1 && args_word(call, "FROMMEMBER")) {
        asking->search.area.center = take_member(call, asking);
        asking->from = FROM_MEMBER;
    } else if (asking->from != FROM_MEMBER && !polygon && left > 2 &&
               args_word(call, "FROMLONLAT")) {
        asking->search.area.center = geo_take_point(call);
        asking->from = FROM_POINT;
    } else if ((!asking->by_given || shape == GEO_CIRCLE) && left > 2 &&
               args_word(call, "BYRADIUS")) {
        take_radius(call, asking);
        asking->by_given = true;
    } else if ((!asking->by_given || shape == GEO_BOX) && left > 3 && args_word(call, "BYBOX")) {
        take_box(call, asking);
        asking->by_given = true;
    } else if ((!asking->by_given || polygon) && asking->from == FROM_NOWHERE && left > 1 &&
               args_word(call, "BYPOLYGON")) {
        take_polygon(call, asking);
        asking->by_given = true;
    } else {
        return false;
    }
    return true;
}

static bool take_store(struct call *call, struct asking *asking) {
    if ((asking->form & FORM_TARGET) != 0 && args_word(call, "STOREDIST")) {
        asking->store_distances = true;
        return true;
    }
    if ((asking->form & FORM_STORES) == 0 || args_left(call) < 2) return false;
    bool distances = args_word(call, "STOREDIST");
    if (!distances && !args_word(call, "STORE")) return false;
    asking->store_distances = distances;
    asking->target = args_bytes(call);
    asking->stores = true;
    return true;
}

static void take_count(struct call *call, struct geo_search *search) {
    int64_t count = args_integer(call, INT64_MIN, INT64_MAX);
    if (count <= 0) args_fail(call, "ERR COUNT must be > 0");
    search->limit = (size_t)count;
}

static void take_words(struct call *call, struct asking *asking) {
    struct geo_search *search = &asking->search;
    while (args_left(call) > 0) {
        if (args_word(call, "WITHDIST")) asking->with_distance = true;
        else if (args_word(call, "WITHHASH")) asking->with_hash = true;
        else if (args_word(call, "WITHCOORD")) asking->with_point = true;
        else if (args_word(call, "ANY")) search->any = true;
        else if (args_word(call, "ASC")) search->sort = GEO_NEAREST;
        else if (args_word(call, "DESC")) search->sort = GEO_FARTHEST;
        else if (args_left(call) > 1 && args_word(call, "COUNT")) take_count(call, search);
        else if (take_store(call, asking)) continue;
        else if ((asking->form & FORM_RADIUS) != 0 || !take_place(call, asking))
            args_syntax_error(call);
    }
}

static void check_words(struct call *call, const struct asking *asking) {
    struct bytes name = call->argv[0];
    if (asking->stores && (asking->with_distance || asking->with_hash || asking->with_point))
        args_fail(call, "ERR %s is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
                  (asking->form & FORM_TARGET) != 0 ? "GEOSEARCHSTORE"
                                                    : "STORE option in GEORADIUS");
    bool polygon = asking->by_given && asking->search.area.shape == GEO_POLYGON;
    if (asking->from == FROM_NOWHERE && !polygon)
        args_fail(call, "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for %.*s",
                  (int)name.len, name.data);
    if (!asking->by_given)
        args_fail(call, "ERR exactly one of BYRADIUS and BYBOX can be specified for %.*s",
                  (int)name.len, name.data);
    if (asking->search.any && asking->search.limit == 0)
        args_fail(call, "ERR the ANY argument requires COUNT argument");
}

/* False: a mistake was replied. */
static bool take(struct call *call, struct asking *asking) {
    if ((asking->form & FORM_TARGET) != 0) {
        asking->target = args_key(call);
        asking->stores = true;
    }
    struct bytes key = args_key(call);
    asking->there = key_read(call, key, &sorted_set_type, &asking->value);
    if (args_failed(call)) return false;
    if ((asking->form & FORM_RADIUS) != 0) {
        bool by_member = (asking->form & FORM_BY_MEMBER) != 0;
        asking->search.area.center = by_member ? take_member(call, asking) : geo_take_point(call);
        /* Around a member of nothing any radius is as good as another, for Redis. */
        if (by_member && !asking->there) call->arg_at += 2;
        else take_radius(call, asking);
        asking->from = by_member ? FROM_MEMBER : FROM_POINT;
        asking->by_given = true;
    }
    if (!args_failed(call)) take_words(call, asking);
    if (!args_failed(call)) check_words(call, asking);
    return !args_failed(call);
}

/* --- answering --- */

static void reply_found(struct call *call, const struct asking *asking,
                        const struct geo_finding *finding) {
    size_t extras = (size_t)asking->with_distance + asking->with_hash + asking->with_point;
    reply_array(call, finding->count);
    for (size_t i = 0; i < finding->count; i++) {
        const struct geo_found *found = &finding->points[i];
        if (extras > 0) reply_array(call, 1 + extras);
        reply_bulk(call, found->name);
        if (asking->with_distance) geo_reply_distance(call, found->distance);
        if (asking->with_hash) reply_integer(call, (int64_t)geo_bits_of(found->score));
        if (asking->with_point) geo_reply_point(call, geo_point_of(found->score));
    }
}

static void store_nothing(struct edit *edit) {
    if (edit_exists(edit)) {
        edit_delete(edit, edit->call->executor->lazy_server_del);
        edit_commit_as(edit, EVENT_GENERIC, "del");
    } else {
        edit_cancel(edit);
    }
    reply_integer(edit->call, 0);
}

static void store_found(struct call *call, const struct asking *asking,
                        const struct geo_finding *finding) {
    struct sorted_set_build build;
    sorted_set_build_init(&build, call_arena(call), finding->count);
    for (size_t i = 0; i < finding->count; i++) {
        const struct geo_found *found = &finding->points[i];
        sorted_set_build_add(&build, found->name,
                             asking->store_distances ? found->distance : found->score);
    }
    struct value value = {.type = NULL};
    if (finding->count > 0 &&
        !sorted_set_build_finish(&build, &call->executor->keyspace.limits, &value)) {
        reply_error(call, "OOM command not allowed: no memory for the value");
        return;
    }
    struct edit edit;
    bool open = edit_open(&edit, call, asking->target, NULL);
    assert(open);
    if (finding->count == 0) {
        store_nothing(&edit);
        return;
    }
    if (!edit_replace(&edit, &value)) {
        if (value.storage == VALUE_BOXED) sorted_set_destroy(value.boxed);
        return;
    }
    bool search = (asking->form & FORM_TARGET) != 0;
    edit_commit_as(&edit, EVENT_SORTED_SET, search ? "geosearchstore" : "georadiusstore");
    reply_integer(call, (int64_t)build.count);
}

static void answer(struct call *call, uint32_t form) {
    struct asking asking = {.form = form};
    if (!take(call, &asking)) return;
    struct geo_finding finding = {0};
    if (asking.there) geo_search_run(call, &asking.search, &asking.value, &finding);
    if (finding.failed) reply_error(call, "OOM command not allowed: no memory for the reply");
    else if (asking.stores) store_found(call, &asking, &finding);
    else reply_found(call, &asking, &finding);
}

void geo_word_georadius(struct call *call) { answer(call, FORM_RADIUS | FORM_STORES); }
void geo_word_georadius_ro(struct call *call) { answer(call, FORM_RADIUS); }
void geo_word_georadiusbymember(struct call *call) {
    answer(call, FORM_RADIUS | FORM_BY_MEMBER | FORM_STORES);
}
void geo_word_georadiusbymember_ro(struct call *call) {
    answer(call, FORM_RADIUS | FORM_BY_MEMBER);
}
void geo_word_geosearch(struct call *call) { answer(call, 0); }
void geo_word_geosearchstore(struct call *call) { answer(call, FORM_TARGET); }
