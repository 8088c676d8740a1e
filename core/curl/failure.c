#include "failure.h"

#include "../src/status.h"

#include <stdio.h>
#include <string.h>

typedef struct row {
    CURLcode code;
    wps_status status;
    const char *words; /* "HOST:PORT" follows */
} row;

/* Before the request has started. What is not here is WPS_NETWORK_FAILED, as is everything after it not in `after`. */
static const row before[] = {
    {CURLE_URL_MALFORMAT, WPS_INVALID_ARGUMENT, "the URL cannot be read:"},
    {CURLE_UNSUPPORTED_PROTOCOL, WPS_INVALID_ARGUMENT, "only http and https can be spoken with"},
    {CURLE_COULDNT_RESOLVE_HOST, WPS_RESOLVE_FAILED, "could not resolve the name of"},
    {CURLE_COULDNT_RESOLVE_PROXY, WPS_RESOLVE_FAILED, "could not resolve the name of the proxy for"},
    {CURLE_COULDNT_CONNECT, WPS_CONNECT_FAILED, "could not connect to"},
    {CURLE_PROXY, WPS_CONNECT_FAILED, "the proxy gave no connection to"},
    {CURLE_SEND_ERROR, WPS_CONNECT_FAILED, "lost the connection while it was made to"},
    {CURLE_RECV_ERROR, WPS_CONNECT_FAILED, "lost the connection while it was made to"},
    {CURLE_GOT_NOTHING, WPS_CONNECT_FAILED, "lost the connection while it was made to"},
    {CURLE_HTTP2, WPS_CONNECT_FAILED, "no HTTP/2 connection to"},
    {CURLE_OPERATION_TIMEDOUT, WPS_TIMEOUT, "no connection in time to"},
    {CURLE_SSL_CONNECT_ERROR, WPS_TLS_FAILED, "no TLS connection to"},
    {CURLE_PEER_FAILED_VERIFICATION, WPS_TLS_FAILED, "no trusted TLS connection to"},
    {CURLE_SSL_ISSUER_ERROR, WPS_TLS_FAILED, "no trusted TLS connection to"},
    {CURLE_SSL_CACERT_BADFILE, WPS_TLS_FAILED, "no usable CA file for the TLS connection to"},
    {CURLE_SSL_CERTPROBLEM, WPS_TLS_FAILED, "no TLS connection to"},
    {CURLE_SSL_CIPHER, WPS_TLS_FAILED, "no TLS connection to"},
    {CURLE_USE_SSL_FAILED, WPS_TLS_FAILED, "no TLS connection to"},
    {CURLE_OUT_OF_MEMORY, WPS_OUT_OF_MEMORY, "out of memory for a request to"},
};

static const row after[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, WPS_BAD_RESPONSE, "no HTTP answer from"},
    {CURLE_WEIRD_SERVER_REPLY, WPS_BAD_RESPONSE, "no HTTP answer from"},
    {CURLE_BAD_CONTENT_ENCODING, WPS_BAD_RESPONSE, "an answer that cannot be decoded from"},
    {CURLE_FILESIZE_EXCEEDED, WPS_RESPONSE_TOO_LARGE, "an answer over its size limit from"},
    {CURLE_GOT_NOTHING, WPS_CONNECTION_LOST, "the connection ended before an answer came from"},
    {CURLE_SEND_ERROR, WPS_CONNECTION_LOST, "the connection ended before the answer was complete from"},
    {CURLE_RECV_ERROR, WPS_CONNECTION_LOST, "the connection ended before the answer was complete from"},
    {CURLE_PARTIAL_FILE, WPS_CONNECTION_LOST, "the connection ended before the answer was complete from"},
    {CURLE_HTTP2, WPS_CONNECTION_LOST, "the HTTP/2 connection failed with"},
    {CURLE_HTTP2_STREAM, WPS_CONNECTION_LOST, "the HTTP/2 stream was ended early by"},
    {CURLE_OPERATION_TIMEDOUT, WPS_TIMEOUT, "no complete answer in time from"},
    {CURLE_OUT_OF_MEMORY, WPS_OUT_OF_MEMORY, "out of memory for the answer of"},
};

static const row *find_row(const wps_curl_failure *failure)
{
    static const row other = {CURLE_OK, WPS_NETWORK_FAILED, "the transfer failed with"};
    const row *rows = failure->started ? after : before;
    size_t count = failure->started ? sizeof after / sizeof after[0] : sizeof before / sizeof before[0];
    size_t i;

    for (i = 0; i < count; i++)
        if (rows[i].code == failure->code)
            return &rows[i];
    return &other;
}

/* " (Connection refused)" and the like; empty when there is nothing to add. */
static void describe_cause(const wps_curl_failure *failure, wps_status status, char *out, size_t capacity)
{
    char reason[128];

    *out = '\0';
    if (failure->system_error && strerror_r(failure->system_error, reason, sizeof reason) == 0)
        snprintf(out, capacity, " (%s)", reason);
    else if (status == WPS_TLS_FAILED && failure->tls_text && *failure->tls_text)
        snprintf(out, capacity, " (%s)", failure->tls_text);
    else if (status == WPS_NETWORK_FAILED)
        snprintf(out, capacity, " (%s)", curl_easy_strerror(failure->code));
}

/* Host and port alone: a query may hold names of users, user information a password. */
static void describe_peer(const char *url, char *out, size_t capacity)
{
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL;

    snprintf(out, capacity, "the service");
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        snprintf(out, capacity, "%s:%s", host, port);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
}

wps_status wps_curl_fail_as(wps_error *error, const wps_curl_failure *failure, wps_status status, const char *words)
{
    char peer[280], cause[200];

    if (!error)
        return status;
    describe_peer(failure->url, peer, sizeof peer);
    describe_cause(failure, status, cause, sizeof cause);
    wps_fail(error, status, "%s %s%s", words, peer, cause);
    error->outcome = failure->started ? WPS_MAYBE_SENT : WPS_NOT_SENT;
    error->native = (int)failure->code;
    return status;
}

wps_status wps_curl_fail(wps_error *error, const wps_curl_failure *failure)
{
    const row *found = find_row(failure);
    return wps_curl_fail_as(error, failure, found->status, found->words);
}
