#include "curl_request.h"

/* ---- options ---- */

static const char *text_field(lua_State *L, const char *field)
{
    const char *text;
    lua_getfield(L, 1, field);
    text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    return text;
}

lua_Number lwps_number_field(lua_State *L, const char *field, lua_Number otherwise)
{
    lua_Number number;
    lua_getfield(L, 1, field);
    number = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : otherwise;
    lua_pop(L, 1);
    return number;
}

static int boolean_field(lua_State *L, const char *field, int otherwise)
{
    int boolean;
    lua_getfield(L, 1, field);
    boolean = lua_isnil(L, -1) ? otherwise : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return boolean;
}

wps_curl_options lwps_check_curl_options(lua_State *L)
{
    wps_curl_options options;
    wps_curl_options_init(&options);
    luaL_checktype(L, 1, LUA_TTABLE);
    options.connect_timeout_ms =
        lwps_milliseconds(lwps_number_field(L, "connect_timeout", (lua_Number)options.connect_timeout_ms / 1000));
    options.max_response_body =
        (size_t)lwps_number_field(L, "max_response_body", (lua_Number)options.max_response_body);
    options.ca_file = text_field(L, "ca_file");
    options.verify = boolean_field(L, "verify", options.verify);
    options.proxy = boolean_field(L, "proxy", 1) ? text_field(L, "proxy") : "";
    options.http2 = boolean_field(L, "http2", options.http2);
    options.max_connections = (int)lwps_number_field(L, "max_connections", options.max_connections);
    return options;
}

/* ---- requests ---- */

/* Pushes the element and tells its type; Lua 5.3 answers that by itself. */
static int push_element(lua_State *L, int index, int i)
{
#if LUA_VERSION_NUM >= 503
    return lua_rawgeti(L, index, i);
#else
    lua_rawgeti(L, index, i);
    return lua_type(L, -1);
#endif
}

static wps_status add_headers(lua_State *L, int index, wps_request *request, wps_error *error)
{
    int i, count;
    wps_view name, value;
    wps_status status = WPS_OK;
    luaL_checktype(L, index, LUA_TTABLE);
    count = (int)lua_rawlen(L, index);
    for (i = 1; i < count && status == WPS_OK; i += 2) {
        if (push_element(L, index, i) != LUA_TSTRING || push_element(L, index, i + 1) != LUA_TSTRING)
            luaL_argerror(L, index, "header names and values are strings");
        name.data = lua_tolstring(L, -2, &name.size);
        value.data = lua_tolstring(L, -1, &value.size);
        status = wps_request_add_header(request, name, value, error);
        lua_pop(L, 2);
    }
    return status;
}

wps_status lwps_fill_request(lua_State *L, wps_request **request, wps_error *error)
{
    wps_view method = lwps_check_view(L, 2), url = lwps_check_view(L, 3);
    wps_status status =
        *request ? wps_request_reset(*request, method, url, error) : wps_request_new(method, url, request, error);
    if (status == WPS_OK)
        status = add_headers(L, 4, *request, error);
    if (status == WPS_OK && !lua_isnoneornil(L, 5))
        wps_request_set_body(*request, lwps_check_view(L, 5));
    if (status == WPS_OK && !lua_isnoneornil(L, 7))
        wps_request_set_idempotent(*request, lua_toboolean(L, 7));
    return status;
}

/* ---- answers ---- */

static void push_view(lua_State *L, wps_view view)
{
    lua_pushlstring(L, view.data ? view.data : "", view.size);
}

static int push_answer(lua_State *L)
{
    const wps_response *response = lua_touserdata(L, 1);
    lua_pushinteger(L, wps_response_status(response));
    push_view(L, wps_response_header_block(response));
    push_view(L, wps_response_body(response));
    return 3;
}

int lwps_push_response(lua_State *L, const wps_response *response)
{
    lua_pushcfunction(L, push_answer);
    lua_pushlightuserdata(L, (void *)response);
    return lua_pcall(L, 1, 3, 0);
}

int lwps_push_transfer_failure(lua_State *L, const wps_error *error)
{
    lwps_push_failure(L, error);
    lua_pushstring(L, error->outcome == WPS_NOT_SENT ? "not_sent" : "maybe_sent");
    return 4;
}
