#include "multi.h"

#include "options.h"

#include "../src/alloc.h"
#include "../src/status.h"

#include <limits.h>
#include <string.h>
#include <time.h>

enum { DEFAULT_CONNECTIONS = 64 };

int64_t wps_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void wps_multi_guard(wps_multi *multi)
{
    if (!multi->may_use_tls || multi->guarded)
        return;
    wps_sigpipe_block(&multi->signals);
    multi->guarded = 1;
}

void wps_multi_unguard(wps_multi *multi)
{
    if (multi->guarded)
        wps_sigpipe_restore(&multi->signals);
    multi->guarded = 0;
}

void wps_multi_release_handle(wps_multi *multi, wps_transfer *transfer)
{
    wps_pool_give_back(&multi->pool, transfer->handle);
    transfer->handle = NULL;
}

void wps_multi_leave_libcurl(wps_multi *multi, wps_transfer *transfer)
{
    curl_multi_remove_handle(multi->curl, transfer->handle->curl);
    wps_list_remove(&multi->in_flight, transfer);
}

/* ---- what libcurl calls ---- */

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *userdata, void *assigned)
{
    wps_multi *multi = userdata;
    int flags = 0;

    (void)easy, (void)assigned;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        flags |= WPS_LOOP_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        flags |= WPS_LOOP_WRITE;
    return wps_loop_watch(&multi->loop, socket, flags);
}

static int set_timer(CURLM *curl, long timeout_ms, void *userdata)
{
    wps_multi *multi = userdata;

    (void)curl;
    if (timeout_ms > 0)
        multi->timer_us = wps_now_us() + (int64_t)timeout_ms * 1000;
    else
        multi->timer_us = timeout_ms < 0 ? -1 : 0;
    return 0;
}

/* ---- making and freeing ---- */

static int set_up(wps_multi *multi)
{
    CURLM *curl = multi->curl;
    const wps_curl_options *options = &multi->pool.options;
    long sharing = options->http2 ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING;

    return curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, watch_socket) == CURLM_OK &&
           curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, multi) == CURLM_OK &&
           curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, set_timer) == CURLM_OK &&
           curl_multi_setopt(curl, CURLMOPT_TIMERDATA, multi) == CURLM_OK &&
           curl_multi_setopt(curl, CURLMOPT_PIPELINING, sharing) == CURLM_OK &&
           curl_multi_setopt(curl, CURLMOPT_MAXCONNECTS, (long)options->max_connections) == CURLM_OK &&
           curl_multi_setopt(curl, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->max_connections) == CURLM_OK;
}

int wps_multi_open_libcurl(wps_multi *multi)
{
    multi->curl = curl_multi_init();
    if (multi->curl && set_up(multi))
        return 1;
    curl_multi_cleanup(multi->curl);
    multi->curl = NULL;
    return 0;
}

static size_t limit_in_flight(const wps_curl_options *options, size_t wanted)
{
    size_t connections = (size_t)options->max_connections;

    if (wanted == 0 || (!options->http2 && wanted > connections))
        return connections;
    return wanted;
}

static wps_status open_parts(wps_multi *multi, const wps_curl_options *options, wps_error *error)
{
    wps_status status = wps_loop_open(&multi->loop, error);

    if (status != WPS_OK)
        return status;
    status = wps_pool_open(&multi->pool, options, multi->max_in_flight, &multi->loop, error);
    if (status == WPS_OK) {
        if (wps_multi_open_libcurl(multi))
            return WPS_OK;
        wps_pool_close(&multi->pool);
        status = wps_fail_out_of_memory(error);
    }
    wps_loop_close(&multi->loop);
    return status;
}

wps_status wps_multi_new(const wps_curl_options *options, size_t max_in_flight, wps_multi **out, wps_error *error)
{
    wps_curl_options checked;
    wps_multi *multi;
    wps_status status = wps_curl_options_read(options, &checked, error);

    *out = NULL;
    if (status != WPS_OK)
        return status;
    if (!options)
        checked.max_connections = DEFAULT_CONNECTIONS;
    multi = wps_memory_resize(NULL, sizeof *multi);
    if (!multi)
        return wps_fail_out_of_memory(error);
    memset(multi, 0, sizeof *multi);
    multi->timer_us = -1;
    multi->max_in_flight = limit_in_flight(&checked, max_in_flight);
    status = open_parts(multi, &checked, error);
    if (status == WPS_OK)
        *out = multi;
    else
        wps_memory_free(multi);
    return status;
}

