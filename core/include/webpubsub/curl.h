/* webpubsub/curl.h: HTTP transport on libcurl (7.87 or later). Conventions: webpubsub/core.h.
 *
 * What every transfer obeys: only http and https; redirects are not followed; no signals are used or raised; the
 * response is bounded; TLS certificates and names are verified unless told otherwise; a request that has started is
 * never repeated behind the caller's back unless it is idempotent; a running name look-up never delays a return past
 * its deadline. */
#ifndef WEBPUBSUB_CURL_H
#define WEBPUBSUB_CURL_H

#include <webpubsub/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Texts are NUL-terminated and copied. Fill with wps_curl_options_init first. */
typedef struct wps_curl_options {
    size_t struct_size;         /* set by init; lets the struct grow */
    int64_t connect_timeout_ms; /* name, connect and TLS together; default 10000 */
    size_t max_response_body;   /* bytes after transfer decoding; default 4194304 */
    size_t max_response_header; /* bytes of all header lines; default 65536 */
    const char *ca_file;        /* PEM bundle that replaces the system's; NULL: the system's */
    int verify;                 /* 0 switches certificate and name checks off; default 1 */
    const char *proxy;   /* NULL: https_proxy, http_proxy, all_proxy and no_proxy of the environment, never for loopback
                            hosts; "": none; else the URL of a proxy for every host */
    int http2;           /* 1: HTTP/2 by ALPN on https and with prior knowledge on http; default 0: HTTP/1.1 */
    int max_connections; /* connections kept open for reuse; default 4 */
} wps_curl_options;

WPS_API void wps_curl_options_init(wps_curl_options *options);

/* One blocking client with its connection cache. One thread at a time. */
typedef struct wps_easy wps_easy;

/* WPS_INVALID_ARGUMENT (an option out of range, a libcurl older than 7.87), WPS_OUT_OF_MEMORY. */
WPS_API wps_status wps_easy_new(const wps_curl_options *options, wps_easy **out, wps_error *error);
/* Closes the connections. */
WPS_API void wps_easy_free(wps_easy *easy);

/* Sends one request and waits at most timeout_ms (<= 0: WPS_TIMEOUT, WPS_NOT_SENT at once) for the whole answer.
 * Any HTTP status is WPS_OK. *out belongs to the easy handle and stays valid until its next send or free.
 * On failure error->outcome says WPS_NOT_SENT as long as the request had not started, afterwards WPS_MAYBE_SENT. */
WPS_API wps_status wps_easy_send(wps_easy *easy, const wps_request *request, int64_t timeout_ms,
                                 const wps_response **out, wps_error *error);

/* How often the last request began to be written: 0 when it was never started, more than 1 when libcurl repeated an
 * idempotent one on a new connection. */
WPS_API int wps_easy_starts(const wps_easy *easy);

#ifdef __cplusplus
}
#endif

#endif
