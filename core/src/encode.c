#include "encode.h"

#include "buffer.h"
#include "view.h"

#include <string.h>

static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode_group(const unsigned char *in, const char *alphabet, char *out)
{
    unsigned bits = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];

    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[bits >> 12 & 63U];
    out[2] = alphabet[bits >> 6 & 63U];
    out[3] = alphabet[bits & 63U];
}

/* One or two bytes give two or three characters. */
static void encode_rest(const char *in, size_t size, const char *alphabet, char *out)
{
    unsigned char padded[3] = {0, 0, 0};
    char group[4];

    memcpy(padded, in, size);
    encode_group(padded, alphabet, group);
    memcpy(out, group, size + 1);
}

static void encode_all(const char *in, size_t size, const char *alphabet, char *out)
{
    for (; size >= 3; in += 3, size -= 3, out += 4)
        encode_group((const unsigned char *)in, alphabet, out);
    if (size > 0)
        encode_rest(in, size, alphabet, out);
}

size_t wps_base64url_size(size_t size)
{
    return size / 3 * 4 + (size % 3 ? size % 3 + 1 : 0);
}

void wps_base64url_put(const char *in, size_t size, char *out)
{
    encode_all(in, size, base64url_alphabet, out);
}

wps_status wps_base64url_encode(wps_view in, char *out, size_t capacity, size_t *needed)
{
    *needed = wps_base64url_size(in.size);
    if (capacity < *needed)
        return WPS_BUFFER_TOO_SMALL;
    wps_base64url_put(in.data, in.size, out);
    return WPS_OK;
}

wps_status wps_base64_encode(wps_view in, char *out, size_t capacity, size_t *needed)
{
    size_t i;

    *needed = (in.size / 3 + (in.size % 3 != 0)) * 4;
    if (capacity < *needed)
        return WPS_BUFFER_TOO_SMALL;
    encode_all(in.data, in.size, base64_alphabet, out);
    for (i = wps_base64url_size(in.size); i < *needed; i++)
        out[i] = '=';
    return WPS_OK;
}

/* 0..63, or -1; `last` holds the characters for 62 and 63. */
static int base64_value(char c, const char *last)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (wps_is_digit(c))
        return c - '0' + 52;
    return c == last[0] ? 62 : c == last[1] ? 63 : -1;
}

/* Decodes one group of 2..4 characters; RFC 4648 section 3.5: bits that do not fill a byte must be zero. */
static int decode_group(const char *in, size_t size, const char *last, wps_writer *writer)
{
    unsigned bits = 0, unused;
    size_t i;

    for (i = 0; i < 4; i++) {
        int value = i < size ? base64_value(in[i], last) : 0;
        if (value < 0)
            return 0;
        bits = bits << 6 | (unsigned)value;
    }
    unused = size == 4 ? 0U : size == 3 ? 0xFFU : 0xFFFFU;
    if (bits & unused)
        return 0;
    for (i = 0; i + 1 < size; i++)
        wps_writer_put_char(writer, (char)(bits >> (16 - 8 * i) & 0xFFU));
    return 1;
}

static wps_status decode_unpadded(wps_view in, const char *last, wps_writer *writer)
{
    if (in.size % 4 == 1)
        return WPS_MALFORMED;
    while (in.size > 0) {
        size_t size = in.size < 4 ? in.size : 4;
        if (!decode_group(in.data, size, last, writer))
            return WPS_MALFORMED;
        in.data += size;
        in.size -= size;
    }
    return WPS_OK;
}

static wps_status decode(wps_view in, const char *last, char *out, size_t capacity, size_t *needed)
{
    wps_writer writer = wps_writer_of(out, capacity);
    wps_status status = decode_unpadded(in, last, &writer);
    wps_status fits = wps_writer_finish(&writer, needed);

    return status == WPS_OK ? fits : status;
}

wps_status wps_base64url_decode(wps_view in, char *out, size_t capacity, size_t *needed)
{
    return decode(in, "-_", out, capacity, needed);
}

wps_status wps_base64_decode(wps_view in, char *out, size_t capacity, size_t *needed)
{
    size_t padding = 0;

    *needed = 0;
    if (in.size % 4 != 0)
        return WPS_MALFORMED;
    while (padding < 2 && in.size > 0 && in.data[in.size - 1] == '=') {
        in.size--;
        padding++;
    }
    return decode(in, "+/", out, capacity, needed);
}

wps_status wps_percent_encode(wps_view in, char *out, size_t capacity, size_t *needed)
{
    static const char digits[] = "0123456789ABCDEF";
    wps_writer writer = wps_writer_of(out, capacity);
    size_t i;

    for (i = 0; i < in.size; i++) {
        unsigned char byte = (unsigned char)in.data[i];
        if (wps_is_unreserved(in.data[i])) {
            wps_writer_put_char(&writer, in.data[i]);
        } else {
            char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            wps_writer_put(&writer, escape, sizeof escape);
        }
    }
    return wps_writer_finish(&writer, needed);
}

static int percent_value(wps_view in, size_t at)
{
    int high = at + 2 < in.size ? wps_hex_value(in.data[at + 1]) : -1;
    int low = at + 2 < in.size ? wps_hex_value(in.data[at + 2]) : -1;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

wps_status wps_percent_decode(wps_view in, char *out, size_t capacity, size_t *needed)
{
    wps_writer writer = wps_writer_of(out, capacity);
    size_t i;

    *needed = 0;
    for (i = 0; i < in.size; i++) {
        int value = (unsigned char)in.data[i];
        if (in.data[i] == '%') {
            value = percent_value(in, i);
            if (value < 0)
                return WPS_MALFORMED;
            i += 2;
        }
        wps_writer_put_char(&writer, (char)value);
    }
    return wps_writer_finish(&writer, needed);
}
