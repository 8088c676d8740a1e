#include "alloc.h"

#include <stdlib.h>

static void *libc_realloc(void *context, void *pointer, size_t size)
{
    (void)context;
    return realloc(pointer, size);
}

static void libc_free(void *context, void *pointer)
{
    (void)context;
    free(pointer);
}

static const wps_allocator libc_allocator = {libc_realloc, libc_free, NULL};
static wps_allocator current = {libc_realloc, libc_free, NULL};

void wps_set_allocator(const wps_allocator *allocator)
{
    current = allocator ? *allocator : libc_allocator;
}

void *wps_memory_resize(void *pointer, size_t size)
{
    return current.realloc(current.context, pointer, size);
}

void wps_memory_free(void *pointer)
{
    if (pointer)
        current.free(current.context, pointer);
}
