#include "multi.h"

#include "../src/status.h"

#include <limits.h>

enum { EVENTS_AT_ONCE = 64 };

static int64_t whole_ms(int64_t us)
{
    return us <= 0 ? 0 : (us + 999) / 1000;
}

/* ---- the way of one request ---- */

/* The transfer is in no list. A failed one has nothing in its handle that anybody may still read. */
static void finish(wps_multi *multi, wps_transfer *transfer)
{
    wps_deadlines_remove(&multi->deadlines, transfer);
    transfer->state = WPS_FINISHED;
    wps_list_append(&multi->finished, transfer);
    if (transfer->error.status != WPS_OK)
        wps_multi_release_handle(multi, transfer);
}

static wps_status refuse(wps_transfer *transfer, CURLMcode code)
{
    if (code == CURLM_OUT_OF_MEMORY)
        return wps_fail_out_of_memory(&transfer->error);
    return wps_fail(&transfer->error, WPS_NETWORK_FAILED, "libcurl takes no more requests");
}

static wps_status enter_libcurl(wps_multi *multi, wps_transfer *transfer, int64_t now)
{
    wps_handle *handle = transfer->handle;
    int64_t left = whole_ms(transfer->deadline_us - now);
    wps_status status = wps_handle_prepare(handle, transfer->request, left, &transfer->error);

    CURLMcode code;

    if (status != WPS_OK)
        return status;
    if (!multi->curl && !wps_multi_open_libcurl(multi))
        return wps_fail_out_of_memory(&transfer->error);
    multi->may_use_tls |= handle->may_use_tls;
    wps_multi_guard(multi);
    curl_easy_setopt(handle->curl, CURLOPT_PRIVATE, transfer);
    code = curl_multi_add_handle(multi->curl, handle->curl);
    return code == CURLM_OK ? WPS_OK : refuse(transfer, code);
}

static void start(wps_multi *multi, wps_transfer *transfer, int64_t now)
{
    wps_list_remove(&multi->waiting, transfer);
    transfer->handle = wps_pool_take(&multi->pool, &transfer->error);
    if (!transfer->handle || enter_libcurl(multi, transfer, now) != WPS_OK) {
        finish(multi, transfer);
        return;
    }
    transfer->state = WPS_IN_FLIGHT;
    wps_list_append(&multi->in_flight, transfer);
}

/* Nothing of it was written: its connection had something to read that nobody asked for, and is closed now. Each time
 * costs one idle connection, so it ends. */
static int is_to_be_repeated(const wps_transfer *transfer)
{
    return transfer->handle->disturbed && transfer->handle->starts == 0;
}

static void take_out(wps_multi *multi, wps_transfer *transfer, CURLcode code)
{
    int again = is_to_be_repeated(transfer);

    transfer->starts = transfer->handle->starts;
    if (!again)
        wps_handle_finish(transfer->handle, code, &transfer->error);
    wps_multi_leave_libcurl(multi, transfer);
    if (again && enter_libcurl(multi, transfer, wps_now_us()) == WPS_OK)
        wps_list_append(&multi->in_flight, transfer);
    else
        finish(multi, transfer);
}

/* libcurl knows the deadlines of those in flight too. But 7.88 drops every timer of a handle that has less than a
 * millisecond left when another one of the handle comes due, and then finds that the time is not over. */
static void expire(wps_multi *multi, wps_transfer *transfer)
{
    if (transfer->state == WPS_IN_FLIGHT) {
        take_out(multi, transfer, CURLE_OPERATION_TIMEDOUT);
        return;
    }
    wps_list_remove(&multi->waiting, transfer);
    wps_fail(&transfer->error, WPS_TIMEOUT, "the request waited for a free connection until its time was over");
    finish(multi, transfer);
}

static void collect(wps_multi *multi)
{
    CURLMsg *message;
    CURLcode code;
    void *found;
    int left;

    while ((message = curl_multi_info_read(multi->curl, &left)) != NULL) {
        code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &found);
        take_out(multi, found, code);
    }
}

/* ---- polling ---- */