/* Closing a TLS connection writes to it. */
void wps_multi_free(wps_multi *multi)
{
    wps_transfer *transfer;

    if (!multi)
        return;
    if (wps_loop_part(&multi->loop))
        wps_connections_mute(&multi->pool.connections);
    wps_multi_guard(multi);
    while ((transfer = multi->in_flight.first) != NULL) {
        wps_multi_leave_libcurl(multi, transfer);
        wps_multi_release_handle(multi, transfer);
    }
    for (transfer = multi->finished.first; transfer; transfer = transfer->next)
        wps_multi_release_handle(multi, transfer);
    if (multi->shown)
        wps_multi_release_handle(multi, multi->shown);
    curl_multi_cleanup(multi->curl);
    wps_pool_close(&multi->pool);
    wps_multi_unguard(multi);
    wps_loop_close(&multi->loop);
    wps_memory_free(multi->deadlines.heap);
    wps_transfers_release(&multi->transfers);
    wps_memory_free(multi);
}

/* ---- the way of one request ---- */

wps_status wps_multi_add(wps_multi *multi, const wps_request *request, int64_t timeout_ms, int64_t *id,
                         wps_error *error)
{
    wps_transfer *transfer;

    *id = 0;
    if (wps_request_method(request).size == 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the request is empty");
    if (timeout_ms <= 0)
        return wps_fail(error, WPS_TIMEOUT, "no time is left for the request");
    transfer = wps_transfers_take(&multi->transfers, request);
    if (!transfer)
        return wps_fail_out_of_memory(error);
    transfer->deadline_us = wps_now_us() + (timeout_ms < INT_MAX ? timeout_ms : INT_MAX) * 1000;
    if (wps_deadlines_add(&multi->deadlines, transfer) != WPS_OK) {
        wps_transfers_give_back(&multi->transfers, transfer);
        return wps_fail_out_of_memory(error);
    }
    transfer->state = WPS_WAITING;
    transfer->starts = 0;
    wps_list_append(&multi->waiting, transfer);
    *id = transfer->id;
    return WPS_OK;
}

size_t wps_multi_place(int64_t id)
{
    return wps_transfers_slot(id);
}

static wps_outcome outcome_of(const wps_transfer *transfer)
{
    if (transfer->state == WPS_WAITING)
        return WPS_NOT_SENT;
    if (transfer->state == WPS_IN_FLIGHT)
        return transfer->handle->starts > 0 ? WPS_MAYBE_SENT : WPS_NOT_SENT;
    return transfer->error.status == WPS_OK ? WPS_MAYBE_SENT : transfer->error.outcome;
}

int wps_multi_cancel(wps_multi *multi, int64_t id, wps_outcome *known)
{
    wps_transfer *transfer = wps_transfers_find(&multi->transfers, id);

    if (!transfer || transfer == multi->shown)
        return 0;
    *known = outcome_of(transfer);
    wps_multi_guard(multi);
    if (transfer->state != WPS_FINISHED)
        wps_deadlines_remove(&multi->deadlines, transfer);
    if (transfer->state == WPS_WAITING)
        wps_list_remove(&multi->waiting, transfer);
    else if (transfer->state == WPS_IN_FLIGHT)
        wps_multi_leave_libcurl(multi, transfer);
    else
        wps_list_remove(&multi->finished, transfer);
    wps_multi_release_handle(multi, transfer);
    wps_multi_unguard(multi);
    wps_transfers_give_back(&multi->transfers, transfer);
    return 1;
}

int wps_multi_next(wps_multi *multi, int64_t *id, const wps_response **response, const wps_error **error)
{
    wps_transfer *transfer = multi->finished.first;

    if (multi->shown) {
        wps_multi_release_handle(multi, multi->shown);
        wps_transfers_give_back(&multi->transfers, multi->shown);
    }
    multi->shown = transfer;
    if (!transfer)
        return 0;
    wps_list_remove(&multi->finished, transfer);
    *id = transfer->id;
    *response = transfer->error.status == WPS_OK ? &transfer->handle->response : NULL;
    *error = transfer->error.status == WPS_OK ? NULL : &transfer->error;
    return 1;
}

int wps_multi_starts(const wps_multi *multi)
{
    return multi->shown ? multi->shown->starts : 0;
}

int wps_multi_fd(const wps_multi *multi)
{
    return multi->loop.fd;
}

void wps_multi_wake(wps_multi *multi, int on)
{
    wps_loop_wake(&multi->loop, on);
}

wps_multi_counts wps_multi_count(const wps_multi *multi)
{
    return (wps_multi_counts){multi->waiting.count, multi->in_flight.count, multi->finished.count};
}
