/* One libcurl easy handle and what is needed to make transfers with it, one after the other. Whoever drives it
 * (blocking, or many at once) prepares, lets libcurl run, and finishes. */
#ifndef WPS_CURL_HANDLE_H
#define WPS_CURL_HANDLE_H

#include "connections.h"
#include "sockets.h"
#include "url.h"

#include "../src/request.h"
#include "../src/response.h"

#include <webpubsub/curl.h>

#include <curl/curl.h>

typedef struct wps_handle {
    CURL *curl;
    struct wps_handle *next;      /* among the unused ones of a pool */
    wps_sockets sockets;          /* when it has connections of its own */
    wps_connections *connections; /* those it shares with others, or NULL */
    int64_t connect_timeout_ms;
    size_t max_body, max_header;
    int http2;
    int environment_proxy; /* the proxy is chosen per host from the environment */
    int tls_proxy;         /* the proxy that the options name is reached over TLS */
    int may_use_tls;       /* this transfer does, or one before it did and its connection may still be open */

    /* what is set on the handle already; a request for the same host need not set it again */
    long http_version; /* 0: nothing yet */
    int proxy_choice;  /* 1 the environment's, 0 none, -1 nothing yet */
    wps_url target;

    struct curl_slist *lines; /* array; its nodes look at the request's own header lines */
    size_t line_capacity;
    const char *url; /* of the request, for error sentences; the request's own text */

    /* of the running transfer */
    int idempotent;
    int disturbed;      /* not started, because its connection had something to read before */
    int starts;         /* how often libcurl began to send the request */
    size_t header_size; /* bytes of header lines received, those of 1xx answers and trailers included */
    int informational;  /* the current header block belongs to a 1xx answer */
    int header_ended;   /* the final answer's header is complete; further lines are trailers */
    wps_status stopped; /* why a callback ended the transfer; WPS_OK if none did */
    wps_response response;
    char error_text[CURL_ERROR_SIZE];
} wps_handle;

/* `options` have passed wps_curl_options_read. On failure the handle is closed. */
wps_status wps_handle_open(wps_handle *handle, const wps_curl_options *options, wps_error *error);
void wps_handle_close(wps_handle *handle);

/* Makes it one of those that share connections. */
wps_status wps_handle_share(wps_handle *handle, wps_connections *connections, wps_error *error);

/* The request must stay unchanged until wps_handle_finish. timeout_ms > 0. */
wps_status wps_handle_prepare(wps_handle *handle, const wps_request *request, int64_t timeout_ms, wps_error *error);

/* Turns libcurl's verdict into ours; on WPS_OK handle->response is complete. */
wps_status wps_handle_finish(wps_handle *handle, CURLcode code, wps_error *error);

/* ---- receive.c: callbacks, userdata is the wps_handle ---- */

void wps_receive_begin(wps_handle *handle, const wps_request *request);
int wps_receive_start(void *userdata, char *peer_ip, char *local_ip, int peer_port, int local_port);
size_t wps_receive_header(char *data, size_t size, size_t count, void *userdata);
size_t wps_receive_body(char *data, size_t size, size_t count, void *userdata);

/* ---- prepare.c ---- */

/* Sets what differs from one request to the next. */
CURLcode wps_prepare_request(wps_handle *handle, const wps_request *request, int64_t timeout_ms);

#endif
