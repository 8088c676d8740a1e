#include "watches.h"

#include "../src/alloc.h"

#include <string.h>

enum { FIRST = 64 };

static int grow(wps_watches *watches, size_t least)
{
    size_t count = watches->count > 0 ? watches->count : FIRST;
    wps_watch *list;

    while (count < least)
        count *= 2;
    list = wps_memory_resize(watches->list, count * sizeof *list);
    if (!list)
        return 0;
    memset(list + watches->count, 0, (count - watches->count) * sizeof *list);
    *watches = (wps_watches){list, count};
    return 1;
}

wps_watch *wps_watches_at(wps_watches *watches, int socket)
{
    if (socket < 0 || ((size_t)socket >= watches->count && !grow(watches, (size_t)socket + 1)))
        return NULL;
    return &watches->list[socket];
}

wps_watch *wps_watches_find(const wps_watches *watches, int socket)
{
    return socket >= 0 && (size_t)socket < watches->count ? &watches->list[socket] : NULL;
}

void wps_watches_release(wps_watches *watches)
{
    wps_memory_free(watches->list);
    *watches = (wps_watches){NULL, 0};
}
