#include "json.h"

#include "encode.h"
#include "view.h"

#include <string.h>

/* ---- escaping ---- */

static const char short_names[] = "\"\\\b\f\n\r\t";
static const char short_letters[] = "\"\\bfnrt";

static void put_escape(wps_writer *writer, char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(short_names, c) : NULL;

    wps_writer_put_char(writer, '\\');
    if (found) {
        wps_writer_put_char(writer, short_letters[found - short_names]);
    } else {
        char code[5] = {'u', '0', '0', digits[(unsigned char)c >> 4], digits[(unsigned char)c & 15]};
        wps_writer_put(writer, code, sizeof code);
    }
}

static int needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* How many bytes from `at` on are ASCII that is copied as it is. */
static size_t plain_run(wps_view text, size_t at)
{
    size_t end = at;

    while (end < text.size && (unsigned char)text.data[end] < 0x80 && !needs_escape(text.data[end]))
        end++;
    return end - at;
}

static wps_status put_escaped(wps_writer *writer, wps_view text)
{
    size_t at = 0, size;

    for (;;) {
        size = plain_run(text, at);
        wps_writer_put(writer, text.data + at, size);
        at += size;
        if (at == text.size)
            return WPS_OK;
        size = wps_utf8_character(wps_view_slice(text, at, text.size));
        if (size == 0)
            return WPS_MALFORMED;
        if (size == 1)
            put_escape(writer, text.data[at]);
        else
            wps_writer_put(writer, text.data + at, size);
        at += size;
    }
}

wps_status wps_json_put_string(wps_writer *writer, wps_view text)
{
    wps_status status;

    wps_writer_put_char(writer, '"');
    status = put_escaped(writer, text);
    wps_writer_put_char(writer, '"');
    return status;
}

wps_status wps_json_escape(wps_view text, char *out, size_t capacity, size_t *needed)
{
    wps_writer writer = wps_writer_of(out, capacity);
    wps_status status = put_escaped(&writer, text);
    wps_status fits = wps_writer_finish(&writer, needed);

    return status == WPS_OK ? fits : status;
}

/* ---- unescaping ---- */

static void put_code_point(wps_writer *writer, unsigned long code)
{
    if (code < 0x80) {
        wps_writer_put_char(writer, (char)code);
        return;
    }
    if (code < 0x800) {
        wps_writer_put_char(writer, (char)(0xC0 | code >> 6));
    } else {
        if (code < 0x10000) {
            wps_writer_put_char(writer, (char)(0xE0 | code >> 12));
        } else {
            wps_writer_put_char(writer, (char)(0xF0 | code >> 18));
            wps_writer_put_char(writer, (char)(0x80 | (code >> 12 & 0x3F)));
        }
        wps_writer_put_char(writer, (char)(0x80 | (code >> 6 & 0x3F)));
    }
    wps_writer_put_char(writer, (char)(0x80 | (code & 0x3F)));
}

/* Reads `uXXXX` at *at; 0 when there is none. */
static int take_unit(wps_view raw, size_t *at, unsigned long *unit)
{
    size_t i;

    if (raw.size - *at < 5 || raw.data[*at] != 'u')
        return 0;
    *unit = 0;
    for (i = 1; i < 5; i++) {
        int value = wps_hex_value(raw.data[*at + i]);
        if (value < 0)
            return 0;
        *unit = *unit << 4 | (unsigned long)value;
    }
    *at += 5;
    return 1;
}

/* RFC 8259 section 7: a character over U+FFFF is a pair of escapes, high surrogate first. */
static int unescape_unit(wps_view raw, size_t *at, wps_writer *writer)
{
    unsigned long unit, low;

    if (!take_unit(raw, at, &unit))
        return 0;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
        if (unit > 0xDBFF || *at >= raw.size || raw.data[(*at)++] != '\\' || !take_unit(raw, at, &low))
            return 0;
        if (low < 0xDC00 || low > 0xDFFF)
            return 0;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    put_code_point(writer, unit);
    return 1;
}

static int unescape_one(wps_view raw, size_t *at, wps_writer *writer)
{
    const char *found;

    if (*at >= raw.size)
        return 0;
    if (raw.data[*at] == 'u')
        return unescape_unit(raw, at, writer);
    if (raw.data[*at] == '/') {
        wps_writer_put_char(writer, raw.data[(*at)++]);
        return 1;
    }
    found = raw.data[*at] ? strchr(short_letters, raw.data[*at]) : NULL;
    if (!found)
        return 0;
    wps_writer_put_char(writer, short_names[found - short_letters]);
    (*at)++;
    return 1;
}

static int copy_character(wps_view raw, size_t *at, wps_writer *writer)
{
    size_t size = wps_utf8_character(wps_view_slice(raw, *at, raw.size));

    if (size == 0 || (unsigned char)raw.data[*at] < 0x20 || raw.data[*at] == '"')
        return 0;
    wps_writer_put(writer, raw.data + *at, size);
    *at += size;
    return 1;
}

wps_status wps_json_unescape(wps_view raw, char *out, size_t capacity, size_t *needed)
{
    wps_writer writer = wps_writer_of(out, capacity);
    size_t at = 0;

    *needed = 0;
    while (at < raw.size) {
        int taken;
        if (raw.data[at] == '\\') {
            at++;
            taken = unescape_one(raw, &at, &writer);
        } else {
            taken = copy_character(raw, &at, &writer);
        }
        if (!taken)
            return WPS_MALFORMED;
    }
    return wps_writer_finish(&writer, needed);
}

int wps_json_raw_is(wps_view raw, const char *text)
{
    char plain[64];
    size_t size;

    if (wps_json_unescape(raw, plain, sizeof plain, &size) != WPS_OK)
        return 0;
    return wps_view_equal((wps_view){plain, size}, wps_view_of(text));
}
