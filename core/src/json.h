/* Pieces of json*.c that tokens build on. */
#ifndef WPS_JSON_H
#define WPS_JSON_H

#include "buffer.h"

/* A whole JSON string with its quotes. WPS_MALFORMED if the text is not UTF-8. */
wps_status wps_json_put_string(wps_writer *writer, wps_view text);

/* Is the raw text between quotes, unescaped, exactly `text` (at most 64 bytes)? */
int wps_json_raw_is(wps_view raw, const char *text);

/* A raw string value without its quotes. 0 when the value is no string. */
int wps_json_string_of(wps_view value, wps_view *raw);

/* A raw number, fraction and exponent included. 0 when the value is no number. */
int wps_json_number_of(wps_view value, double *number);

#endif
