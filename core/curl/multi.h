/* The inside of a wps_multi: multi.c makes it and takes requests in and out, poll.c moves them. */
#ifndef WPS_MULTI_H
#define WPS_MULTI_H

#include "loop.h"
#include "pool.h"
#include "sigpipe.h"
#include "transfer.h"

struct wps_multi {
    CURLM *curl; /* NULL after libcurl ran out of memory, until it is needed again */
    wps_loop loop;
    wps_pool pool;
    size_t max_in_flight;
    int64_t timer_us; /* when libcurl wants to be called, -1: not */

    wps_transfers transfers;
    wps_transfer_list waiting, in_flight, finished;
    wps_deadlines deadlines; /* of those that wait and those in flight, see expire */
    wps_transfer *shown;     /* the one that wps_multi_next gave out */

    int may_use_tls; /* a transfer did, and its connection may still be open */
    int guarded;     /* SIGPIPE is blocked now */
    wps_sigpipe signals;
};

/* Makes multi->curl. 0: out of memory, and it is NULL. */
int wps_multi_open_libcurl(wps_multi *multi);

/* Monotonic. */
int64_t wps_now_us(void);

/* Around everything that may write to a TLS connection. */
void wps_multi_guard(wps_multi *multi);
void wps_multi_unguard(wps_multi *multi);

/* Out of libcurl; the transfer is then in no list. */
void wps_multi_leave_libcurl(wps_multi *multi, wps_transfer *transfer);
void wps_multi_release_handle(wps_multi *multi, wps_transfer *transfer);

#endif
