#include "handle.h"

#include "../src/alloc.h"
#include "../src/view.h"

#include <string.h>

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
CURLcode wps_prepare_method(CURL *curl, const wps_request *request)
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
CURLcode wps_prepare_size_limit(wps_handle *handle, const wps_request *request)
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

CURLcode wps_prepare_headers(wps_handle *handle, const wps_request *request)
{
    size_t used, i;

    if (!reserve_lines(handle, wps_request_header_count(request) + DEFAULT_COUNT))
        return CURLE_OUT_OF_MEMORY;
    used = take_lines(handle->lines, request);
    for (i = 0; i < used; i++)
        handle->lines[i].next = i + 1 < used ? &handle->lines[i + 1] : NULL;
    return curl_easy_setopt(handle->curl, CURLOPT_HTTPHEADER, used > 0 ? handle->lines : NULL);
}
