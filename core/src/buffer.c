#include "buffer.h"

#include "alloc.h"

#include <string.h>

enum { FIRST_CAPACITY = 256 };

static size_t grown_capacity(size_t capacity, size_t wanted)
{
    size_t grown = capacity < FIRST_CAPACITY ? FIRST_CAPACITY : capacity;

    while (grown < wanted)
        grown = grown > SIZE_MAX / 2 ? wanted : grown * 2;
    return grown;
}

wps_status wps_buffer_reserve(wps_buffer *buffer, size_t extra)
{
    size_t capacity;
    char *data;

    if (extra <= buffer->capacity - buffer->size)
        return WPS_OK;
    if (extra > SIZE_MAX - buffer->size)
        return WPS_OUT_OF_MEMORY;
    capacity = grown_capacity(buffer->capacity, buffer->size + extra);
    data = wps_memory_resize(buffer->data, capacity);
    if (!data)
        return WPS_OUT_OF_MEMORY;
    buffer->data = data;
    buffer->capacity = capacity;
    return WPS_OK;
}

wps_status wps_buffer_append(wps_buffer *buffer, const void *data, size_t size)
{
    wps_status status = wps_buffer_reserve(buffer, size);

    if (status != WPS_OK || size == 0)
        return status;
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    return WPS_OK;
}

void wps_buffer_free(wps_buffer *buffer)
{
    wps_memory_free(buffer->data);
    *buffer = (wps_buffer){0};
}

wps_writer wps_writer_of(char *out, size_t capacity)
{
    return (wps_writer){out, capacity, 0};
}

void wps_writer_put(wps_writer *writer, const void *data, size_t size)
{
    if (size > 0 && writer->needed <= writer->capacity && size <= writer->capacity - writer->needed)
        memcpy(writer->out + writer->needed, data, size);
    writer->needed += size;
}

void wps_writer_put_char(wps_writer *writer, char c)
{
    if (writer->needed < writer->capacity)
        writer->out[writer->needed] = c;
    writer->needed++;
}

void wps_writer_put_text(wps_writer *writer, const char *text)
{
    wps_writer_put(writer, text, strlen(text));
}

wps_status wps_writer_finish(const wps_writer *writer, size_t *needed)
{
    *needed = writer->needed;
    return writer->needed <= writer->capacity ? WPS_OK : WPS_BUFFER_TOO_SMALL;
}
