#ifndef WPS_LOOPBACK_H
#define WPS_LOOPBACK_H

#include <webpubsub/core.h>

/* Is the host of the URL localhost, a name under it, an address of 127.0.0.0/8, or [::1]? */
int wps_is_loopback_url(wps_view url);

#endif
