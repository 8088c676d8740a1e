#include "loop.h"

#include "../src/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#else
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>
#endif

enum { AT_ONCE = 64 };

#if defined(__linux__)

static int open_queue(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

/* Tells the kernel what the socket is watched for. 0 or -1. */
static int tell(const wps_loop *loop, int socket, int before, int after)
{
    struct epoll_event event;
    int operation = EPOLL_CTL_MOD;

    if (before == after)
        return 0;
    memset(&event, 0, sizeof event);
    event.events = (after & WPS_LOOP_READ ? EPOLLIN : 0u) | (after & WPS_LOOP_WRITE ? EPOLLOUT : 0u);
    event.data.fd = socket;
    if (before == 0)
        operation = EPOLL_CTL_ADD;
    else if (after == 0)
        operation = EPOLL_CTL_DEL;
    return epoll_ctl(loop->fd, operation, socket, &event);
}

static int flags_of(uint32_t events)
{
    return (events & EPOLLIN ? WPS_LOOP_READ : 0) | (events & EPOLLOUT ? WPS_LOOP_WRITE : 0) |
           (events & (EPOLLERR | EPOLLHUP) ? WPS_LOOP_ERROR : 0);
}

/* Returns how many events were written. */
static int wait_for(const wps_loop *loop, int timeout_ms, wps_loop_event *events, int capacity)
{
    struct epoll_event got[AT_ONCE];
    int count = epoll_wait(loop->fd, got, capacity < AT_ONCE ? capacity : AT_ONCE, timeout_ms), i;

    for (i = 0; i < count; i++)
        events[i] = (wps_loop_event){got[i].data.fd, flags_of(got[i].events)};
    return count > 0 ? count : 0;
}

#else

static int open_queue(void)
{
    int fd = kqueue();

    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static int change(const wps_loop *loop, int socket, int filter, int before, int after)
{
    struct kevent event;

    if (before == after)
        return 0;
    EV_SET(&event, socket, filter, after ? EV_ADD : EV_DELETE, 0, 0, 0);
    return kevent(loop->fd, &event, 1, NULL, 0, NULL);
}

/* Tells the kernel what the socket is watched for. 0 or -1. */
static int tell(const wps_loop *loop, int socket, int before, int after)
{
    int read = change(loop, socket, EVFILT_READ, before & WPS_LOOP_READ, after & WPS_LOOP_READ);
    int write = change(loop, socket, EVFILT_WRITE, before & WPS_LOOP_WRITE, after & WPS_LOOP_WRITE);

    return read < 0 || write < 0 ? -1 : 0;
}

static int flags_of(const struct kevent *event)
{
    return (event->filter == EVFILT_WRITE ? WPS_LOOP_WRITE : WPS_LOOP_READ) |
           (event->flags & EV_ERROR ? WPS_LOOP_ERROR : 0);
}

/* Returns how many events were written. */
static int wait_for(const wps_loop *loop, int timeout_ms, wps_loop_event *events, int capacity)
{
    struct kevent got[AT_ONCE];
    struct timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    int count = kevent(loop->fd, NULL, 0, got, capacity < AT_ONCE ? capacity : AT_ONCE, timeout_ms < 0 ? NULL : &limit);
    int i;

    for (i = 0; i < count; i++)
        events[i] = (wps_loop_event){(int)got[i].ident, flags_of(&got[i])};
    return count > 0 ? count : 0;
}

#endif

/* ---- which sockets the kernel knows ---- */

int wps_loop_keep(wps_loop *loop, int socket)
{
    wps_watch *watch = wps_watches_at(&loop->watches, socket);

    if (watch)
        *watch = (wps_watch){0, 0, 1};
    return watch != NULL;
}

/* 0 or -1. A socket that is to be taken out may have been closed already, so a failure to do so is none. */
static int tell_watch(const wps_loop *loop, int socket, wps_watch *watch, int flags)
{
    if (watch->known == flags)
        return 0;
    if (tell(loop, socket, watch->known, flags) != 0 && flags != 0)
        return -1;
    watch->known = (unsigned char)flags;
    return 0;
}

void wps_loop_forget(wps_loop *loop, int socket)
{
    wps_watch *watch = wps_watches_find(&loop->watches, socket);

    if (!watch)
        return;
    tell_watch(loop, socket, watch, 0);
    *watch = (wps_watch){0, 0, 0};
}

/* libcurl closes the sockets of its resolver by itself, so only what is kept may stay with the kernel unwatched. */
int wps_loop_watch(wps_loop *loop, int socket, int flags)
{
    wps_watch *watch = wps_watches_at(&loop->watches, socket);

    if (!watch)
        return flags ? -1 : 0;
    watch->wanted = (unsigned char)flags;
    if (flags == 0 && watch->kept)
        return 0;
    return tell_watch(loop, socket, watch, flags);
}

/* What happens on an idle connection (its end, or bytes that nobody asked for) would be reported again and again. */
static int is_wanted(wps_loop *loop, int socket)
{
    wps_watch *watch = wps_watches_find(&loop->watches, socket);

    if (!watch || watch->wanted)
        return watch != NULL;
    tell_watch(loop, socket, watch, 0);
    return 0;
}

int wps_loop_wait(wps_loop *loop, int timeout_ms, wps_loop_event *events, int capacity)
{
    int count = wait_for(loop, timeout_ms, events, capacity), used = 0, i;

    for (i = 0; i < count; i++)
        if (events[i].socket != loop->wake[0] && is_wanted(loop, events[i].socket))
            events[used++] = events[i];
    return used;
}

/* ---- making and closing ---- */

static int open_pipe(int ends[2])
{
    int i;

    if (pipe(ends) != 0)
        return -1;
    for (i = 0; i < 2; i++)
        if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0 || fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0)
            return -1;
    return 0;
}

wps_status wps_loop_open(wps_loop *loop, wps_error *error)
{
    int number;

    *loop = (wps_loop){open_queue(), {-1, -1}, 0, {NULL, 0}};
    if (loop->fd >= 0 && open_pipe(loop->wake) == 0 && tell(loop, loop->wake[0], 0, WPS_LOOP_READ) == 0)
        return WPS_OK;
    number = errno;
    wps_loop_close(loop);
    wps_fail(error, WPS_SYSTEM_FAILED, "no descriptor to wait for requests with (%s)", strerror(number));
    if (error)
        error->native = number;
    return WPS_SYSTEM_FAILED;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void wps_loop_close(wps_loop *loop)
{
    close_one(&loop->wake[0]);
    close_one(&loop->wake[1]);
    close_one(&loop->fd);
    wps_watches_release(&loop->watches);
}

void wps_loop_wake(wps_loop *loop, int on)
{
    char byte = 0;

    if (on && !loop->awake)
        loop->awake = write(loop->wake[1], &byte, 1) == 1;
    else if (!on && loop->awake)
        loop->awake = read(loop->wake[0], &byte, 1) != 1;
}
