#include "buffer.h"
#include "status.h"
#include "view.h"

#include <stdio.h>
#include <string.h>

typedef struct endpoint {
    int secure;
    wps_view host; /* an IPv6 address with its brackets */
    int port;      /* 0: none written */
    wps_view path; /* empty, or '/' and more */
} endpoint;

static wps_status refuse(wps_error *error, const char *reason)
{
    return wps_fail(error, WPS_INVALID_ARGUMENT, "the endpoint %s", reason);
}

/* Characters of RFC 3986 that may stand in a path, plus '%' and '/'. */
static int is_path_character(char c)
{
    return wps_is_unreserved(c) || (c != '\0' && strchr("!$&'()*+,;=:@%/", c));
}

static int is_host_character(char c)
{
    return wps_is_unreserved(c);
}

static int is_address_character(char c)
{
    return wps_hex_value(c) >= 0 || c == ':' || c == '.';
}

static int all(wps_view text, int (*allowed)(char))
{
    size_t i;

    for (i = 0; i < text.size; i++)
        if (!allowed(text.data[i]))
            return 0;
    return 1;
}

static size_t find_text(wps_view text, const char *wanted)
{
    size_t length = strlen(wanted), i;

    for (i = 0; i + length <= text.size; i++)
        if (memcmp(text.data + i, wanted, length) == 0)
            return i;
    return text.size;
}

/* Cuts the scheme off *text. */
static wps_status take_scheme(wps_view *text, endpoint *out, wps_error *error)
{
    size_t end = find_text(*text, "://");
    wps_view scheme = wps_view_slice(*text, 0, end);

    out->secure = 1;
    if (end == text->size || wps_view_find(scheme, 0, '/') < end)
        return WPS_OK;
    out->secure = wps_view_equal_ignoring_case(scheme, wps_view_of("https"));
    if (!out->secure && !wps_view_equal_ignoring_case(scheme, wps_view_of("http")))
        return refuse(error, "must start with http:// or https://");
    *text = wps_view_slice(*text, end + 3, text->size);
    return WPS_OK;
}

static wps_status check_host(wps_view host, wps_error *error)
{
    int bracketed = host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']';
    wps_view inside = bracketed ? wps_view_slice(host, 1, host.size - 1) : host;

    if (host.size == 0)
        return refuse(error, "has no host");
    if (!all(inside, bracketed ? is_address_character : is_host_character))
        return refuse(error, "has a character in its host that cannot stand there");
    return WPS_OK;
}

static wps_status take_authority(wps_view authority, endpoint *out, wps_error *error)
{
    size_t bracket = wps_view_find(authority, 0, ']');
    size_t colon = wps_view_find(authority, bracket < authority.size ? bracket : 0, ':');

    if (wps_view_find(authority, 0, '@') < authority.size)
        return refuse(error, "must not contain user information");
    out->host = wps_view_slice(authority, 0, colon);
    if (colon < authority.size) {
        out->port = wps_view_port(wps_view_slice(authority, colon + 1, authority.size));
        if (out->port == 0)
            return refuse(error, "has a port that is no whole number from 1 to 65535");
    }
    return check_host(out->host, error);
}

/* Length of a '.' at the start of text, written plainly or as %2E; 0 when there is none. */
static size_t dot_length(wps_view text)
{
    if (text.size > 0 && text.data[0] == '.')
        return 1;
    return text.size >= 3 && wps_view_equal_ignoring_case(wps_view_slice(text, 0, 3), wps_view_of("%2e")) ? 3 : 0;
}

static int is_dot_segment(wps_view segment)
{
    size_t first = dot_length(segment);
    size_t second = first ? dot_length(wps_view_slice(segment, first, segment.size)) : 0;
    return first > 0 && first + second == segment.size;
}

static wps_status check_path(wps_view path, wps_error *error)
{
    size_t start = 0;

    if (!all(path, is_path_character))
        return refuse(error, "has a character in its path that cannot stand there");
    while (start < path.size) {
        size_t end = wps_view_find(path, start, '/');
        if (is_dot_segment(wps_view_slice(path, start, end)))
            return refuse(error, "must not contain the path segments . and ..");
        start = end + 1;
    }
    return WPS_OK;
}

static wps_status check_characters(wps_view text, wps_error *error)
{
    size_t i;

    for (i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte <= 0x20 || byte >= 0x7F)
            return refuse(error, "contains white space, a control character or a character outside ASCII");
        if (byte == '?' || byte == '#')
            return refuse(error, "must not contain a query or a fragment");
    }
    return WPS_OK;
}

static wps_status parse(wps_view text, endpoint *out, wps_error *error)
{
    wps_status status = check_characters(text, error);
    size_t slash;

    if (status == WPS_OK)
        status = take_scheme(&text, out, error);
    if (status != WPS_OK)
        return status;
    slash = wps_view_find(text, 0, '/');
    status = take_authority(wps_view_slice(text, 0, slash), out, error);
    while (text.size > slash && text.data[text.size - 1] == '/')
        text.size--;
    out->path = wps_view_slice(text, slash, text.size);
    return status == WPS_OK ? check_path(out->path, error) : status;
}

static void put_endpoint(wps_writer *writer, const endpoint *e)
{
    size_t i;

    wps_writer_put_text(writer, e->secure ? "https://" : "http://");
    for (i = 0; i < e->host.size; i++)
        wps_writer_put_char(writer, wps_lower(e->host.data[i]));
    if (e->port != 0 && e->port != (e->secure ? 443 : 80)) {
        char port[16];
        snprintf(port, sizeof port, ":%d", e->port);
        wps_writer_put_text(writer, port);
    }
    wps_writer_put(writer, e->path.data, e->path.size);
}

wps_status wps_endpoint_normalize(wps_view text, int port, char *out, size_t capacity, size_t *needed, wps_error *error)
{
    endpoint e = {0};
    wps_writer writer = wps_writer_of(out, capacity);
    wps_status status;

    *needed = 0;
    if (port < 0 || port > 65535)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "port %d is not from 1 to 65535", port);
    status = parse(text, &e, error);
    if (status != WPS_OK)
        return status;
    if (port != 0)
        e.port = port;
    put_endpoint(&writer, &e);
    status = wps_writer_finish(&writer, needed);
    return status == WPS_OK ? status : wps_fail(error, status, "the endpoint needs %zu bytes", *needed);
}
