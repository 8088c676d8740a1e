/* One descriptor that stands for many sockets: epoll on Linux, kqueue elsewhere. */
#ifndef WPS_LOOP_H
#define WPS_LOOP_H

#include <webpubsub/core.h>

typedef struct wps_loop {
    int fd;
    int wake[2]; /* a pipe; a byte in it keeps fd readable */
    int awake;
} wps_loop;

enum { WPS_LOOP_READ = 1, WPS_LOOP_WRITE = 2, WPS_LOOP_ERROR = 4 };

typedef struct wps_loop_event {
    int socket;
    int flags;
} wps_loop_event;

/* On failure the loop is closed. */
wps_status wps_loop_open(wps_loop *loop, wps_error *error);
void wps_loop_close(wps_loop *loop);

/* Watches the socket for READ and WRITE as `after` says; `before` is what it was watched for. 0 or -1. */
int wps_loop_watch(wps_loop *loop, int socket, int before, int after);

/* Waits at most timeout_ms (-1: without limit). Returns how many events were written; an interruption is none. */
int wps_loop_wait(wps_loop *loop, int timeout_ms, wps_loop_event *events, int capacity);

void wps_loop_wake(wps_loop *loop, int on);

#endif
