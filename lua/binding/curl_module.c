/* webpubsub.curl: HTTP by libcurl, blocking (easy) and polled (multi, in curl_multi.c). No Lua runs inside a libcurl
 * callback: the C side fills a response, Lua reads it. */
#include "curl_request.h"

#include <string.h>
#include <time.h>

static const char easy_type[] = "webpubsub.curl.easy";

/* The request keeps its memory from one send to the next. */
typedef struct client {
    wps_easy *easy;
    wps_request *request;
} client;

static client *check_client(lua_State *L)
{
    client *self = luaL_checkudata(L, 1, easy_type);
    luaL_argcheck(L, self->easy, 1, "the transport is closed");
    return self;
}

/* easy:send(method, url, headers, body, seconds, idempotent)
 * → status, header block, body | nil, sentence, word, outcome */
static int send_request(lua_State *L)
{
    client *self = check_client(L);
    lua_Number seconds = luaL_checknumber(L, 6);
    const wps_response *response;
    wps_error error;
    memset(&error, 0, sizeof error);
    if (lwps_fill_request(L, &self->request, &error) != WPS_OK ||
        wps_easy_send(self->easy, self->request, lwps_milliseconds(seconds), &response, &error) != WPS_OK)
        return lwps_push_transfer_failure(L, &error);
    return lwps_push_response(L, response);
}

static int collect(lua_State *L)
{
    client *self = luaL_checkudata(L, 1, easy_type);
    wps_easy_free(self->easy);
    wps_request_free(self->request);
    self->easy = NULL;
    self->request = NULL;
    return 0;
}

static const luaL_Reg methods[] = {{"send", send_request}, {"close", collect}, {NULL, NULL}};

/* easy { connect_timeout, max_response_body, ca_file, verify, proxy (false: none), http2 } → transport | nil, sentence
 */
static int easy(lua_State *L)
{
    wps_curl_options options = lwps_check_curl_options(L);
    client *self = lua_newuserdata(L, sizeof *self);
    wps_error error;
    self->easy = NULL;
    self->request = NULL;
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

static const luaL_Reg functions[] = {
    {"easy", easy}, {"multi", lwps_curl_multi}, {"sleep", sleep_seconds}, {NULL, NULL}};

LWPS_OPEN luaopen_webpubsub_curl(lua_State *L)
{
    lwps_new_library(L, functions);
    return 1;
}
