#include "lwps.h"

#include <time.h>

void lwps_new_library(lua_State *L, const luaL_Reg *functions)
{
    lua_newtable(L);
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

void lwps_new_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction collect)
{
    if (!luaL_newmetatable(L, type))
        return;
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__close");
    lua_pushstring(L, type);
    lua_setfield(L, -2, "__metatable");
    lwps_new_library(L, methods);
    lua_setfield(L, -2, "__index");
}

wps_view lwps_check_view(lua_State *L, int argument)
{
    wps_view view;
    luaL_checktype(L, argument, LUA_TSTRING);
    view.data = lua_tolstring(L, argument, &view.size);
    return view;
}

/* Without that clock no deadline would mean anything; POSIX makes it part of the base. */
lua_Number lwps_monotonic(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9;
}

int64_t lwps_milliseconds(lua_Number seconds)
{
    const lua_Number limit = 86400000;
    lua_Number milliseconds = seconds * 1000;
    int64_t whole;
    if (!(milliseconds >= 0))
        return -1;
    if (milliseconds > limit)
        milliseconds = limit;
    whole = (int64_t)milliseconds;
    return (lua_Number)whole < milliseconds ? whole + 1 : whole;
}

int lwps_push_status(lua_State *L, wps_status status, const char *sentence)
{
    lua_pushnil(L);
    lua_pushstring(L, sentence);
    lua_pushstring(L, wps_status_name(status));
    return 3;
}

int lwps_push_failure(lua_State *L, const wps_error *error)
{
    return lwps_push_status(L, error->status, error->message);
}

wps_status lwps_push_written(lua_State *L, lwps_writer writer, const void *input)
{
    char small[1024];
    char *memory;
    size_t needed = 0;
    wps_status status = writer(input, small, sizeof small, &needed);
    if (status == WPS_OK)
        lua_pushlstring(L, small, needed);
    if (status != WPS_BUFFER_TOO_SMALL)
        return status;
    memory = lua_newuserdata(L, needed);
    status = writer(input, memory, needed, &needed);
    if (status == WPS_OK) {
        lua_pushlstring(L, memory, needed);
        lua_remove(L, -2);
    } else {
        lua_pop(L, 1);
    }
    return status;
}
