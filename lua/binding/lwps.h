/* What all modules of the binding share: arguments in, texts and failures out. push_… returns, check_… raises. */
#ifndef LWPS_H
#define LWPS_H

#include "compat.h"

#include <webpubsub/core.h>

/* A module table with these functions on the top of the stack. */
void lwps_new_library(lua_State *L, const luaL_Reg *functions);

/* Leaves the metatable `type` on the stack, with `methods` behind __index; created on the first call. `collect` is
 * __gc, and
 * __close where the Lua has it. The metatable is locked: its fields cannot be reached from Lua. */
void lwps_new_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction collect);

/* A string argument (numbers are refused: a key or an id is text). Raises. */
wps_view lwps_check_view(lua_State *L, int argument);

/* A number of seconds as milliseconds, rounded up so that a short wait never becomes none; clamped to [-1, a day *
 * 1000]. */
int64_t lwps_milliseconds(lua_Number seconds);

/* Seconds since an arbitrary moment; only ever goes forward. What webpubsub.core.monotonic answers. */
lua_Number lwps_monotonic(void);

/* nil, sentence, word → 3 */
int lwps_push_failure(lua_State *L, const wps_error *error);
/* The same for functions that fill no wps_error. */
int lwps_push_status(lua_State *L, wps_status status, const char *sentence);

/* Pushes what a text-producing function writes: on the C stack when short, in Lua's memory otherwise.
 * WPS_OK with the string pushed, or the writer's status with nothing pushed. */
typedef wps_status (*lwps_writer)(const void *input, char *out, size_t capacity, size_t *needed);
wps_status lwps_push_written(lua_State *L, lwps_writer writer, const void *input);

#endif
