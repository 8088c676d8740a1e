#include "loopback.h"

#include "../src/view.h"

#include <string.h>

static int ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#';
}

static wps_view authority_of(wps_view url)
{
    size_t start = wps_view_find(url, 0, '/'), end;

    while (start < url.size && url.data[start] == '/')
        start++;
    for (end = start; end < url.size && !ends_authority(url.data[end]);)
        end++;
    return wps_view_slice(url, start, end);
}

/* An IPv6 address with its brackets. */
static wps_view host_of(wps_view url)
{
    wps_view host = authority_of(url);
    size_t at;

    while ((at = wps_view_find(host, 0, '@')) < host.size)
        host = wps_view_slice(host, at + 1, host.size);
    at = wps_view_find(host, 0, ']');
    return wps_view_slice(host, 0, wps_view_find(host, at < host.size ? at : 0, ':'));
}

static int is_loopback_address(wps_view host)
{
    size_t i;

    if (host.size < 5 || memcmp(host.data, "127.", 4) != 0)
        return 0;
    for (i = 4; i < host.size; i++)
        if (!wps_is_digit(host.data[i]) && host.data[i] != '.')
            return 0;
    return 1;
}

static int ends_with(wps_view text, wps_view end)
{
    return text.size >= end.size &&
           wps_view_equal_ignoring_case(wps_view_slice(text, text.size - end.size, text.size), end);
}

int wps_is_loopback_url(wps_view url)
{
    wps_view host = host_of(url);

    if (host.size > 0 && host.data[host.size - 1] == '.')
        host.size--;
    return wps_view_equal_ignoring_case(host, wps_view_of("localhost")) || ends_with(host, wps_view_of(".localhost")) ||
           wps_view_equal(host, wps_view_of("[::1]")) || is_loopback_address(host);
}
