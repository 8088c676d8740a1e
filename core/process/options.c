#include "options.h"

#include "../src/status.h"

#include <string.h>

void wps_process_options_init(wps_process_options *options)
{
    *options = (wps_process_options){.struct_size = sizeof *options};
}

wps_status wps_process_options_read(const char *const *arguments, const wps_process_options *given,
                                    wps_process_options *out, wps_error *error)
{
    wps_process_options_init(out);
    if (!arguments || !arguments[0] || !arguments[0][0])
        return wps_fail(error, WPS_INVALID_ARGUMENT, "a process needs the name of a program");
    if (!given)
        return WPS_OK;
    if (given->struct_size < sizeof given->struct_size)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the options were not filled by wps_process_options_init");
    memcpy(out, given, given->struct_size < sizeof *out ? given->struct_size : sizeof *out);
    return WPS_OK;
}
