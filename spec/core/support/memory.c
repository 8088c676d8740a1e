#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

/* ---- allocations ---- */

typedef struct meter {
    size_t calls, live;
    size_t fail_at; /* 0: never */
} meter;

static void *metered_realloc(void *context, void *pointer, size_t size)
{
    meter *m = context;
    void *result;

    m->calls++;
    if (m->calls == m->fail_at)
        return NULL;
    result = realloc(pointer, size);
    m->live += pointer == NULL;
    return result;
}

static void metered_free(void *context, void *pointer)
{
    meter *m = context;

    assert_non_null(pointer);
    m->live--;
    free(pointer);
}

static wps_status run_metered(fallible run, void *context, meter *m)
{
    wps_allocator allocator = {metered_realloc, metered_free, m};
    wps_status status;

    wps_set_allocator(&allocator);
    status = run(context);
    wps_set_allocator(NULL);
    assert_int_equal(m->live, 0);
    return status;
}

void assert_survives_failed_allocations(fallible run, void *context)
{
    assert_survives_failed_allocations_after(0, run, context);
}

void assert_survives_failed_allocations_after(size_t spared, fallible run, void *context)
{
    size_t n = spared + 1;

    for (;; n++) {
        meter m = {0, 0, n};
        wps_status status = run_metered(run, context, &m);
        if (m.calls < n) {
            assert_status(status, WPS_OK);
            break;
        }
        assert_status(status, WPS_OUT_OF_MEMORY);
    }
    assert_true(n > spared + 1);
}

size_t count_allocations(fallible run, void *context)
{
    meter m = {0, 0, 0};

    assert_status(run_metered(run, context, &m), WPS_OK);
    return m.calls;
}

/* ---- guard page ---- */

wps_view guard_copy(guard *guarded, wps_view text)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t readable = (text.size / page + 1) * page;
    char *start;

    guarded->size = readable + page;
    guarded->pages = mmap(NULL, guarded->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    assert_true(guarded->pages != MAP_FAILED);
    assert_int_equal(mprotect(guarded->pages + readable, page, PROT_NONE), 0);
    start = guarded->pages + readable - text.size;
    if (text.size > 0)
        memcpy(start, text.data, text.size);
    return (wps_view){start, text.size};
}

void guard_free(guard *guarded)
{
    munmap(guarded->pages, guarded->size);
}

void for_each_damage(wps_view valid, void (*check)(wps_view text, void *context), void *context)
{
    guard guarded;
    wps_view copy = guard_copy(&guarded, valid);
    char *bytes = guarded.pages + (copy.data - guarded.pages), *end = bytes + valid.size;
    size_t i;
    int value;

    for (i = 0; i < valid.size; i++) {
        char saved = bytes[i];
        for (value = 0; value < 256; value++) {
            bytes[i] = (char)value;
            check(copy, context);
        }
        bytes[i] = saved;
    }
    for (i = 0; i <= valid.size; i++) {
        memcpy(end - i, valid.data, i);
        check((wps_view){end - i, i}, context);
    }
    guard_free(&guarded);
}