typedef struct ready {
    wps_loop_event events[EVENTS_AT_ONCE];
    int count, next;
} ready;

static int can_start(const wps_multi *multi)
{
    return multi->waiting.count > 0 && multi->in_flight.count < multi->max_in_flight;
}

/* Once memory failed it inside curl_multi_socket_action, libcurl has lost count of its sockets: 7.88 leaves one
 * unwatched, and crashes when it comes upon it again. So what is in flight ends, and another multi handle takes what
 * comes. */
static void begin_anew(wps_multi *multi)
{
    wps_transfer *transfer;

    while ((transfer = multi->in_flight.first) != NULL) {
        transfer->starts = transfer->handle->starts;
        wps_handle_finish(transfer->handle, CURLE_OUT_OF_MEMORY, &transfer->error);
        wps_multi_leave_libcurl(multi, transfer);
        finish(multi, transfer);
    }
    curl_multi_cleanup(multi->curl);
    multi->curl = NULL;
    multi->timer_us = -1;
}

static void act(wps_multi *multi, curl_socket_t socket, int flags)
{
    int running;
    CURLMcode code;

    if (socket == CURL_SOCKET_TIMEOUT)
        multi->timer_us = -1; /* libcurl sets it again where it wants it */
    code = curl_multi_socket_action(multi->curl, socket, flags, &running);
    collect(multi);
    if (code == CURLM_OUT_OF_MEMORY)
        begin_anew(multi);
}

static void serve(wps_multi *multi, const wps_loop_event *event)
{
    act(multi, event->socket,
        (event->flags & WPS_LOOP_READ ? CURL_CSELECT_IN : 0) | (event->flags & WPS_LOOP_WRITE ? CURL_CSELECT_OUT : 0) |
            (event->flags & WPS_LOOP_ERROR ? CURL_CSELECT_ERR : 0));
}

/* One piece of work; 0 when there is none. */
static int step(wps_multi *multi, ready *sockets, int64_t now)
{
    wps_transfer *earliest = wps_deadlines_first(&multi->deadlines);

    if (earliest && earliest->deadline_us <= now)
        expire(multi, earliest);
    else if (sockets->next < sockets->count)
        serve(multi, &sockets->events[sockets->next++]);
    else if (multi->timer_us >= 0 && multi->timer_us <= now)
        act(multi, CURL_SOCKET_TIMEOUT, 0);
    else if (can_start(multi))
        start(multi, multi->waiting.first, now);
    else
        return 0;
    return 1;
}

static int time_to_wait(const wps_multi *multi, int64_t timeout_ms)
{
    int64_t own = wps_multi_timeout_ms(multi);

    if (timeout_ms < 0 && own < 0)
        return multi->in_flight.count > 0 ? -1 : 0;
    if (timeout_ms < 0 || (own >= 0 && own < timeout_ms))
        timeout_ms = own;
    return timeout_ms < INT_MAX ? (int)timeout_ms : INT_MAX;
}

/* Sockets that the budget leaves unserved stay readable, so the next wait reports them again. */
void wps_multi_poll(wps_multi *multi, int64_t timeout_ms, int64_t budget_us)
{
    ready sockets = {.next = 0};
    int64_t now, end;

    sockets.count = wps_loop_wait(&multi->loop, time_to_wait(multi, timeout_ms), sockets.events, EVENTS_AT_ONCE);
    now = wps_now_us();
    end = now + budget_us;
    wps_multi_guard(multi);
    while (step(multi, &sockets, now) && (budget_us < 0 || (now = wps_now_us()) < end))
        continue;
    wps_multi_unguard(multi);
}

int64_t wps_multi_timeout_ms(const wps_multi *multi)
{
    const wps_transfer *earliest = wps_deadlines_first(&multi->deadlines);
    int64_t next = multi->timer_us;

    if (multi->finished.count > 0 || can_start(multi))
        return 0;
    if (earliest && (next < 0 || earliest->deadline_us < next))
        next = earliest->deadline_us;
    return next < 0 ? -1 : whole_ms(next - wps_now_us());
}
