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
    size_t max_response_body;   /* bytes after transfer decoding, at least 1; SIZE_MAX: no limit; default 4194304 */
    size_t max_response_header; /* bytes of all header lines, at least 1; default 65536 */
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
/* Closes the connections. A forked child may free its copy, unnoticed by the parent; it may send with it only when the
 * parent no longer does. */
WPS_API void wps_easy_free(wps_easy *easy);

/* Sends one request and waits at most timeout_ms (<= 0: WPS_TIMEOUT, WPS_NOT_SENT at once) for the whole answer.
 * Any HTTP status is WPS_OK. *out belongs to the easy handle and stays valid until its next send or free.
 * On failure error->outcome says WPS_NOT_SENT as long as the request had not started, afterwards WPS_MAYBE_SENT. */
WPS_API wps_status wps_easy_send(wps_easy *easy, const wps_request *request, int64_t timeout_ms,
                                 const wps_response **out, wps_error *error);

/* How often the last request began to be written: 0 when it was never started, more than 1 when libcurl repeated an
 * idempotent one on a new connection. */
WPS_API int wps_easy_starts(const wps_easy *easy);

/* ---- many requests at once, without waiting ---- */

/* One client with many requests in flight. One thread at a time. Nothing happens to a request outside of
 * wps_multi_poll. A request that finds no place waits in a queue of ours, in order. */
typedef struct wps_multi wps_multi;

/* options: NULL gives the defaults with 64 connections; texts are copied. At most max_connections requests are in
 * flight over HTTP/1.1; with http2, which shares connections, at most max_in_flight. max_in_flight: 0 stands for
 * max_connections. Errors as of wps_easy_new; WPS_SYSTEM_FAILED when the system has no descriptor left. */
WPS_API wps_status wps_multi_new(const wps_curl_options *options, size_t max_in_flight, wps_multi **out,
                                 wps_error *error);
/* Ends what is in flight without waiting and closes the connections. In a forked child as wps_easy_free. */
WPS_API void wps_multi_free(wps_multi *multi);

/* Takes a copy of the request, body included. The time counts while the request waits too; one whose time passes in the
 * queue fails with WPS_TIMEOUT, WPS_NOT_SENT. *id > 0 names the request and is not used again. */
WPS_API wps_status wps_multi_add(wps_multi *multi, const wps_request *request, int64_t timeout_ms, int64_t *id,
                                 wps_error *error);

/* A small number from 0 that no other request of the same wps_multi has at the same time, for tables of what belongs to
 * requests. It is free again once the next one after it is asked for by wps_multi_next, or after a cancellation. */
WPS_API size_t wps_multi_place(int64_t id);

/* Ends the request at once, whatever it is doing; it will not be among the finished ones. Returns 1 and what is known
 * of it, or 0 when there is no such request (any more). */
WPS_API int wps_multi_cancel(wps_multi *multi, int64_t id, wps_outcome *known);

/* Moves everything forward. Waits at most timeout_ms for something to do (< 0: as long as it takes, but not when there
 * is nothing to wait for). Works until nothing is left to do or budget_us microseconds have passed (< 0: without
 * limit), looking at the clock after each socket and each request; one piece of work is always done. */
WPS_API void wps_multi_poll(wps_multi *multi, int64_t timeout_ms, int64_t budget_us);

/* The next finished request, in the order of finishing: 1, its id, and either its response or its error; 0 when there
 * is none. Both stay valid until the next call of wps_multi_next or wps_multi_free. */
WPS_API int wps_multi_next(wps_multi *multi, int64_t *id, const wps_response **response, const wps_error **error);

/* As wps_easy_starts, for the request that wps_multi_next gave last. */
WPS_API int wps_multi_starts(const wps_multi *multi);

/* A descriptor that is readable while a socket of a request has something to do: for the host's own loop. It is there
 * to be waited for, not to be read. */
WPS_API int wps_multi_fd(const wps_multi *multi);
/* How long the host may wait for that descriptor before it polls: 0 when work is left, -1 when there is no limit. */
WPS_API int64_t wps_multi_timeout_ms(const wps_multi *multi);
/* While on, the descriptor stays readable, so that everybody who waits for it looks again. */
WPS_API void wps_multi_wake(wps_multi *multi, int on);

typedef struct wps_multi_counts {
    size_t waiting, in_flight, finished;
} wps_multi_counts;
WPS_API wps_multi_counts wps_multi_count(const wps_multi *multi);

#ifdef __cplusplus
}
#endif

#endif
