#include "handle.h"

#include <string.h>

void wps_receive_begin(wps_handle *handle, const wps_request *request)
{
    handle->idempotent = wps_request_idempotent(request);
    handle->starts = 0;
    handle->disturbed = 0;
    handle->stopped = WPS_OK;
    handle->error_text[0] = '\0';
}

static void expect_answer(wps_handle *handle)
{
    handle->header_size = 0;
    handle->informational = 0;
    handle->header_ended = 0;
    wps_response_clear(&handle->response);
}

/* Called by libcurl when a connection stands and the request is about to be written. libcurl repeats a request by
 * itself when a reused connection dies before the first byte of the answer, a POST included. */
int wps_receive_start(void *userdata, char *peer_ip, char *local_ip, int peer_port, int local_port)
{
    wps_handle *handle = userdata;

    (void)peer_ip, (void)local_ip, (void)peer_port;
    if (handle->starts > 0 && !handle->idempotent) {
        handle->stopped = WPS_CONNECTION_LOST;
        return CURL_PREREQFUNC_ABORT;
    }
    /* HTTP/2 is left alone: its frames say what they belong to. */
    if (handle->connections && !handle->http2 && wps_connections_disturbed(handle->connections, local_port)) {
        handle->disturbed = 1;
        handle->stopped = WPS_CONNECTION_LOST;
        return CURL_PREREQFUNC_ABORT;
    }
    handle->starts++;
    expect_answer(handle);
    return CURL_PREREQFUNC_OK;
}

static size_t stop(wps_handle *handle, wps_status why)
{
    handle->stopped = why;
    return 0;
}

static int is_status_line(const char *line, size_t size)
{
    return size > 5 && memcmp(line, "HTTP/", 5) == 0;
}

/* RFC 9110 section 15.2: any number of 1xx answers may come before the final one. */
static int is_informational(const char *line, size_t size)
{
    const char *space = memchr(line, ' ', size);
    return space && (size_t)(space - line) + 1 < size && space[1] == '1';
}

static int is_empty_line(const char *line, size_t size)
{
    return line[0] == '\n' || (size >= 2 && line[0] == '\r' && line[1] == '\n');
}

size_t wps_receive_header(char *line, size_t size, size_t count, void *userdata)
{
    wps_handle *handle = userdata;
    size_t length = size * count;

    if (length > handle->max_header - handle->header_size)
        return stop(handle, WPS_RESPONSE_TOO_LARGE);
    handle->header_size += length;
    if (handle->header_ended || length == 0)
        return length;
    if (is_status_line(line, length)) {
        handle->response.header.size = 0;
        handle->informational = is_informational(line, length);
    } else if (is_empty_line(line, length)) {
        handle->header_ended = !handle->informational;
    } else if (wps_buffer_append(&handle->response.header, line, length) != WPS_OK) {
        return stop(handle, WPS_OUT_OF_MEMORY);
    }
    return length;
}

size_t wps_receive_body(char *data, size_t size, size_t count, void *userdata)
{
    wps_handle *handle = userdata;
    size_t length = size * count;

    if (length > handle->max_body - handle->response.body.size)
        return stop(handle, WPS_RESPONSE_TOO_LARGE);
    if (wps_buffer_append(&handle->response.body, data, length) != WPS_OK)
        return stop(handle, WPS_OUT_OF_MEMORY);
    return length;
}
