/* Pieces of encode.c that other stages build on. */
#ifndef WPS_ENCODE_H
#define WPS_ENCODE_H

#include "sibling.h"

/* Characters of unpadded base64url for `size` bytes. */
size_t wps_base64url_size(size_t size);

/* Encodes to `out` (wps_base64url_size(size) characters). `in` may lie at the end of the room that `out` starts: each
 * group is read before it is written, and the text never overtakes the bytes still to be read. */
void wps_base64url_put(const char *in, size_t size, char *out);

/* Length of the well-formed UTF-8 character at the start of text (1..4), 0 when there is none. */
size_t wps_utf8_character(wps_view text);

#endif
