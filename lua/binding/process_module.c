/* webpubsub.process: child processes without a shell. Needs libc alone. */
#include "lwps.h"

#include <signal.h>
#include <string.h>

#include <webpubsub/process.h>

static const char process_type[] = "webpubsub.process.child";

#define READ_SIZE 4096

static wps_process *check_process(lua_State *L)
{
    wps_process **box = luaL_checkudata(L, 1, process_type);
    luaL_argcheck(L, *box, 1, "the process is closed");
    return *box;
}

/* nil, sentence, errno */
static int push_process_failure(lua_State *L, const wps_error *error)
{
    lua_pushnil(L);
    lua_pushstring(L, error->message);
    lua_pushinteger(L, error->native);
    return 3;
}

static int64_t optional_timeout(lua_State *L, int argument)
{
    return lua_isnoneornil(L, argument) ? -1 : lwps_milliseconds(luaL_checknumber(L, argument));
}

/* A NULL-terminated copy of an array of strings, in a userdata that this pushes. The texts stay alive in the array. */
static const char *const *check_texts(lua_State *L, int index)
{
    const char **texts;
    int i, count;
    luaL_checktype(L, index, LUA_TTABLE);
    count = (int)lua_rawlen(L, index);
    texts = lua_newuserdata(L, ((size_t)count + 1) * sizeof *texts);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, index, i + 1);
        if (lua_type(L, -1) != LUA_TSTRING || strlen(lua_tostring(L, -1)) != lua_rawlen(L, -1))
            luaL_argerror(L, index, "an array of strings without NUL bytes is needed");
        texts[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    texts[count] = NULL;
    return (const char *const *)texts;
}

static int id(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)wps_process_id(check_process(L)));
    return 1;
}

/* child:read(seconds or nil) → bytes | nil, "timeout" or "end" | nil, sentence, errno */
static int read_output(lua_State *L)
{
    char buffer[READ_SIZE];
    size_t got = 0;
    wps_error error;
    wps_status status = wps_process_read(check_process(L), buffer, sizeof buffer, optional_timeout(L, 2), &got, &error);
    if (status == WPS_OK) {
        lua_pushlstring(L, buffer, got);
        return 1;
    }
    if (status != WPS_END && status != WPS_TIMEOUT)
        return push_process_failure(L, &error);
    lua_pushnil(L);
    lua_pushstring(L, status == WPS_END ? "end" : "timeout");
    return 2;
}

static int output(lua_State *L)
{
    int descriptor = wps_process_output(check_process(L));
    if (descriptor < 0)
        return 0;
    lua_pushinteger(L, descriptor);
    return 1;
}

static int release(lua_State *L)
{
    wps_process_release(check_process(L));
    return 0;
}

/* child:kill(signal number or nil for SIGTERM) → true | nil, sentence, errno */
static int kill_child(lua_State *L)
{
    wps_error error;
    if (wps_process_kill(check_process(L), (int)luaL_optinteger(L, 2, SIGTERM), &error) != WPS_OK)
        return push_process_failure(L, &error);
    lua_pushboolean(L, 1);
    return 1;
}

/* child:wait(seconds or nil) → exit code or nil, signal or nil | nil, "timeout" | nil, sentence, errno */
static int wait_child(lua_State *L)
{
    int code = -1, number = 0;
    wps_error error;
    wps_status status = wps_process_wait(check_process(L), optional_timeout(L, 2), &code, &number, &error);
    if (status == WPS_TIMEOUT) {
        lua_pushnil(L);
        lua_pushliteral(L, "timeout");
        return 2;
    }
    if (status != WPS_OK)
        return push_process_failure(L, &error);
    if (number) {
        lua_pushnil(L);
        lua_pushinteger(L, number);
        return 2;
    }
    lua_pushinteger(L, code);
    return 1;
}

static int collect(lua_State *L)
{
    wps_process **box = luaL_checkudata(L, 1, process_type);
    wps_process_free(*box);
    *box = NULL;
    return 0;
}

static const luaL_Reg methods[] = {
    {"id", id},           {"read", read_output}, {"output", output}, {"release", release},
    {"kill", kill_child}, {"wait", wait_child},  {"close", collect}, {NULL, NULL},
};

static int flag(lua_State *L, const char *field)
{
    int set;
    lua_getfield(L, 2, field);
    set = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return set;
}

/* A string without NUL bytes; it lives as long as its place on the stack. */
static const char *check_text(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TSTRING || strlen(lua_tostring(L, index)) != lua_rawlen(L, index))
        luaL_error(L, "directory must be a string without NUL bytes");
    return lua_tostring(L, index);
}

/* Fills options from the table at index 2; its texts are kept alive by what this pushes. */
static void check_start_options(lua_State *L, wps_process_options *options)
{
    wps_process_options_init(options);
    if (lua_isnoneornil(L, 2))
        return;
    luaL_checktype(L, 2, LUA_TTABLE);
    options->capture_output = flag(L, "capture_output");
    options->merge_error = flag(L, "merge_error");
    lua_getfield(L, 2, "directory");
    if (!lua_isnil(L, -1))
        options->directory = check_text(L, lua_gettop(L));
    lua_getfield(L, 2, "environment");
    if (!lua_isnil(L, -1))
        options->environment = check_texts(L, lua_gettop(L));
}

/* start({ program, arguments… }, { environment, directory, capture_output, merge_error }) → child | nil, sentence,
 * errno */
static int start(lua_State *L)
{
    wps_process_options options;
    wps_error error;
    const char *const *arguments;
    wps_process **box;
    lua_settop(L, 2);
    arguments = check_texts(L, 1);
    check_start_options(L, &options);
    box = lua_newuserdata(L, sizeof *box);
    *box = NULL;
    lwps_new_type(L, process_type, methods, collect);
    lua_setmetatable(L, -2);
    return wps_process_start(arguments, &options, box, &error) == WPS_OK ? 1 : push_process_failure(L, &error);
}

/* exec({ program, arguments… }, { environment }) never returns when it succeeds | nil, sentence, errno */
static int exec(lua_State *L)
{
    wps_process_options options;
    wps_error error;
    const char *const *arguments;
    lua_settop(L, 2);
    arguments = check_texts(L, 1);
    check_start_options(L, &options);
    wps_process_exec(arguments, &options, &error);
    return push_process_failure(L, &error);
}

static const luaL_Reg functions[] = {{"start", start}, {"exec", exec}, {NULL, NULL}};

LWPS_OPEN luaopen_webpubsub_process(lua_State *L)
{
    lwps_new_library(L, functions);
    return 1;
}
