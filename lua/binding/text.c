#include "text.h"

#include <string.h>

void lwps_text_begin(lwps_text *text, lua_State *L)
{
    text->L = L;
    text->data = text->small;
    text->size = 0;
    text->capacity = sizeof text->small;
    lua_pushnil(L);
    text->box = lua_gettop(L);
}

void lwps_text_reserve(lwps_text *text, size_t more)
{
    size_t capacity = text->capacity;
    char *memory;
    if (text->capacity - text->size >= more)
        return;
    while (capacity - text->size < more)
        capacity *= 2;
    memory = lua_newuserdata(text->L, capacity);
    memcpy(memory, text->data, text->size);
    lua_replace(text->L, text->box);
    text->data = memory;
    text->capacity = capacity;
}

void lwps_text_put(lwps_text *text, const char *data, size_t size)
{
    lwps_text_reserve(text, size);
    memcpy(text->data + text->size, data, size);
    text->size += size;
}

void lwps_text_put_char(lwps_text *text, char c)
{
    lwps_text_put(text, &c, 1);
}
