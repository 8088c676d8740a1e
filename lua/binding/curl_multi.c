/* The polled client of webpubsub.curl: many requests in flight, named by numbers. Lua asks, nothing calls back. */
#include "curl_request.h"

#include <string.h>

static const char multi_type[] = "webpubsub.curl.multi";

/* The request keeps its memory from one add to the next. */
typedef struct client {
    wps_multi *multi;
    wps_request *request;
    int busy;    /* an answer is on its way to Lua; a finalizer that runs meanwhile may not touch it */
    int closing; /* close was called meanwhile */
} client;

static client *check_client(lua_State *L)
{
    client *self = luaL_checkudata(L, 1, multi_type);
    luaL_argcheck(L, self->multi && !self->closing, 1, "the poller is closed");
    luaL_argcheck(L, !self->busy, 1, "the poller is in use; a finalizer cannot call it");
    return self;
}

static const char *outcome_word(wps_outcome outcome)
{
    return outcome == WPS_NOT_SENT ? "not_sent" : "maybe_sent";
}

static int64_t check_id(lua_State *L, int argument)
{
    return (int64_t)luaL_checknumber(L, argument);
}

/* From 1, so that a table by places is an array. */
static void push_place(lua_State *L, int64_t id)
{
    lua_pushinteger(L, (lua_Integer)wps_multi_place(id) + 1);
}

/* multi:add(method, url, headers, body, deadline, idempotent) → id, place | nil, sentence, word, outcome
 * The deadline is one of webpubsub.core.monotonic(), which is CLOCK_MONOTONIC too. */
static int add(lua_State *L)
{
    client *self = check_client(L);
    lua_Number deadline = luaL_checknumber(L, 6);
    int64_t id;
    wps_error error;
    memset(&error, 0, sizeof error);
    if (lwps_fill_request(L, &self->request, &error) != WPS_OK ||
        wps_multi_add(self->multi, self->request, lwps_milliseconds(deadline - lwps_monotonic()), &id, &error) !=
            WPS_OK)
        return lwps_push_transfer_failure(L, &error);
    lua_pushnumber(L, (lua_Number)id);
    push_place(L, id);
    return 2;
}

/* multi:cancel(id) → "not_sent" | "maybe_sent", or nil when there is no such request any more */
static int cancel(lua_State *L)
{
    client *self = check_client(L);
    wps_outcome known;
    if (!wps_multi_cancel(self->multi, check_id(L, 2), &known))
        return 0;
    lua_pushstring(L, outcome_word(known));
    return 1;
}

/* multi:poll(seconds, budget): both without limit when nil */
static int poll(lua_State *L)
{
    client *self = check_client(L);
    int64_t timeout_ms = lua_isnoneornil(L, 2) ? -1 : lwps_milliseconds(luaL_checknumber(L, 2));
    lua_Number budget = lua_isnoneornil(L, 3) ? -1 : luaL_checknumber(L, 3);
    int64_t budget_us = budget < 0 || budget > 86400 ? -1 : (int64_t)(budget * 1e6);
    wps_multi_poll(self->multi, timeout_ms, budget_us);
    return 0;
}

static void close_client(client *self)
{
    wps_multi_free(self->multi);
    wps_request_free(self->request);
    self->multi = NULL;
    self->request = NULL;
}

/* Pushing allocates, so the collector may run finalizers that close this client: the response must outlive the pushes.
 * After the place. */
static int deliver_answer(lua_State *L, client *self, const wps_response *response)
{
    int failed;
    self->busy = 1;
    failed = lwps_push_response(L, response);
    self->busy = 0;
    if (self->closing)
        close_client(self);
    return failed ? lua_error(L) : 4;
}

/* multi:finished() → place, status, header block, body | place, nil, sentence, word, outcome, starts | nothing */
static int finished(lua_State *L)
{
    client *self = check_client(L);
    const wps_response *response;
    const wps_error *shown;
    wps_error error;
    int64_t id;
    if (!wps_multi_next(self->multi, &id, &response, &shown))
        return 0;
    push_place(L, id);
    if (response)
        return deliver_answer(L, self, response);
    error = *shown;
    lwps_push_transfer_failure(L, &error);
    lua_pushinteger(L, wps_multi_starts(self->multi));
    return 6;
}

/* multi:fd() → the descriptor to wait for */
static int descriptor(lua_State *L)
{
    lua_pushinteger(L, wps_multi_fd(check_client(L)->multi));
    return 1;
}

/* multi:timeout() → seconds until poll has something to do without the descriptor, or nil */
static int timeout(lua_State *L)
{
    int64_t milliseconds = wps_multi_timeout_ms(check_client(L)->multi);
    if (milliseconds < 0)
        return 0;
    lua_pushnumber(L, (lua_Number)milliseconds / 1000);
    return 1;
}

/* multi:wake(on): keeps the descriptor readable */
static int wake(lua_State *L)
{
    wps_multi_wake(check_client(L)->multi, lua_toboolean(L, 2));
    return 0;
}

/* multi:counts() → waiting, in flight, finished */
static int counts(lua_State *L)
{
    wps_multi_counts numbers = wps_multi_count(check_client(L)->multi);
    lua_pushinteger(L, (lua_Integer)numbers.waiting);
    lua_pushinteger(L, (lua_Integer)numbers.in_flight);
    lua_pushinteger(L, (lua_Integer)numbers.finished);
    return 3;
}

static int collect(lua_State *L)
{
    client *self = luaL_checkudata(L, 1, multi_type);
    if (self->busy)
        self->closing = 1;
    else
        close_client(self);
    return 0;
}

static const luaL_Reg methods[] = {{"add", add},       {"cancel", cancel}, {"poll", poll},     {"finished", finished},
                                   {"wake", wake},     {"counts", counts}, {"fd", descriptor}, {"timeout", timeout},
                                   {"close", collect}, {NULL, NULL}};

int lwps_curl_multi(lua_State *L)
{
    wps_curl_options options = lwps_check_curl_options(L);
    lua_Number max_in_flight = lwps_number_field(L, "max_in_flight", 0);
    client *self = lua_newuserdata(L, sizeof *self);
    wps_error error;
    memset(self, 0, sizeof *self);
    lwps_new_type(L, multi_type, methods, collect);
    lua_setmetatable(L, -2);
    return wps_multi_new(&options, (size_t)max_in_flight, &self->multi, &error) == WPS_OK
               ? 1
               : lwps_push_failure(L, &error);
}
