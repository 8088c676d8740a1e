/* One request on its way through a wps_multi, and the lists it stands in. */
#ifndef WPS_TRANSFER_H
#define WPS_TRANSFER_H

#include "handle.h"

typedef enum wps_transfer_state { WPS_UNUSED, WPS_WAITING, WPS_IN_FLIGHT, WPS_FINISHED } wps_transfer_state;

typedef struct wps_transfer {
    struct wps_transfer *previous, *next; /* in the list of its state */
    wps_transfer_state state;
    int64_t id;          /* changes with each use */
    int64_t deadline_us; /* monotonic */
    size_t heap_place;   /* until it is finished: where it stands in wps_deadlines */
    wps_request *request;
    wps_handle *handle; /* in flight, and while a response in it may be read; else NULL */
    int starts;         /* how often it began to be written */
    wps_error error;    /* status WPS_OK when it was answered */
} wps_transfer;

typedef struct wps_transfer_list {
    wps_transfer *first, *last;
    size_t count;
} wps_transfer_list;

void wps_list_append(wps_transfer_list *list, wps_transfer *transfer);
void wps_list_remove(wps_transfer_list *list, wps_transfer *transfer);

/* All transfers there ever were; the unused ones keep their memory for the next request. */
typedef struct wps_transfers {
    wps_transfer **slots;
    size_t count, capacity;
    wps_transfer_list unused;
} wps_transfers;

/* A copy of the request under a new id, in no list; NULL: out of memory. */
wps_transfer *wps_transfers_take(wps_transfers *all, const wps_request *request);
void wps_transfers_give_back(wps_transfers *all, wps_transfer *transfer);
/* Its index in `slots`. */
size_t wps_transfers_slot(int64_t id);
/* NULL when the id is not in use. */
wps_transfer *wps_transfers_find(const wps_transfers *all, int64_t id);
void wps_transfers_release(wps_transfers *all);

/* ---- deadlines.c: the unfinished transfers, the earliest deadline on top ---- */

typedef struct wps_deadlines {
    wps_transfer **heap;
    size_t count, capacity;
} wps_deadlines;

wps_status wps_deadlines_add(wps_deadlines *deadlines, wps_transfer *transfer);
void wps_deadlines_remove(wps_deadlines *deadlines, wps_transfer *transfer);
/* NULL when there is none. */
wps_transfer *wps_deadlines_first(const wps_deadlines *deadlines);

#endif
