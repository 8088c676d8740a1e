/* The URL that is set on an easy handle, parsed. libcurl parses a text anew for each transfer, which costs a tenth of a
 * request over a warm connection; loops send to one URL again and again. */
#ifndef WPS_CURL_URL_H
#define WPS_CURL_URL_H

#include "../src/buffer.h"

#include <curl/curl.h>

/* Zero-initialised is none. */
typedef struct wps_url {
    CURLU *parts;    /* what libcurl looks at when a transfer begins */
    wps_buffer text; /* what `parts` were made of; empty: they are not set */
} wps_url;

/* Sets the URL of the next transfer, a text that ends in a zero byte. What cannot be parsed is left for libcurl to
 * refuse. */
CURLcode wps_url_set(wps_url *url, CURL *curl, wps_view text);

/* Sets it again on a handle that was made of the one it is set on. */
CURLcode wps_url_move(const wps_url *url, CURL *curl);

int wps_url_is_https(const char *text);

/* When no handle has it any more. */
void wps_url_release(wps_url *url);

#endif
