#include "transfer.h"

#include "../src/alloc.h"

#include <string.h>

/* An id is (number of uses << SLOT_BITS) | slot. It stays below 2^53, so that a Lua number holds it. */
enum { SLOT_BITS = 20, SLOT_COUNT = 1 << SLOT_BITS };

void wps_list_append(wps_transfer_list *list, wps_transfer *transfer)
{
    transfer->previous = list->last;
    transfer->next = NULL;
    if (list->last)
        list->last->next = transfer;
    else
        list->first = transfer;
    list->last = transfer;
    list->count++;
}

void wps_list_remove(wps_transfer_list *list, wps_transfer *transfer)
{
    if (transfer->previous)
        transfer->previous->next = transfer->next;
    else
        list->first = transfer->next;
    if (transfer->next)
        transfer->next->previous = transfer->previous;
    else
        list->last = transfer->previous;
    list->count--;
}

static int reserve_slot(wps_transfers *all)
{
    size_t capacity = all->capacity ? all->capacity * 2 : 64;
    wps_transfer **slots;

    if (all->count < all->capacity)
        return 1;
    if (capacity > SLOT_COUNT)
        return 0;
    slots = wps_memory_resize(all->slots, capacity * sizeof(wps_transfer *));
    if (!slots)
        return 0;
    all->slots = slots;
    all->capacity = capacity;
    return 1;
}

static wps_transfer *make(wps_transfers *all)
{
    wps_transfer *transfer;

    if (!reserve_slot(all))
        return NULL;
    transfer = wps_memory_resize(NULL, sizeof *transfer);
    if (!transfer)
        return NULL;
    memset(transfer, 0, sizeof *transfer);
    if (wps_request_new((wps_view){"GET", 3}, (wps_view){"http://h/", 9}, &transfer->request, NULL) != WPS_OK) {
        wps_memory_free(transfer);
        return NULL;
    }
    transfer->id = (int64_t)all->count;
    all->slots[all->count++] = transfer;
    return transfer;
}

wps_transfer *wps_transfers_take(wps_transfers *all, const wps_request *request)
{
    wps_transfer *transfer = all->unused.first;

    if (transfer)
        wps_list_remove(&all->unused, transfer);
    else
        transfer = make(all);
    if (!transfer)
        return NULL;
    transfer->id += SLOT_COUNT;
    memset(&transfer->error, 0, sizeof transfer->error);
    if (wps_request_copy(transfer->request, request) == WPS_OK)
        return transfer;
    wps_transfers_give_back(all, transfer);
    return NULL;
}

void wps_transfers_give_back(wps_transfers *all, wps_transfer *transfer)
{
    transfer->state = WPS_UNUSED;
    wps_list_append(&all->unused, transfer);
}

size_t wps_transfers_slot(int64_t id)
{
    return (size_t)(id & (SLOT_COUNT - 1));
}

wps_transfer *wps_transfers_find(const wps_transfers *all, int64_t id)
{
    size_t slot = wps_transfers_slot(id);
    wps_transfer *transfer;

    if (id <= 0 || slot >= all->count)
        return NULL;
    transfer = all->slots[slot];
    return transfer->id == id && transfer->state != WPS_UNUSED ? transfer : NULL;
}

void wps_transfers_release(wps_transfers *all)
{
    size_t i;

    for (i = 0; i < all->count; i++) {
        wps_request_free(all->slots[i]->request);
        wps_memory_free(all->slots[i]);
    }
    wps_memory_free(all->slots);
}
