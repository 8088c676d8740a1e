#ifndef WPS_PROCESS_OPTIONS_H
#define WPS_PROCESS_OPTIONS_H

#include <webpubsub/process.h>

/* Checks the arguments and copies the options of a caller that may have been compiled against a shorter struct; NULL
 * gives the defaults. */
wps_status wps_process_options_read(const char *const *arguments, const wps_process_options *given,
                                    wps_process_options *out, wps_error *error);

#endif
