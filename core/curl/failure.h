/* From a CURLcode to a wps_error. */
#ifndef WPS_CURL_FAILURE_H
#define WPS_CURL_FAILURE_H

#include <webpubsub/core.h>

#include <curl/curl.h>

typedef struct wps_curl_failure {
    CURLcode code;
    const char *url;
    int started;      /* the request had started: outcome maybe_sent */
    int system_error; /* errno of the failed connect, 0 if none */
    const char
        *tls_text; /* libcurl's own words, used for TLS failures only: elsewhere they may hold a proxy's password */
} wps_curl_failure;

wps_status wps_curl_fail(wps_error *error, const wps_curl_failure *failure);

/* The same with a status and words of ours; "HOST:PORT" is put behind them. */
wps_status wps_curl_fail_as(wps_error *error, const wps_curl_failure *failure, wps_status status, const char *words);

#endif
