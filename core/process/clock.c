#include "clock.h"

#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t wps_deadline_after(int64_t timeout_ms)
{
    int64_t now = now_ms();

    return timeout_ms < 0 || timeout_ms > INT64_MAX - now ? -1 : now + timeout_ms;
}

int64_t wps_time_left(int64_t deadline)
{
    int64_t left;

    if (deadline < 0)
        return -1;
    left = deadline - now_ms();
    return left > 0 ? left : 0;
}
