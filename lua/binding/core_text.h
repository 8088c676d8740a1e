/* The functions of webpubsub.core, by subject. Each list ends with {NULL, NULL}. */
#ifndef LWPS_CORE_TEXT_H
#define LWPS_CORE_TEXT_H

#include "compat.h"

extern const luaL_Reg lwps_text_functions[];  /* encodings and JSON read without decoding */
extern const luaL_Reg lwps_token_functions[]; /* connection string, endpoint, tokens, signature, header rules */
extern const luaL_Reg lwps_world_functions[]; /* clocks, random ids */

#endif
