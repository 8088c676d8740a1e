#include "transfer.h"

#include "../src/alloc.h"

static void put(wps_deadlines *deadlines, size_t place, wps_transfer *transfer)
{
    deadlines->heap[place] = transfer;
    transfer->heap_place = place;
}

static void move_up(wps_deadlines *deadlines, wps_transfer *transfer)
{
    size_t place = transfer->heap_place;

    while (place > 0 && deadlines->heap[(place - 1) / 2]->deadline_us > transfer->deadline_us) {
        put(deadlines, place, deadlines->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(deadlines, place, transfer);
}

static size_t earlier_child(const wps_deadlines *deadlines, size_t place)
{
    size_t left = 2 * place + 1, right = left + 1;

    if (right < deadlines->count && deadlines->heap[right]->deadline_us < deadlines->heap[left]->deadline_us)
        return right;
    return left;
}

static void move_down(wps_deadlines *deadlines, wps_transfer *transfer)
{
    size_t place = transfer->heap_place, child;

    while ((child = earlier_child(deadlines, place)) < deadlines->count &&
           deadlines->heap[child]->deadline_us < transfer->deadline_us) {
        put(deadlines, place, deadlines->heap[child]);
        place = child;
    }
    put(deadlines, place, transfer);
}

wps_status wps_deadlines_add(wps_deadlines *deadlines, wps_transfer *transfer)
{
    size_t capacity = deadlines->capacity ? deadlines->capacity * 2 : 64;
    wps_transfer **heap;

    if (deadlines->count == deadlines->capacity) {
        heap = wps_memory_resize(deadlines->heap, capacity * sizeof(wps_transfer *));
        if (!heap)
            return WPS_OUT_OF_MEMORY;
        deadlines->heap = heap;
        deadlines->capacity = capacity;
    }
    put(deadlines, deadlines->count++, transfer);
    move_up(deadlines, transfer);
    return WPS_OK;
}

void wps_deadlines_remove(wps_deadlines *deadlines, wps_transfer *transfer)
{
    wps_transfer *last = deadlines->heap[--deadlines->count];

    if (last == transfer)
        return;
    put(deadlines, transfer->heap_place, last);
    move_up(deadlines, last);
    move_down(deadlines, last);
}

wps_transfer *wps_deadlines_first(const wps_deadlines *deadlines)
{
    return deadlines->count > 0 ? deadlines->heap[0] : NULL;
}
