/* One descriptor that stands for many sockets: epoll on Linux, kqueue elsewhere. */
#ifndef WPS_LOOP_H
#define WPS_LOOP_H

#include "watches.h"

#include <webpubsub/core.h>

typedef struct wps_loop {
    int fd;
    int wake[2]; /* a pipe; a byte in it keeps fd readable */
    int awake;
    wps_watches watches;
} wps_loop;

typedef struct wps_loop_event {
    int socket;
    int flags; /* WPS_LOOP_READ, … */
} wps_loop_event;

/* On failure the loop is closed. */
wps_status wps_loop_open(wps_loop *loop, wps_error *error);
void wps_loop_close(wps_loop *loop);

/* From now on until wps_loop_forget the loop may leave the socket with the kernel while nobody watches it: a connection
 * is idle between two requests, and taking it out and in again costs more than reading an answer. 0: no memory. */
int wps_loop_keep(wps_loop *loop, int socket);

/* The socket is about to be closed. */
void wps_loop_forget(wps_loop *loop, int socket);

/* Watches the socket for READ and WRITE as `flags` says, 0: not any more. 0 or -1. */
int wps_loop_watch(wps_loop *loop, int socket, int flags);

/* Waits at most timeout_ms (-1: without limit). Returns how many events were written; an interruption is none, and so
 * is what happened on a socket that nobody watches. */
int wps_loop_wait(wps_loop *loop, int timeout_ms, wps_loop_event *events, int capacity);

void wps_loop_wake(wps_loop *loop, int on);

#endif
