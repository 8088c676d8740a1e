/* webpubsub.curl: blocking HTTP by libcurl. No Lua runs inside a libcurl callback: the C side fills a response, Lua
 * reads it. */
#include "lwps.h"

#include <string.h>
#include <time.h>

#include <webpubsub/curl.h>

static const char easy_type[] = "webpubsub.curl.easy";

/* The request keeps its memory from one send to the next. */
typedef struct client {
    wps_easy *easy;
    wps_request *request;
    int busy;    /* an answer is on its way to Lua; a finalizer that runs meanwhile may not touch it */
    int closing; /* close was called meanwhile */
} client;

static client *check_client(lua_State *L)
{
    client *self = luaL_checkudata(L, 1, easy_type);
    luaL_argcheck(L, self->easy && !self->closing, 1, "the transport is closed");
    luaL_argcheck(L, !self->busy, 1, "the transport is in use; a finalizer cannot send with it");
    return self;
}

/* nil, sentence, word, outcome, starts */
static int push_transfer_failure(lua_State *L, const client *self, const wps_error *error)
{
    lwps_push_failure(L, error);
    lua_pushstring(L, error->outcome == WPS_NOT_SENT ? "not_sent" : "maybe_sent");
    lua_pushinteger(L, wps_easy_starts(self->easy));
    return 5;
}

static wps_status add_headers(lua_State *L, int index, wps_request *request, wps_error *error)
{
    int i, count;
    wps_view name, value;
    wps_status status = WPS_OK;
    luaL_checktype(L, index, LUA_TTABLE);
    count = (int)lua_rawlen(L, index);
    for (i = 1; i < count && status == WPS_OK; i += 2) {
        lua_rawgeti(L, index, i);
        lua_rawgeti(L, index, i + 1);
        if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING)
            luaL_argerror(L, index, "header names and values are strings");
        name.data = lua_tolstring(L, -2, &name.size);
        value.data = lua_tolstring(L, -1, &value.size);
        status = wps_request_add_header(request, name, value, error);
        lua_pop(L, 2);
    }
    return status;
}

static wps_status fill_request(lua_State *L, client *self, wps_error *error)
{
    wps_view method = lwps_check_view(L, 2), url = lwps_check_view(L, 3);
    wps_status status = self->request ? wps_request_reset(self->request, method, url, error)
                                      : wps_request_new(method, url, &self->request, error);
    if (status == WPS_OK)
        status = add_headers(L, 4, self->request, error);
    if (status == WPS_OK && !lua_isnoneornil(L, 5))
        wps_request_set_body(self->request, lwps_check_view(L, 5));
    if (status == WPS_OK && !lua_isnoneornil(L, 7))
        wps_request_set_idempotent(self->request, lua_toboolean(L, 7));
    return status;
}

static void close_client(client *self)
{
    wps_easy_free(self->easy);
    wps_request_free(self->request);
    self->easy = NULL;
    self->request = NULL;
}

/* response → status, header block, body. Its own function so that a memory error in it is caught. */
static int push_answer(lua_State *L)
{
    const wps_response *response = lua_touserdata(L, 1);
    wps_view headers = wps_response_header_block(response), body = wps_response_body(response);
    lua_pushinteger(L, wps_response_status(response));
    lua_pushlstring(L, headers.data ? headers.data : "", headers.size);
    lua_pushlstring(L, body.data ? body.data : "", body.size);
    return 3;
}

/* Pushing allocates, so the collector may run finalizers that close this transport or send with it: the response must
 * outlive the pushes. */
static int deliver_answer(lua_State *L, client *self, const wps_response *response)
{
    int failed;
    self->busy = 1;
    lua_pushcfunction(L, push_answer);
    lua_pushlightuserdata(L, (void *)response);
    failed = lua_pcall(L, 1, 3, 0);
    self->busy = 0;
    if (self->closing)
        close_client(self);
    return failed ? lua_error(L) : 3;
}

/* easy:send(method, url, headers, body, seconds, idempotent)
 * → status, header block, body | nil, sentence, word, outcome, how often the request began to be written */
static int send_request(lua_State *L)
{
    client *self = check_client(L);
    lua_Number seconds = luaL_checknumber(L, 6);
    const wps_response *response;
    wps_error error;
    memset(&error, 0, sizeof error);
    if (fill_request(L, self, &error) != WPS_OK ||
        wps_easy_send(self->easy, self->request, lwps_milliseconds(seconds), &response, &error) != WPS_OK)
        return push_transfer_failure(L, self, &error);
    return deliver_answer(L, self, response);
}

static int collect(lua_State *L)
{
    client *self = luaL_checkudata(L, 1, easy_type);
    if (self->busy)
        self->closing = 1;
    else
        close_client(self);
    return 0;
}

static const luaL_Reg methods[] = {{"send", send_request}, {"close", collect}, {NULL, NULL}};

/* Options are checked in Lua; here a field of the wrong type counts as absent. The texts stay alive in the table. */
static const char *text_field(lua_State *L, const char *field)
{
    const char *text;
    lua_getfield(L, 1, field);
    text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    return text;
}

static lua_Number number_field(lua_State *L, const char *field, lua_Number otherwise)
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

static wps_curl_options check_options(lua_State *L)
{
    wps_curl_options options;
    wps_curl_options_init(&options);
    luaL_checktype(L, 1, LUA_TTABLE);
    options.connect_timeout_ms =
        lwps_milliseconds(number_field(L, "connect_timeout", (lua_Number)options.connect_timeout_ms / 1000));
    options.max_response_body = (size_t)number_field(L, "max_response_body", (lua_Number)options.max_response_body);
    options.ca_file = text_field(L, "ca_file");
    options.verify = boolean_field(L, "verify", options.verify);
    options.proxy = boolean_field(L, "proxy", 1) ? text_field(L, "proxy") : "";
    options.http2 = boolean_field(L, "http2", options.http2);
    return options;
}

/* easy { connect_timeout, max_response_body, ca_file, verify, proxy (false: none), http2 } → transport | nil, sentence
 */
static int easy(lua_State *L)
{
    wps_curl_options options = check_options(L);
    client *self = lua_newuserdata(L, sizeof *self);
    wps_error error;
    memset(self, 0, sizeof *self);
    lwps_new_type(L, easy_type, methods, collect);
    lua_setmetatable(L, -2);
    return wps_easy_new(&options, &self->easy, &error) == WPS_OK ? 1 : lwps_push_failure(L, &error);
}

/* sleep(seconds): blocks this thread */
static int sleep_seconds(lua_State *L)
{
    lua_Number seconds = luaL_checknumber(L, 1);
    struct timespec pause;
    if (!(seconds > 0))
        return 0;
    pause.tv_sec = (time_t)seconds;
    pause.tv_nsec = (long)((seconds - (lua_Number)pause.tv_sec) * 1e9);
    while (nanosleep(&pause, &pause) != 0)
        continue; /* a signal handler ran; the rest is in `pause` */
    return 0;
}

static const luaL_Reg functions[] = {{"easy", easy}, {"sleep", sleep_seconds}, {NULL, NULL}};

LWPS_OPEN luaopen_webpubsub_curl(lua_State *L)
{
    lwps_new_library(L, functions);
    return 1;
}
