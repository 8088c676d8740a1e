/* Keeps SIGPIPE from the host. CURLOPT_NOSIGNAL makes libcurl leave the signal alone; its own sockets are written
 * without raising it, but a TLS library that writes to the socket itself raises it when the peer has closed.
 * (libcurl 7.88 with OpenSSL writes for it; other versions and libraries do not.) */
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
