/* Text that grows while Lua may raise at any moment: on the C stack while it is short, then in a userdata, so nothing
 * leaks. */
#ifndef LWPS_TEXT_H
#define LWPS_TEXT_H

#include "compat.h"

#define LWPS_TEXT_SMALL 1024

typedef struct lwps_text {
    lua_State *L;
    char *data;
    size_t size, capacity;
    int box; /* stack index of the memory */
    char small[LWPS_TEXT_SMALL];
} lwps_text;

/* Pushes one value, which must stay where it is while the text is used. The text is not copied. */
void lwps_text_begin(lwps_text *text, lua_State *L);
/* Room for `more` bytes behind data + size. Raises Lua's memory error; needs one free stack slot. */
void lwps_text_reserve(lwps_text *text, size_t more);
void lwps_text_put(lwps_text *text, const char *data, size_t size);
void lwps_text_put_char(lwps_text *text, char c);

#endif
