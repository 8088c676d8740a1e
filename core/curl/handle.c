#include "handle.h"

#include "failure.h"

#include "../src/alloc.h"
#include "../src/status.h"
#include "../src/view.h"

#include <pthread.h>
#include <string.h>

enum { LEAST_LIBCURL = 0x075700 }; /* 7.87.0: CURLOPT_QUICK_EXIT */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_code = CURLE_FAILED_INIT;

static void global_init(void)
{
    global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static wps_status check_libcurl(wps_error *error)
{
    if (curl_version_info(CURLVERSION_NOW)->version_num < LEAST_LIBCURL)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "libcurl 7.87 or later is needed, this is %s",
                        curl_version_info(CURLVERSION_NOW)->version);
    pthread_once(&global_once, global_init);
    if (global_code != CURLE_OK)
        return wps_fail(error, WPS_NETWORK_FAILED, "libcurl could not be initialised");
    return WPS_OK;
}

/* ---- options that stay ---- */

static int set_behaviour(wps_handle *handle, const wps_curl_options *options)
{
    CURL *curl = handle->curl;

    return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, (long)options->max_connections) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle->error_text) == CURLE_OK;
}

static int set_callbacks(wps_handle *handle)
{
    CURL *curl = handle->curl;

    return curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, wps_receive_start) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PREREQDATA, handle) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, wps_sockets_open) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &handle->sockets) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, wps_sockets_close) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, &handle->sockets) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, wps_receive_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, handle) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, wps_receive_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, handle) == CURLE_OK;
}

static int set_trust(CURL *curl, const wps_curl_options *options)
{
    long peer = options->verify ? 1L : 0L, host = options->verify ? 2L : 0L;

    if (curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, peer) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, host) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYPEER, peer) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYHOST, host) != CURLE_OK)
        return 0;
    if (!options->ca_file)
        return 1;
    /* The directory of system certificates would be searched beside the file. */
    return curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, options->ca_file) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY_CAPATH, NULL) == CURLE_OK;
}

/* A proxy that the caller names holds for every host, whatever no_proxy in the environment says. */
static int set_proxy(CURL *curl, const wps_curl_options *options)
{
    if (!options->proxy)
        return 1;
    return curl_easy_setopt(curl, CURLOPT_PROXY, options->proxy) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROXY, "") == CURLE_OK;
}

wps_status wps_handle_open(wps_handle *handle, const wps_curl_options *options, wps_error *error)
{
    wps_status status = check_libcurl(error);

    memset(handle, 0, sizeof *handle);
    if (status != WPS_OK)
        return status;
    handle->connect_timeout_ms = options->connect_timeout_ms;
    handle->max_body = options->max_response_body;
    handle->max_header = options->max_response_header;
    handle->http2 = options->http2;
    handle->environment_proxy = !options->proxy;
    handle->proxy_choice = -1;
    handle->tls_proxy = options->proxy && wps_url_is_https(options->proxy);
    handle->curl = curl_easy_init();
    if (handle->curl && set_behaviour(handle, options) && set_callbacks(handle) && set_trust(handle->curl, options) &&
        set_proxy(handle->curl, options))
        return WPS_OK;
    wps_handle_close(handle);
    return wps_fail_out_of_memory(error);
}

void wps_handle_close(wps_handle *handle)
{
    curl_easy_cleanup(handle->curl);
    handle->curl = NULL;
    wps_url_release(&handle->target);
    wps_memory_free(handle->lines);
    handle->lines = NULL;
    wps_response_release(&handle->response);
}

/* ---- connections that may not be reused ---- */

wps_status wps_handle_share(wps_handle *handle, wps_connections *connections, wps_error *error)
{
    CURL *curl = handle->curl;

    handle->connections = connections;
    if (curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, wps_connections_open) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, connections) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, wps_connections_close) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, connections) == CURLE_OK &&
        /* HTTP/2: a request waits for a connection that is being made rather than making another one. */
        curl_easy_setopt(curl, CURLOPT_PIPEWAIT, handle->http2 ? 1L : 0L) == CURLE_OK)
        return WPS_OK;
    return wps_fail_out_of_memory(error);
}

