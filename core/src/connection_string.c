#include "status.h"
#include "view.h"

#include <string.h>

enum { NAME_COUNT = 4 };
static const char *const names[NAME_COUNT] = {"Endpoint", "AccessKey", "Version", "Port"};

static int name_index(wps_view name)
{
    int i;

    for (i = 0; i < NAME_COUNT; i++)
        if (wps_view_equal_ignoring_case(name, wps_view_of(names[i])))
            return i;
    return -1;
}

static int has_control(wps_view text)
{
    size_t i;

    for (i = 0; i < text.size; i++)
        if (wps_is_control(text.data[i]))
            return 1;
    return 0;
}

/* A part is split at its first '=': keys end in '='. `values[i].data` is NULL as long as part i has not been seen. */
static wps_status take_part(wps_view part, size_t number, wps_view values[NAME_COUNT], wps_error *error)
{
    size_t equals = wps_view_find(part, 0, '=');
    int index;

    if (part.size == 0)
        return WPS_OK;
    if (equals == part.size)
        return wps_fail(error, WPS_MALFORMED, "part %zu of the connection string has no '='", number);
    index = name_index(wps_view_trim(wps_view_slice(part, 0, equals)));
    if (index < 0)
        return WPS_OK;
    if (values[index].data)
        return wps_fail(error, WPS_MALFORMED, "the connection string has %s twice", names[index]);
    values[index] = wps_view_trim(wps_view_slice(part, equals + 1, part.size));
    return WPS_OK;
}

static wps_status take_all(wps_view text, wps_view values[NAME_COUNT], wps_error *error)
{
    wps_status status = WPS_OK;
    size_t start = 0, number = 0;

    while (status == WPS_OK && start < text.size) {
        size_t end = wps_view_find(text, start, ';');
        status = take_part(wps_view_trim(wps_view_slice(text, start, end)), ++number, values, error);
        start = end + 1;
    }
    return status;
}

static wps_status store(const wps_view values[NAME_COUNT], wps_connection_string *out, wps_error *error)
{
    int i;

    for (i = 0; i < 2; i++)
        if (values[i].size == 0)
            return wps_fail(error, WPS_MALFORMED, "the connection string has no %s", names[i]);
    *out = (wps_connection_string){values[0], values[1], values[2], 0};
    if (!values[3].data)
        return WPS_OK;
    out->port = wps_view_port(values[3]);
    if (out->port == 0)
        return wps_fail(error, WPS_MALFORMED, "Port in the connection string is no whole number from 1 to 65535");
    return WPS_OK;
}

wps_status wps_connection_string_parse(wps_view text, wps_connection_string *out, wps_error *error)
{
    wps_view values[NAME_COUNT] = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    wps_status status;

    *out = (wps_connection_string){{NULL, 0}, {NULL, 0}, {NULL, 0}, 0};
    if (has_control(wps_view_trim(text)))
        return wps_fail(error, WPS_MALFORMED, "the connection string contains a control character");
    status = take_all(text, values, error);
    return status == WPS_OK ? store(values, out, error) : status;
}
