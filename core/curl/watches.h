/* What each socket of a loop is watched for, and what the kernel was told about it. Kept by descriptor numbers, which
 * are small and used again. */
#ifndef WPS_WATCHES_H
#define WPS_WATCHES_H

#include <stddef.h>

enum { WPS_LOOP_READ = 1, WPS_LOOP_WRITE = 2, WPS_LOOP_ERROR = 4 };

typedef struct wps_watch {
    unsigned char wanted; /* WPS_LOOP_READ | WPS_LOOP_WRITE */
    unsigned char known;  /* to the kernel */
    unsigned char kept;   /* see wps_loop_keep */
} wps_watch;

typedef struct wps_watches {
    wps_watch *list;
    size_t count;
} wps_watches;

/* The entry of a socket, made when it is new; NULL: out of memory, or no descriptor. */
wps_watch *wps_watches_at(wps_watches *watches, int socket);

/* NULL when there is none. */
wps_watch *wps_watches_find(const wps_watches *watches, int socket);

void wps_watches_release(wps_watches *watches);

#endif
