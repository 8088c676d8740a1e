#include "handle.h"

#include "loopback.h"

#include "../src/alloc.h"
#include "../src/view.h"

#include <limits.h>
#include <string.h>

enum { FIRST_SOUND_PRIOR_KNOWLEDGE = 0x080000 }; /* libcurl 8.0.0 */

/* ---- method and body ---- */

/* Contract: POST and PUT without a body carry `Content-Length: 0`. */
static int sends_body(const wps_request *request)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH"};
    size_t i;

    for (i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(wps_request_method_text(request), methods[i]) == 0)
            return 1;
    return wps_request_body(request).size > 0;
}

/* POSTFIELDS is not copied; NULL would make libcurl read standard input. */
static CURLcode set_body(CURL *curl, wps_view body)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_POST, 1L);

    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.size > 0 ? body.data : "");
    return code;
}

/* libcurl knows three shapes of a request; any other method is a name put over one of them. */
static CURLcode set_method(CURL *curl, const wps_request *request)
{
    const char *method = wps_request_method_text(request), *shape;
    CURLcode code;

    if (strcmp(method, "HEAD") == 0) {
        shape = "HEAD";
        code = curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (sends_body(request)) {
        shape = "POST";
        code = set_body(curl, wps_request_body(request));
    } else {
        shape = "GET";
        code = curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    if (code != CURLE_OK)
        return code;
    return curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, strcmp(method, shape) == 0 ? NULL : method);
}

/* What announces too much is refused at once; what only turns out to be too much, by wps_receive_body. The size that an
 * answer to HEAD announces is that of another answer (RFC 9110 section 8.6). */
static CURLcode set_size_limit(wps_handle *handle, const wps_request *request)
{
    int is_head = strcmp(wps_request_method_text(request), "HEAD") == 0;
    int is_unlimited = is_head || (uint64_t)handle->max_body > INT64_MAX; /* 0 is libcurl's word for it */

    return curl_easy_setopt(handle->curl, CURLOPT_MAXFILESIZE_LARGE,
                            is_unlimited ? (curl_off_t)0 : (curl_off_t)handle->max_body);
}

/* ---- headers ---- */

/* libcurl adds these by itself unless it finds them, or is told to leave them out by a name without a value. */
enum { DEFAULT_COUNT = 3 };
static const wps_view default_names[DEFAULT_COUNT] = {{"Accept", 6}, {"Expect", 6}, {"Content-Type", 12}};
static char leave_out_lines[DEFAULT_COUNT][16] = {"Accept:", "Expect:", "Content-Type:"};

/* RFC 9112 section 6: the framing belongs to whoever writes the bytes; a second opinion would split the message. */
static int is_framing(wps_view name)
{
    return wps_view_equal_ignoring_case(name, (wps_view){"Content-Length", 14}) ||
           wps_view_equal_ignoring_case(name, (wps_view){"Transfer-Encoding", 17});
}

static int reserve_lines(wps_handle *handle, size_t count)
{
    struct curl_slist *lines;

    if (count <= handle->line_capacity)
        return 1;
    lines = wps_memory_resize(handle->lines, count * sizeof *lines);
    if (!lines)
        return 0;
    handle->lines = lines;
    handle->line_capacity = count;
    return 1;
}

static void note_default(wps_view name, int present[DEFAULT_COUNT])
{
    int i;

    for (i = 0; i < DEFAULT_COUNT; i++)
        present[i] |= wps_view_equal_ignoring_case(name, default_names[i]);
}

static size_t take_lines(struct curl_slist *lines, const wps_request *request)
{
    int present[DEFAULT_COUNT] = {0};
    size_t count = wps_request_header_count(request), used = 0, i;
    wps_view name, value;

    for (i = 0; i < count; i++) {
        wps_request_header(request, i, &name, &value);
        note_default(name, present);
        if (!is_framing(name))
            lines[used++].data = wps_request_header_line(request, i);
    }
    for (i = 0; i < DEFAULT_COUNT; i++)
        if (!present[i])
            lines[used++].data = leave_out_lines[i];
    return used;
}

static CURLcode set_headers(wps_handle *handle, const wps_request *request)
{
    size_t used, i;

    if (!reserve_lines(handle, wps_request_header_count(request) + DEFAULT_COUNT))
        return CURLE_OUT_OF_MEMORY;
    used = take_lines(handle->lines, request);
    for (i = 0; i < used; i++)
        handle->lines[i].next = i + 1 < used ? &handle->lines[i + 1] : NULL;
    return curl_easy_setopt(handle->curl, CURLOPT_HTTPHEADER, used > 0 ? handle->lines : NULL);
}

/* ---- time, protocol and way ---- */

static long bounded_ms(int64_t ms)
{
    return ms < INT_MAX ? (long)ms : (long)INT_MAX;
}

static CURLcode set_times(const wps_handle *handle, int64_t timeout_ms)
{
    int64_t connect = handle->connect_timeout_ms < timeout_ms ? handle->connect_timeout_ms : timeout_ms;
    CURLcode code = curl_easy_setopt(handle->curl, CURLOPT_TIMEOUT_MS, bounded_ms(timeout_ms));

    return code != CURLE_OK ? code : curl_easy_setopt(handle->curl, CURLOPT_CONNECTTIMEOUT_MS, bounded_ms(connect));
}

/* libcurl before 8.0 speaks the HTTP/2 preface a second time when it reuses a connection with prior knowledge (curl
 * issue 10634), so it gets a new one each time. */
static int reuse_is_broken(long version)
{
    return version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE &&
           curl_version_info(CURLVERSION_NOW)->version_num < FIRST_SOUND_PRIOR_KNOWLEDGE;
}

static CURLcode set_http_version(wps_handle *handle, const char *url)
{
    long version = CURL_HTTP_VERSION_1_1;
    CURLcode code;

    if (handle->http2)
        version = wps_url_is_https(url) ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    if (version == handle->http_version)
        return CURLE_OK;
    handle->http_version = version;
    code = curl_easy_setopt(handle->curl, CURLOPT_HTTP_VERSION, version);
    if (code != CURLE_OK)
        return code;
    code = curl_easy_setopt(handle->curl, CURLOPT_FORBID_REUSE, reuse_is_broken(version) ? 1L : 0L);
    if (code != CURLE_OK)
        return code;
    return curl_easy_setopt(handle->curl, CURLOPT_FRESH_CONNECT, reuse_is_broken(version) ? 1L : 0L);
}

/* "" switches the environment's proxy off for this host, NULL leaves the choice to libcurl. A choice counts once
 * libcurl has it: one that failed for want of memory would send the next request, token and all, to the environment's
 * proxy. */
static CURLcode choose_proxy(wps_handle *handle, const wps_request *request)
{
    int from_environment = handle->environment_proxy && !wps_is_loopback_url(wps_request_url(request));
    CURLcode code;

    handle->may_use_tls |= from_environment || handle->tls_proxy || wps_url_is_https(wps_request_url_text(request));
    if (!handle->environment_proxy || handle->proxy_choice == from_environment)
        return CURLE_OK;
    code = curl_easy_setopt(handle->curl, CURLOPT_PROXY, from_environment ? NULL : "");
    handle->proxy_choice = code == CURLE_OK ? from_environment : -1;
    return code;
}

CURLcode wps_prepare_request(wps_handle *handle, const wps_request *request, int64_t timeout_ms)
{
    const char *url = wps_request_url_text(request);
    CURLcode code = wps_url_set(&handle->target, handle->curl, wps_request_url(request));

    if (code == CURLE_OK)
        code = set_times(handle, timeout_ms);
    if (code == CURLE_OK)
        code = set_http_version(handle, url);
    if (code == CURLE_OK)
        code = choose_proxy(handle, request);
    if (code == CURLE_OK)
        code = set_size_limit(handle, request);
    if (code == CURLE_OK)
        code = set_method(handle->curl, request);
    return code == CURLE_OK ? set_headers(handle, request) : code;
}
