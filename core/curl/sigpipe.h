/* Keeps SIGPIPE from the host. CURLOPT_NOSIGNAL leaves the signal alone, and OpenSSL writes to sockets without
 * MSG_NOSIGNAL, so a TLS connection that the peer has closed would raise it. */
#ifndef WPS_SIGPIPE_H
#define WPS_SIGPIPE_H

#include <signal.h>

typedef struct wps_sigpipe {
    sigset_t before;
    int was_pending;
} wps_sigpipe;

/* Blocks SIGPIPE in the calling thread. */
void wps_sigpipe_block(wps_sigpipe *state);
/* Swallows a SIGPIPE that became pending in between and restores the mask. */
void wps_sigpipe_restore(const wps_sigpipe *state);

#endif
