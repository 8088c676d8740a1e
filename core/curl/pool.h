/* Handles for transfers, made when they are needed and used again. */
#ifndef WPS_POOL_H
#define WPS_POOL_H

#include "handle.h"

typedef struct wps_pool {
    wps_curl_options options;    /* its texts are copies */
    wps_connections connections; /* outlives libcurl's cache: closing a connection goes through it */
    wps_handle *unused;
    size_t unused_count, most_unused;
} wps_pool;

/* The loop watches its connections and outlives them. On failure the pool is closed. */
wps_status wps_pool_open(wps_pool *pool, const wps_curl_options *options, size_t most_unused, wps_loop *loop,
                         wps_error *error);
void wps_pool_close(wps_pool *pool);
/* NULL, with *error filled, when there is none to be had. */
wps_handle *wps_pool_take(wps_pool *pool, wps_error *error);
/* NULL is fine. */
void wps_pool_give_back(wps_pool *pool, wps_handle *handle);

#endif