/* libcurl cannot close one connection of its cache, and a fresh one would leave the disturbed one there. A duplicate of
 * the handle has all its options and an empty cache. HTTP/2 is left alone: its frames say what they belong to. */
static wps_status drop_disturbed(wps_handle *handle, wps_error *error)
{
    CURL *fresh;

    if (handle->http2 || handle->connections || !wps_sockets_disturbed(&handle->sockets))
        return WPS_OK;
    fresh = curl_easy_duphandle(handle->curl);
    if (!fresh)
        return wps_fail_out_of_memory(error);
    curl_easy_cleanup(handle->curl);
    handle->curl = fresh;
    handle->sockets.count = 0;
    handle->sockets.untracked = 0;
    if (curl_easy_setopt(fresh, CURLOPT_ERRORBUFFER, handle->error_text) != CURLE_OK ||
        wps_url_move(&handle->target, fresh) != CURLE_OK)
        return wps_fail_out_of_memory(error);
    return WPS_OK;
}

/* ---- one request ---- */

/* libcurl refuses longer texts (CURL_MAX_INPUT_LENGTH). */
enum { MAX_URL = 8000000 };

wps_status wps_handle_prepare(wps_handle *handle, const wps_request *request, int64_t timeout_ms, wps_error *error)
{
    wps_status status;

    wps_receive_begin(handle, request);
    if (wps_request_method(request).size == 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the request is empty");
    if (wps_request_url(request).size > MAX_URL)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the URL is longer than 8000000 bytes");
    if (timeout_ms <= 0)
        return wps_fail(error, WPS_TIMEOUT, "no time is left for the request");
    status = drop_disturbed(handle, error);
    if (status != WPS_OK)
        return status;
    handle->url = wps_request_url_text(request);
    if (wps_prepare_request(handle, request, timeout_ms) != CURLE_OK)
        return wps_fail_out_of_memory(error);
    return WPS_OK;
}

/* ---- the verdict ---- */

static const char *words_for(wps_status stopped)
{
    switch (stopped) {
    case WPS_RESPONSE_TOO_LARGE:
        return "an answer over its size limit from";
    case WPS_OUT_OF_MEMORY:
        return "out of memory for the answer of";
    default:
        return "the connection ended before an answer came, and the request is not repeated, to";
    }
}

static int connect_errno(const wps_handle *handle, CURLcode code)
{
    long number = 0;

    if (code == CURLE_COULDNT_CONNECT)
        curl_easy_getinfo(handle->curl, CURLINFO_OS_ERRNO, &number);
    return (int)number;
}

static int was_starved(wps_connections *connections)
{
    int starved = connections && connections->starved;

    if (starved)
        connections->starved = 0;
    return starved;
}

wps_status wps_handle_finish(wps_handle *handle, CURLcode code, wps_error *error)
{
    wps_curl_failure failure = {code, handle->url, handle->starts > 0, 0, handle->error_text};
    long status = 0;

    /* libcurl is content with a connection that ends inside the head; RFC 9112 section 8 is not. */
    if (code == CURLE_OK && !handle->header_ended)
        return wps_curl_fail_as(error, &failure, WPS_CONNECTION_LOST,
                                "the connection ended inside the head of an answer of");
    if (code == CURLE_OK) {
        curl_easy_getinfo(handle->curl, CURLINFO_RESPONSE_CODE, &status);
        handle->response.status = (int)status;
        return WPS_OK;
    }
    if (code == CURLE_COULDNT_CONNECT && was_starved(handle->connections))
        return wps_curl_fail_as(error, &failure, WPS_OUT_OF_MEMORY, "out of memory for a connection to");
    if (handle->stopped != WPS_OK)
        return wps_curl_fail_as(error, &failure, handle->stopped, words_for(handle->stopped));
    failure.system_error = connect_errno(handle, code);
    return wps_curl_fail(error, &failure);
}
