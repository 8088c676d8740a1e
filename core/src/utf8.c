#include "encode.h"

/* RFC 3629 section 4: what the second byte may be depends on the first, which excludes overlong forms, surrogates and
 * everything over U+10FFFF. Gives the length of the whole character, 0 for a byte that starts none. */
static size_t first_byte(unsigned char byte, unsigned char *low, unsigned char *high)
{
    *low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    *high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    if (byte < 0x80)
        return 1;
    if (byte >= 0xC2 && byte <= 0xDF)
        return 2;
    if (byte >= 0xE0 && byte <= 0xEF)
        return 3;
    return byte >= 0xF0 && byte <= 0xF4 ? 4 : 0;
}

size_t wps_utf8_character(wps_view text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    unsigned char low, high;
    size_t size, i;

    if (text.size == 0)
        return 0;
    size = first_byte(bytes[0], &low, &high);
    if (size > text.size)
        return 0;
    for (i = 1; i < size; i++) {
        if (bytes[i] < low || bytes[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return size;
}

wps_status wps_utf8_length(wps_view text, size_t *count)
{
    size_t offset = 0, characters = 0;

    while (offset < text.size) {
        size_t size = (unsigned char)text.data[offset] < 0x80
                          ? 1
                          : wps_utf8_character((wps_view){text.data + offset, text.size - offset});
        if (size == 0) {
            *count = offset;
            return WPS_MALFORMED;
        }
        offset += size;
        characters++;
    }
    *count = characters;
    return WPS_OK;
}
