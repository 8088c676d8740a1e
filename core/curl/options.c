#include "options.h"

#include "../src/status.h"

#include <limits.h>
#include <string.h>

void wps_curl_options_init(wps_curl_options *options)
{
    *options = (wps_curl_options){
        .struct_size = sizeof *options,
        .connect_timeout_ms = 10000,
        .max_response_body = 4194304,
        .max_response_header = 65536,
        .verify = 1,
        .max_connections = 4,
    };
}

static wps_status check(const wps_curl_options *options, wps_error *error)
{
    if (options->connect_timeout_ms <= 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "connect_timeout_ms must be positive");
    /* To libcurl a limit of 0 is none. */
    if (options->max_response_body == 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "max_response_body must be positive");
    if (options->max_response_header == 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "max_response_header must be positive");
    if (options->max_connections < 1)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "max_connections must be at least 1");
    return WPS_OK;
}

wps_status wps_curl_options_read(const wps_curl_options *given, wps_curl_options *out, wps_error *error)
{
    wps_curl_options_init(out);
    if (!given)
        return WPS_OK;
    if (given->struct_size < sizeof given->struct_size)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the options were not filled by wps_curl_options_init");
    memcpy(out, given, given->struct_size < sizeof *out ? given->struct_size : sizeof *out);
    return check(out, error);
}
