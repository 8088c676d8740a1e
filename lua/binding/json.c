#include "json.h"

#include "lwps.h"
#include "number.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALL_KEYS 16

typedef struct encoder {
    lua_State *L;
    lwps_text text;
    int depth;
    const void *ancestors[LWPS_JSON_DEPTH];
    char problem[96];
    char path[160]; /* of the problem, built from its end while the recursion returns */
} encoder;

/* A text key, and where Lua keeps it alive: a stack index, or a position in the anchor table. */
typedef struct key {
    const char *data;
    size_t size;
    int slot;
} key;

static int encode_value(encoder *e);

static int fail(encoder *e, const char *problem)
{
    snprintf(e->problem, sizeof e->problem, "%s", problem);
    return 0;
}

/* Puts a step in front of the path; the outermost steps win where it does not fit. */
static void prepend_path(encoder *e, const char *step)
{
    char rest[sizeof e->path];
    snprintf(rest, sizeof rest, "%s", e->path);
    snprintf(e->path, sizeof e->path, "%.100s%s", step, rest);
}

static int failed_at_key(encoder *e, const key *at)
{
    char step[64];
    size_t size = at->size < 40 ? at->size : 40;
    size_t characters;
    wps_view view = {at->data, size};
    if (wps_utf8_length(view, &characters) != WPS_OK)
        view.size = characters; /* cut before the first broken character */
    snprintf(step, sizeof step, ".%.*s", (int)view.size, at->data);
    prepend_path(e, step);
    return 0;
}

static int failed_at_index(encoder *e, size_t index)
{
    char step[32];
    snprintf(step, sizeof step, "[%lu]", (unsigned long)index);
    prepend_path(e, step);
    return 0;
}

static int encode_text(encoder *e, const char *data, size_t size)
{
    wps_view view = {data, size};
    size_t needed = 0;
    wps_status status;
    lwps_text_put_char(&e->text, '"');
    lwps_text_reserve(&e->text, size + 1);
    status = wps_json_escape(view, e->text.data + e->text.size, e->text.capacity - e->text.size, &needed);
    if (status == WPS_BUFFER_TOO_SMALL) {
        lwps_text_reserve(&e->text, needed + 1);
        status = wps_json_escape(view, e->text.data + e->text.size, e->text.capacity - e->text.size, &needed);
    }
    if (status != WPS_OK)
        return fail(e, "is text that is not UTF-8");
    e->text.size += needed;
    lwps_text_put_char(&e->text, '"');
    return 1;
}

static int encode_number(encoder *e)
{
    char text[LWPS_NUMBER_SIZE];
    double value;
#if LWPS_HAS_INTEGERS
    if (lua_isinteger(e->L, -1)) {
        lwps_text_put(&e->text, text, lwps_write_integer((long long)lua_tointeger(e->L, -1), text));
        return 1;
    }
#endif
    value = (double)lua_tonumber(e->L, -1);
    if (value != value)
        return fail(e, "is NaN, which JSON cannot express");
    if (isinf(value))
        return fail(e, "is infinite, which JSON cannot express");
    lwps_text_put(&e->text, text, lwps_write_double(value, text));
    return 1;
}

/* What the keys of a table say: `count` of all, the largest index, and whether there are texts or other keys. */
typedef struct shape {
    size_t count;
    size_t last;
    int texts, others;
} shape;

static void note_key(lua_State *L, shape *s)
{
    lua_Number index;
    s->count++;
    if (lua_type(L, -2) == LUA_TSTRING) {
        s->texts = 1;
    } else if (lua_type(L, -2) == LUA_TNUMBER) {
        index = lua_tonumber(L, -2);
        if (!(index >= 1 && index <= 2147483647.0) || index != (lua_Number)(long long)index)
            s->others = 1;
        else if ((size_t)index > s->last)
            s->last = (size_t)index;
    } else {
        s->others = 1;
    }
}

static shape survey(lua_State *L)
{
    shape s = {0, 0, 0, 0};
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        note_key(L, &s);
        lua_pop(L, 1);
    }
    return s;
}

/* An array is marked by a metatable whose __jsontype is "array" (webpubsub.array, dkjson). Read raw: no metamethod
 * runs. */
static int is_marked_array(lua_State *L)
{
    int marked;
    if (!lua_getmetatable(L, -1))
        return 0;
    lua_pushliteral(L, "__jsontype");
    lua_rawget(L, -2);
    marked = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "array") == 0;
    lua_pop(L, 2);
    return marked;
}

static int encode_array(encoder *e, size_t count)
{
    size_t i;
    lwps_text_put_char(&e->text, '[');
    for (i = 1; i <= count; i++) {
        if (i > 1)
            lwps_text_put_char(&e->text, ',');
        lua_rawgeti(e->L, -1, (int)i);
        if (!encode_value(e))
            return failed_at_index(e, i);
        lua_pop(e->L, 1);
    }
    lwps_text_put_char(&e->text, ']');
    return 1;
}

