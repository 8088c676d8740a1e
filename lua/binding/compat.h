/* One spelling of the Lua C API for Lua 5.1, LuaJIT, 5.3 and 5.4. */
#ifndef LWPS_COMPAT_H
#define LWPS_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#endif

#if LUA_VERSION_NUM < 503
#define LWPS_HAS_INTEGERS 0
#else
#define LWPS_HAS_INTEGERS 1
#endif

/* The loader that `require` looks for must be visible although everything else is hidden. */
#if defined(_WIN32)
#define LWPS_OPEN __declspec(dllexport) int
#elif defined(__GNUC__)
#define LWPS_OPEN __attribute__((visibility("default"))) int
#else
#define LWPS_OPEN int
#endif

#endif
