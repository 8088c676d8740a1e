/* Two ways to produce text: a buffer that grows, and a writer into memory of a caller that only counts what does not
 * fit. */
#ifndef WPS_BUFFER_H
#define WPS_BUFFER_H

#include "sibling.h"

/* Zero-initialised is empty. After a failed append the content is what it was before. */
typedef struct wps_buffer {
    char *data;
    size_t size, capacity;
} wps_buffer;

/* Room for `extra` further bytes; WPS_OUT_OF_MEMORY. */
WPS_SIBLING wps_status wps_buffer_reserve(wps_buffer *buffer, size_t extra);
WPS_SIBLING wps_status wps_buffer_append(wps_buffer *buffer, const void *data, size_t size);
/* Frees the memory; the buffer is empty and usable again. */
WPS_SIBLING void wps_buffer_free(wps_buffer *buffer);

typedef struct wps_writer {
    char *out;
    size_t capacity;
    size_t needed; /* bytes put so far, whether they fitted or not */
} wps_writer;

wps_writer wps_writer_of(char *out, size_t capacity);
void wps_writer_put(wps_writer *writer, const void *data, size_t size);
void wps_writer_put_char(wps_writer *writer, char c);
void wps_writer_put_text(wps_writer *writer, const char *text);
/* Sets *needed; WPS_OK or WPS_BUFFER_TOO_SMALL. */
wps_status wps_writer_finish(const wps_writer *writer, size_t *needed);

#endif
