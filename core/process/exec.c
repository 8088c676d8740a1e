#include <webpubsub/process.h>

#include "environment.h"
#include "options.h"

#include "../src/alloc.h"
#include "../src/status.h"

#include <errno.h>
#include <unistd.h>

/* POSIX has no execvpe: the environment is exchanged, and put back when there is still somebody to see it. */
wps_status wps_process_exec(const char *const *arguments, const wps_process_options *options, wps_error *error)
{
    wps_process_options checked;
    wps_status status = wps_process_options_read(arguments, options, &checked, error);
    char ***place = wps_environment_place(), **before = *place, **changed;
    int failed;

    if (status != WPS_OK)
        return status;
    changed = wps_environment_with(checked.environment);
    if (!changed)
        return wps_fail_out_of_memory(error);
    *place = changed;
    execvp(arguments[0], (char *const *)arguments);
    failed = errno;
    *place = before;
    wps_memory_free(changed);
    return wps_fail_errno(error, failed, "the program could not be started");
}
