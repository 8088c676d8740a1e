/* How a transport fills a response. */
#ifndef WPS_RESPONSE_H
#define WPS_RESPONSE_H

#include "buffer.h"

struct wps_response {
    int status;
    wps_buffer header; /* lines as received, without status line and final empty line */
    wps_buffer body;
};

/* Empties it for the next answer; memory beyond the usual size is given back. */
WPS_SIBLING void wps_response_clear(wps_response *response);
/* Frees what it owns, not the struct itself. */
WPS_SIBLING void wps_response_release(wps_response *response);

#endif
