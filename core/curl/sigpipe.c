#include "sigpipe.h"

#include <errno.h>
#include <time.h>

static int is_pending(void)
{
    sigset_t pending;

    sigemptyset(&pending);
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

static void only_sigpipe(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
}

void wps_sigpipe_block(wps_sigpipe *state)
{
    sigset_t blocked;

    state->was_pending = is_pending();
    only_sigpipe(&blocked);
    pthread_sigmask(SIG_BLOCK, &blocked, &state->before);
}

/* macOS has no sigtimedwait; a SIGPIPE of this thread's own writes stays pending for it, so sigwait returns at once. */
static void swallow(void)
{
    sigset_t wanted;
#if defined(__APPLE__)
    int number;

    only_sigpipe(&wanted);
    sigwait(&wanted, &number);
#else
    const struct timespec no_wait = {0, 0};

    only_sigpipe(&wanted);
    while (sigtimedwait(&wanted, NULL, &no_wait) == -1 && errno == EINTR)
        continue;
#endif
}

void wps_sigpipe_restore(const wps_sigpipe *state)
{
    if (!state->was_pending && is_pending())
        swallow();
    pthread_sigmask(SIG_SETMASK, &state->before, NULL);
}
