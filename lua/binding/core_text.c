#include "core_text.h"

#include "json.h"
#include "lwps.h"

typedef wps_status (*text_function)(wps_view in, char *out, size_t capacity, size_t *needed);

typedef struct text_call {
    text_function function;
    wps_view in;
} text_call;

static wps_status call_text(const void *input, char *out, size_t capacity, size_t *needed)
{
    const text_call *call = input;
    return call->function(call->in, out, capacity, needed);
}

/* text → text | nil, sentence */
static int translate(lua_State *L, text_function function, const char *refusal)
{
    text_call call;
    wps_status status;
    call.function = function;
    call.in = lwps_check_view(L, 1);
    status = lwps_push_written(L, call_text, &call);
    return status == WPS_OK ? 1 : lwps_push_status(L, status, refusal);
}

static int base64_encode(lua_State *L)
{
    return translate(L, wps_base64_encode, "cannot encode");
}

static int base64_decode(lua_State *L)
{
    return translate(L, wps_base64_decode, "not base64 text");
}

static int base64url_encode(lua_State *L)
{
    return translate(L, wps_base64url_encode, "cannot encode");
}

static int base64url_decode(lua_State *L)
{
    return translate(L, wps_base64url_decode, "not base64url text");
}

static int percent_encode(lua_State *L)
{
    return translate(L, wps_percent_encode, "cannot encode");
}

static int percent_decode(lua_State *L)
{
    return translate(L, wps_percent_decode, "a '%' without two hexadecimal digits");
}

static int json_escape(lua_State *L)
{
    return translate(L, wps_json_escape, "text that is not UTF-8");
}

/* text → number of characters | nil, offset of the first bad byte (from 0) */
static int utf8_length(lua_State *L)
{
    size_t count = 0;
    if (wps_utf8_length(lwps_check_view(L, 1), &count) == WPS_OK) {
        lua_pushnumber(L, (lua_Number)count);
        return 1;
    }
    lua_pushnil(L);
    lua_pushnumber(L, (lua_Number)count);
    return 2;
}

static int json_check(lua_State *L)
{
    wps_view text = lwps_check_view(L, 1);
    wps_error error;
    if (wps_json_check(text, (int)luaL_optinteger(L, 2, LWPS_JSON_DEPTH), &error) != WPS_OK)
        return lwps_push_failure(L, &error);
    lua_pushboolean(L, 1);
    return 1;
}

/* Pushes the Lua string of the raw text between two quotes; 0 with nothing pushed when it is not UTF-16-clean. */
static int push_unescaped(lua_State *L, wps_view raw)
{
    text_call call;
    call.function = wps_json_unescape;
    call.in = raw;
    return lwps_push_written(L, call_text, &call) == WPS_OK;
}

/* Checked text that is an object or array, as wanted; otherwise 0 with the failure pushed. */
static int begin(lua_State *L, char kind, wps_json_iterator *iterator)
{
    wps_view text = lwps_check_view(L, 1);
    wps_error error;
    if (wps_json_check(text, LWPS_JSON_DEPTH, &error) != WPS_OK) {
        lwps_push_failure(L, &error);
        return 0;
    }
    if (wps_json_begin(text, iterator) == WPS_OK && iterator->kind == kind)
        return 1;
    lwps_push_status(L, WPS_MALFORMED, kind == '{' ? "not a JSON object" : "not a JSON array");
    return 0;
}

/* '{"a":[1 ,2]}' → { a = "[1 ,2]" } | nil, sentence. Of a repeated name the last value counts. */
static int json_members(lua_State *L)
{
    wps_json_iterator iterator;
    wps_view name, value;
    if (!begin(L, '{', &iterator))
        return 3;
    lua_newtable(L);
    while (wps_json_next(&iterator, &name, &value) == WPS_OK) {
        if (!push_unescaped(L, name))
            return lwps_push_status(L, WPS_MALFORMED, "a member name with a broken escape");
        lua_pushlstring(L, value.data, value.size);
        lua_rawset(L, -3);
    }
    return 1;
}

/* '[1, "x"]' → { "1", '"x"' } | nil, sentence */
static int json_elements(lua_State *L)
{
    wps_json_iterator iterator;
    wps_view name, value;
    int index = 0;
    if (!begin(L, '[', &iterator))
        return 3;
    lua_newtable(L);
    while (wps_json_next(&iterator, &name, &value) == WPS_OK) {
        lua_pushlstring(L, value.data, value.size);
        lua_rawseti(L, -2, ++index);
    }
    return 1;
}

/* '"a\\n"' (with its quotes) → the string | nil, sentence */
static int json_string(lua_State *L)
{
    wps_view text = lwps_check_view(L, 1);
    wps_error error;
    if (wps_json_check(text, 1, &error) != WPS_OK)
        return lwps_push_failure(L, &error);
    if (text.size >= 2 && text.data[0] == '"' && text.data[text.size - 1] == '"') {
        text.data++;
        text.size -= 2;
        if (push_unescaped(L, text))
            return 1;
    }
    return lwps_push_status(L, WPS_MALFORMED, "not a JSON string");
}

const luaL_Reg lwps_text_functions[] = {
    {"base64_encode", base64_encode},       {"base64_decode", base64_decode},
    {"base64url_encode", base64url_encode}, {"base64url_decode", base64url_decode},
    {"percent_encode", percent_encode},     {"percent_decode", percent_decode},
    {"utf8_length", utf8_length},           {"json_escape", json_escape},
    {"json_encode", lwps_json_encode},      {"json_check", json_check},
    {"json_members", json_members},         {"json_elements", json_elements},
    {"json_string", json_string},           {NULL, NULL},
};
