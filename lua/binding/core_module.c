/* webpubsub.core: text, JSON, tokens and checks. Needs libc alone, so that nginx can load it. */
#include "core_text.h"
#include "lwps.h"

static void add_functions(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

/* array(t) → t, marked so that it is written as a JSON array even when it is empty. Raises when t has another
 * metatable. */
static int array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_getmetatable(L, 1)) {
        luaL_argcheck(L, lua_rawequal(L, -1, lua_upvalueindex(1)), 1, "the table has another metatable already");
        lua_pop(L, 1);
    }
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_setmetatable(L, 1);
    return 1;
}

static void add_array(lua_State *L)
{
    lua_newtable(L);
    lua_pushliteral(L, "array");
    lua_setfield(L, -2, "__jsontype");
    lua_pushcclosure(L, array, 1);
    lua_setfield(L, -2, "array");
}

LWPS_OPEN luaopen_webpubsub_core(lua_State *L)
{
    lua_newtable(L);
    add_functions(L, lwps_text_functions);
    add_functions(L, lwps_token_functions);
    add_functions(L, lwps_world_functions);
    add_array(L);
    lua_pushlightuserdata(L, NULL); /* the value that lua-cjson and ngx use for null */
    lua_setfield(L, -2, "null");
    return 1;
}