static int compare_keys(const void *left, const void *right)
{
    const key *a = left, *b = right;
    int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* The keys of one object. A finalizer may change the table whenever something is allocated, so every key is anchored:
 * few of them on the stack, many in a table. */
typedef struct key_list {
    key *keys;
    size_t count;
    int table;  /* stack index of the object */
    int anchor; /* stack index of the anchor table, 0: the stack itself */
} key_list;

static void anchor_key(lua_State *L, const key_list *list, key *out, size_t position)
{
    out->data = lua_tolstring(L, -1, &out->size);
    lua_pushvalue(L, -1);
    if (list->anchor) {
        out->slot = (int)position + 1;
        lua_rawseti(L, list->anchor, out->slot);
    } else {
        lua_insert(L, -2); /* the anchored one stays below the key that lua_next goes on with */
        out->slot = lua_gettop(L) - 1;
    }
}

/* 0 when the table no longer has exactly `count` text keys. Nothing is allocated here. */
static int collect_keys(lua_State *L, key_list *list)
{
    size_t found = 0;
    lua_pushnil(L);
    while (lua_next(L, list->table)) {
        lua_pop(L, 1);
        if (found == list->count || lua_type(L, -1) != LUA_TSTRING)
            return 0;
        anchor_key(L, list, &list->keys[found], found);
        found++;
    }
    return found == list->count;
}

static int encode_member(encoder *e, const key_list *list, const key *member)
{
    if (!encode_text(e, member->data, member->size))
        return fail(e, "has a key that is not UTF-8");
    lwps_text_put_char(&e->text, ':');
    if (list->anchor)
        lua_rawgeti(e->L, list->anchor, member->slot);
    else
        lua_pushvalue(e->L, member->slot);
    lua_rawget(e->L, list->table);
    if (!encode_value(e))
        return failed_at_key(e, member);
    lua_pop(e->L, 1);
    return 1;
}

static int encode_members(encoder *e, const key_list *list)
{
    size_t i;
    lwps_text_put_char(&e->text, '{');
    for (i = 0; i < list->count; i++) {
        if (i > 0)
            lwps_text_put_char(&e->text, ',');
        if (!encode_member(e, list, &list->keys[i]))
            return 0;
    }
    lwps_text_put_char(&e->text, '}');
    return 1;
}

static int encode_object(encoder *e, size_t count)
{
    key small[SMALL_KEYS];
    key_list list = {small, count, lua_gettop(e->L), 0};
    int ok;
    if (count > SMALL_KEYS) {
        list.keys = lua_newuserdata(e->L, count * sizeof *list.keys);
        lua_createtable(e->L, (int)count, 0);
        list.anchor = lua_gettop(e->L);
    }
    if (!collect_keys(e->L, &list))
        return fail(e, "was changed while it was being written");
    qsort(list.keys, count, sizeof *list.keys, compare_keys);
    ok = encode_members(e, &list);
    if (ok)
        lua_settop(e->L, list.table);
    return ok;
}

static int encode_by_shape(encoder *e)
{
    shape s = survey(e->L);
    if (s.others)
        return fail(e, "has a key that is neither text nor a position from 1");
    if (s.texts && (s.last || is_marked_array(e->L)))
        return fail(e, "has both positions and text keys, so it is neither array nor object");
    if (s.last != s.count && !s.texts)
        return fail(e, "is a sparse array; fill its holes with webpubsub.null");
    if (s.last || is_marked_array(e->L))
        return encode_array(e, s.count);
    return encode_object(e, s.count);
}

static int encode_table(encoder *e)
{
    const void *self = lua_topointer(e->L, -1);
    int i, ok;
    for (i = 0; i < e->depth; i++)
        if (e->ancestors[i] == self)
            return fail(e, "contains itself");
    if (e->depth == LWPS_JSON_DEPTH)
        return fail(e, "is nested deeper than 100 tables");
    luaL_checkstack(e->L, SMALL_KEYS + 10, "JSON nesting");
    e->ancestors[e->depth++] = self;
    ok = encode_by_shape(e);
    e->depth--;
    return ok;
}

static int fail_type(encoder *e)
{
    char problem[64];
    snprintf(problem, sizeof problem, "is a %s, which JSON cannot express", luaL_typename(e->L, -1));
    return fail(e, problem);
}

static int encode_boolean(encoder *e)
{
    if (lua_toboolean(e->L, -1))
        lwps_text_put(&e->text, "true", 4);
    else
        lwps_text_put(&e->text, "false", 5);
    return 1;
}

/* Encodes the value on the top of the stack and leaves it there; on failure the stack is left as it is. */
static int encode_value(encoder *e)
{
    const char *data;
    size_t size;
    switch (lua_type(e->L, -1)) {
    case LUA_TSTRING:
        data = lua_tolstring(e->L, -1, &size);
        return encode_text(e, data, size);
    case LUA_TNUMBER:
        return encode_number(e);
    case LUA_TBOOLEAN:
        return encode_boolean(e);
    case LUA_TTABLE:
        return encode_table(e);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(e->L, -1))
            return fail_type(e);
        lwps_text_put(&e->text, "null", 4);
        return 1;
    default:
        return fail_type(e);
    }
}

int lwps_json_encode(lua_State *L)
{
    encoder e;
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    e.L = L;
    lwps_text_begin(&e.text, L);
    lua_pushvalue(L, 1);
    e.depth = 0;
    e.path[0] = '\0';
    if (encode_value(&e)) {
        lua_pushlstring(L, e.text.data, e.text.size);
        return 1;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "data%s %s", e.path, e.problem);
    return 2;
}
