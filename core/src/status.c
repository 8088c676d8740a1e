#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    "ok",
    "invalid_argument",
    "out_of_memory",
    "buffer_too_small",
    "end",
    "malformed",
    "bad_signature",
    "expired",
    "not_yet_valid",
    "wrong_audience",
    "crypto_failed",
    "resolve_failed",
    "connect_failed",
    "tls_failed",
    "timeout",
    "connection_lost",
    "bad_response",
    "response_too_large",
    "network_failed",
    "system_failed",
};

const char *wps_status_name(wps_status status)
{
    int index = (int)status;
    int count = (int)(sizeof names / sizeof names[0]);
    return index >= 0 && index < count ? names[index] : "unknown";
}

wps_status wps_fail(wps_error *error, wps_status status, const char *format, ...)
{
    va_list arguments;

    if (!error)
        return status;
    error->status = status;
    error->outcome = WPS_NOT_SENT;
    error->native = 0;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

wps_status wps_fail_out_of_memory(wps_error *error)
{
    return wps_fail(error, WPS_OUT_OF_MEMORY, "out of memory");
}

wps_status wps_fail_errno(wps_error *error, int number, const char *sentence)
{
    char reason[96];

    if (strerror_r(number, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "errno %d", number);
    wps_fail(error, WPS_SYSTEM_FAILED, "%s (%s)", sentence, reason);
    if (error)
        error->native = number;
    return WPS_SYSTEM_FAILED;
}
