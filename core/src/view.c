#include "view.h"

#include <string.h>

wps_view wps_view_of(const char *text)
{
    return (wps_view){text, text ? strlen(text) : 0};
}

wps_view wps_view_slice(wps_view text, size_t start, size_t end)
{
    return (wps_view){text.data ? text.data + start : NULL, end - start};
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

wps_view wps_view_trim(wps_view text)
{
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

size_t wps_view_find(wps_view text, size_t start, char c)
{
    const char *found = start < text.size ? memchr(text.data + start, c, text.size - start) : NULL;
    return found ? (size_t)(found - text.data) : text.size;
}

int wps_view_equal(wps_view a, wps_view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int wps_view_equal_ignoring_case(wps_view a, wps_view b)
{
    size_t i;

    if (a.size != b.size)
        return 0;
    for (i = 0; i < a.size; i++)
        if (wps_lower(a.data[i]) != wps_lower(b.data[i]))
            return 0;
    return 1;
}

char wps_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int wps_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int wps_is_letter(char c)
{
    char lower = wps_lower(c);
    return lower >= 'a' && lower <= 'z';
}

int wps_is_control(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte < 0x20 || byte == 0x7F;
}

int wps_is_unreserved(char c)
{
    return wps_is_letter(c) || wps_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

int wps_hex_value(char c)
{
    char lower = wps_lower(c);

    if (wps_is_digit(c))
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int wps_view_port(wps_view text)
{
    int port = 0;
    size_t i;

    for (i = 0; i < text.size; i++) {
        if (!wps_is_digit(text.data[i]))
            return 0;
        port = port * 10 + (text.data[i] - '0');
        if (port > 65535)
            return 0;
    }
    return port;
}
