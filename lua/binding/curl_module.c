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

static void close_client(client *self)
{
    wps_easy_free(self->easy);
    wps_request_free(self->request);
    self->easy = NULL;
    self->request = NULL;
}

/* Pushing allocates, so the collector may run finalizers that close this transport or send with it: the response must
 * outlive the pushes. */
static int deliver_answer(lua_State *L, client *self, const wps_response *response)
{
    int failed;
    self->busy = 1;
    failed = lwps_push_response(L, response);
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
    int starts;
    memset(&error, 0, sizeof error);
    if (lwps_fill_request(L, &self->request, &error) == WPS_OK &&
        wps_easy_send(self->easy, self->request, lwps_milliseconds(seconds), &response, &error) == WPS_OK)
        return deliver_answer(L, self, response);
    starts = wps_easy_starts(self->easy); /* before the first push: see deliver_answer */
    lwps_push_transfer_failure(L, &error);
    lua_pushinteger(L, starts);
    return 5;
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

/* easy { connect_timeout, max_response_body, ca_file, verify, proxy (false: none), http2 } → transport | nil, sentence
 */
static int easy(lua_State *L)
{
    wps_curl_options options = lwps_check_curl_options(L);
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

static const luaL_Reg functions[] = {
    {"easy", easy}, {"multi", lwps_curl_multi}, {"sleep", sleep_seconds}, {NULL, NULL}};

LWPS_OPEN luaopen_webpubsub_curl(lua_State *L)
{
    lwps_new_library(L, functions);
    return 1;
}
