/* Lua values as exact JSON text. */
#ifndef LWPS_JSON_H
#define LWPS_JSON_H

#include "compat.h"

/* Nesting of a message, counted in tables. */
#define LWPS_JSON_DEPTH 100

/* core.json_encode(value) → text | nil, sentence. The sentence names the place inside the value: `data.scores[3] is
 * NaN`. */
int lwps_json_encode(lua_State *L);

#endif
