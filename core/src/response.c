#include "response.h"

#include "alloc.h"
#include "view.h"

enum { KEPT_CAPACITY = 262144 };

static void clear_buffer(wps_buffer *buffer)
{
    if (buffer->capacity > KEPT_CAPACITY)
        wps_buffer_free(buffer);
    buffer->size = 0;
}

void wps_response_clear(wps_response *response)
{
    response->status = 0;
    clear_buffer(&response->header);
    clear_buffer(&response->body);
}

void wps_response_release(wps_response *response)
{
    wps_buffer_free(&response->header);
    wps_buffer_free(&response->body);
}

void wps_response_free(wps_response *response)
{
    if (!response)
        return;
    wps_response_release(response);
    wps_memory_free(response);
}

int wps_response_status(const wps_response *response)
{
    return response->status;
}

wps_view wps_response_body(const wps_response *response)
{
    return (wps_view){response->body.data, response->body.size};
}

wps_view wps_response_header_block(const wps_response *response)
{
    return (wps_view){response->header.data, response->header.size};
}

static int line_has_name(wps_view line, wps_view name)
{
    return line.size > name.size && line.data[name.size] == ':' &&
           wps_view_equal_ignoring_case(wps_view_slice(line, 0, name.size), name);
}

int wps_response_header(const wps_response *response, wps_view name, wps_view *value)
{
    wps_view block = wps_response_header_block(response);
    size_t start = 0;

    *value = (wps_view){NULL, 0};
    while (start < block.size) {
        size_t end = wps_view_find(block, start, '\n');
        wps_view line = wps_view_slice(block, start, end);
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (line_has_name(line, name)) {
            *value = wps_view_trim(wps_view_slice(line, name.size + 1, line.size));
            return 1;
        }
        start = end + 1;
    }
    return 0;
}
