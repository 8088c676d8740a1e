#ifndef WPS_CURL_MUTE_H
#define WPS_CURL_MUTE_H

/* In a forked child, before libcurl closes a connection that the parent uses too: what TLS and HTTP/2 say to that end
 * goes nowhere. */
void wps_mute(int socket);

#endif
