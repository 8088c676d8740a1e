/* A hostile machine: allocations that fail, and a page that must not be touched. */
#ifndef WPS_TEST_MEMORY_H
#define WPS_TEST_MEMORY_H

#include "test.h"

/* What is run gives back everything it took when it succeeds. */
typedef wps_status (*fallible)(void *context);

/* Runs with the first allocation failing, then the second, and so on until none fails. Each failed run must answer
 * WPS_OUT_OF_MEMORY and leave nothing allocated; at least one must happen. */
void assert_survives_failed_allocations(fallible run, void *context);
/* The same, sparing the first `spared` allocations of each run. */
void assert_survives_failed_allocations_after(size_t spared, fallible run, void *context);

/* Runs with a counting allocator: the answer must be WPS_OK and nothing may stay allocated. Returns the number of calls
 * that allocated or grew something. */
size_t count_allocations(fallible run, void *context);

/* Calls `check` with every truncation and every change of one byte of `valid`, and with `valid` itself. The text ends
 * at a page that cannot be read, so that one byte too far is a crash. */
void for_each_damage(wps_view valid, void (*check)(wps_view text, void *context), void *context);

/* A copy of `text` that ends at such a page; freed with guard_free. */
typedef struct guard {
    char *pages;
    size_t size;
} guard;
wps_view guard_copy(guard *guarded, wps_view text);
void guard_free(guard *guarded);

#endif
