/* The replaceable allocator; every byte this library owns comes from here. */
#ifndef WPS_ALLOC_H
#define WPS_ALLOC_H

#include "sibling.h"

/* NULL when the allocator refuses; `pointer` is then unchanged. `size` is never 0. */
WPS_SIBLING void *wps_memory_resize(void *pointer, size_t size);
/* NULL is fine. */
WPS_SIBLING void wps_memory_free(void *pointer);

#endif
