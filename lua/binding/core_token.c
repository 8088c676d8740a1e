#include "core_text.h"
#include "lwps.h"

#include <string.h>

static void set_view(lua_State *L, const char *field, wps_view view)
{
    if (view.size == 0)
        return;
    lua_pushlstring(L, view.data, view.size);
    lua_setfield(L, -2, field);
}

/* text → { endpoint, access_key, version, port } | nil, sentence */
static int parse_connection_string(lua_State *L)
{
    wps_view text = lwps_check_view(L, 1);
    wps_connection_string parts;
    wps_error error;
    if (wps_connection_string_parse(text, &parts, &error) != WPS_OK)
        return lwps_push_failure(L, &error);
    lua_newtable(L);
    set_view(L, "endpoint", parts.endpoint);
    set_view(L, "access_key", parts.access_key);
    set_view(L, "version", parts.version);
    if (parts.port) {
        lua_pushinteger(L, parts.port);
        lua_setfield(L, -2, "port");
    }
    return 1;
}

typedef struct endpoint_call {
    wps_view text;
    int port;
    wps_error *error;
} endpoint_call;

static wps_status write_endpoint(const void *input, char *out, size_t capacity, size_t *needed)
{
    const endpoint_call *call = input;
    return wps_endpoint_normalize(call->text, call->port, out, capacity, needed, call->error);
}

/* text, port or nil → text | nil, sentence */
static int normalize_endpoint(lua_State *L)
{
    wps_error error;
    endpoint_call call;
    call.text = lwps_check_view(L, 1);
    call.port = (int)luaL_optinteger(L, 2, 0);
    call.error = &error;
    return lwps_push_written(L, write_endpoint, &call) == WPS_OK ? 1 : lwps_push_failure(L, &error);
}

typedef struct input_call {
    wps_view header, claims;
} input_call;

static wps_status write_input(const void *input, char *out, size_t capacity, size_t *needed)
{
    const input_call *call = input;
    return wps_token_input(call->header, call->claims, out, capacity, needed);
}

/* header JSON, claims JSON → what gets signed */
static int token_input(lua_State *L)
{
    input_call call;
    wps_status status;
    call.header = lwps_check_view(L, 1);
    call.claims = lwps_check_view(L, 2);
    status = lwps_push_written(L, write_input, &call);
    return status == WPS_OK ? 1 : lwps_push_status(L, status, "cannot encode");
}

static wps_status write_claims(const void *input, char *out, size_t capacity, size_t *needed)
{
    return wps_token_claims_write(input, out, capacity, needed);
}

/* audience, issued at, expires at → claims JSON of a REST token | nil, sentence */
static int request_claims(lua_State *L)
{
    wps_token_claims claims;
    wps_status status;
    memset(&claims, 0, sizeof claims);
    claims.audience = lwps_check_view(L, 1);
    claims.issued_at = (int64_t)luaL_checknumber(L, 2);
    claims.expires_at = (int64_t)luaL_checknumber(L, 3);
    status = lwps_push_written(L, write_claims, &claims);
    return status == WPS_OK ? 1 : lwps_push_status(L, status, "the audience is not UTF-8");
}

static wps_status write_decoded(const void *input, char *out, size_t capacity, size_t *needed)
{
    return wps_base64url_decode(*(const wps_view *)input, out, capacity, needed);
}

/* token → header JSON, claims JSON, signature bytes, signing input | nil, sentence */
static int token_split(lua_State *L)
{
    wps_view token = lwps_check_view(L, 1);
    wps_token_parts parts;
    wps_error error;
    if (wps_token_split(token, &parts, &error) != WPS_OK)
        return lwps_push_failure(L, &error);
    if (lwps_push_written(L, write_decoded, &parts.header) != WPS_OK ||
        lwps_push_written(L, write_decoded, &parts.claims) != WPS_OK ||
        lwps_push_written(L, write_decoded, &parts.signature) != WPS_OK)
        return lwps_push_status(L, WPS_MALFORMED, "a part of the token is not base64url");
    lua_pushlstring(L, parts.input.data, parts.input.size);
    return 4;
}

/* Views of an array of strings at `index`, in a userdata that this pushes. Raises for other elements. */
static wps_view *check_views(lua_State *L, int index, size_t *count)
{
    size_t i;
    wps_view *views;
    luaL_checktype(L, index, LUA_TTABLE);
    *count = lua_rawlen(L, index);
    views = lua_newuserdata(L, *count * sizeof *views + 1);
    for (i = 0; i < *count; i++) {
        lua_rawgeti(L, index, (int)i + 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_argerror(L, index, "an array of strings is needed");
        views[i].data = lua_tolstring(L, -1, &views[i].size);
        lua_pop(L, 1); /* stays alive in the array */
    }
    return views;
}

/* claims JSON, { accepted audiences }, now, leeway → true | nil, word, sentence */
static int token_check(lua_State *L)
{
    wps_view claims = lwps_check_view(L, 1);
    wps_token_rules rules;
    wps_error error;
    rules.audiences = check_views(L, 2, &rules.audience_count);
    rules.now = (int64_t)luaL_checknumber(L, 3);
    rules.leeway = (int64_t)luaL_optnumber(L, 4, 0);
    if (wps_token_check(claims, &rules, &error) == WPS_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, wps_status_name(error.status));
    lua_pushstring(L, error.message);
    return 3;
}

/* ce-signature value, { expected MACs of 32 bytes } → boolean */
static int signature_check(lua_State *L)
{
    wps_view header = lwps_check_view(L, 1);
    size_t count, i;
    const wps_view *macs = check_views(L, 2, &count);
    unsigned char(*expected)[WPS_MAC_SIZE] = lua_newuserdata(L, count * WPS_MAC_SIZE + 1);
    for (i = 0; i < count; i++) {
        luaL_argcheck(L, macs[i].size == WPS_MAC_SIZE, 2, "a MAC has 32 bytes");
        memcpy(expected[i], macs[i].data, WPS_MAC_SIZE);
    }
    lua_pushboolean(L, wps_signature_check(header, (const unsigned char(*)[WPS_MAC_SIZE])(void *)expected, count) ==
                           WPS_OK);
    return 1;
}

static int equal(lua_State *L)
{
    lua_pushboolean(L, wps_constant_time_equal(lwps_check_view(L, 1), lwps_check_view(L, 2)));
    return 1;
}

/* method, URL, { name, value, name, value, … } → true | nil, sentence */
static int check_request(lua_State *L)
{
    wps_view method = lwps_check_view(L, 1), url = lwps_check_view(L, 2);
    wps_error error;
    size_t count, i;
    const wps_view *headers = check_views(L, 3, &count);
    if (wps_check_request_line(method, url, &error) != WPS_OK)
        return lwps_push_failure(L, &error);
    for (i = 0; i + 1 < count; i += 2)
        if (wps_check_header(headers[i], headers[i + 1], &error) != WPS_OK)
            return lwps_push_failure(L, &error);
    lua_pushboolean(L, 1);
    return 1;
}

const luaL_Reg lwps_token_functions[] = {
    {"parse_connection_string", parse_connection_string},
    {"normalize_endpoint", normalize_endpoint},
    {"token_input", token_input},
    {"request_claims", request_claims},
    {"token_split", token_split},
    {"token_check", token_check},
    {"signature_check", signature_check},
    {"equal", equal},
    {"check_request", check_request},
    {NULL, NULL},
};
