#include "pool.h"

#include "../src/alloc.h"
#include "../src/status.h"

#include <string.h>

/* NULL stays NULL. Returns whether there was memory. */
static int copy_text(const char **text)
{
    size_t size = *text ? strlen(*text) + 1 : 0;
    char *copy = *text ? wps_memory_resize(NULL, size) : NULL;
    int missing = *text && !copy;

    if (copy)
        memcpy(copy, *text, size);
    *text = copy;
    return !missing;
}

static wps_handle *open_handle(wps_pool *pool, wps_error *error)
{
    wps_handle *handle = wps_memory_resize(NULL, sizeof *handle);

    if (!handle) {
        wps_fail_out_of_memory(error);
        return NULL;
    }
    if (wps_handle_open(handle, &pool->options, error) == WPS_OK) {
        if (wps_handle_share(handle, &pool->connections, error) == WPS_OK)
            return handle;
        wps_handle_close(handle);
    }
    wps_memory_free(handle);
    return NULL;
}

static void close_handle(wps_handle *handle)
{
    wps_handle_close(handle);
    wps_memory_free(handle);
}

/* The first handle is opened at once, so that options that libcurl refuses are refused here. */
wps_status wps_pool_open(wps_pool *pool, const wps_curl_options *options, size_t most_unused, wps_loop *loop,
                         wps_error *error)
{
    wps_error inner;
    wps_handle *handle = NULL;
    int ca_file, proxy, connections;

    *pool = (wps_pool){*options, {NULL, 0, 0, loop, 0}, NULL, 0, most_unused};
    ca_file = copy_text(&pool->options.ca_file);
    proxy = copy_text(&pool->options.proxy);
    /* libcurl may try two addresses for one connection. */
    connections = wps_connections_reserve(&pool->connections, 2 * (size_t)options->max_connections);
    wps_fail_out_of_memory(&inner);
    if (ca_file && proxy && connections)
        handle = open_handle(pool, &inner);
    if (handle) {
        wps_pool_give_back(pool, handle);
        return WPS_OK;
    }
    if (error)
        *error = inner;
    wps_pool_close(pool);
    return inner.status;
}

void wps_pool_close(wps_pool *pool)
{
    wps_handle *handle;

    while ((handle = pool->unused) != NULL) {
        pool->unused = handle->next;
        close_handle(handle);
    }
    wps_connections_release(&pool->connections);
    wps_memory_free((char *)(uintptr_t)pool->options.ca_file);
    wps_memory_free((char *)(uintptr_t)pool->options.proxy);
    pool->options.ca_file = pool->options.proxy = NULL;
}

wps_handle *wps_pool_take(wps_pool *pool, wps_error *error)
{
    wps_handle *handle = pool->unused;

    if (!handle)
        return open_handle(pool, error);
    pool->unused = handle->next;
    pool->unused_count--;
    return handle;
}

void wps_pool_give_back(wps_pool *pool, wps_handle *handle)
{
    if (!handle)
        return;
    if (pool->unused_count >= pool->most_unused) {
        close_handle(handle);
        return;
    }
    wps_response_clear(&handle->response);
    handle->next = pool->unused;
    pool->unused = handle;
    pool->unused_count++;
}
