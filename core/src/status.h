/* Filling a wps_error. Both functions return `status`, so that a failing function can end with them. */
#ifndef WPS_STATUS_H
#define WPS_STATUS_H

#include "sibling.h"

#if defined(__GNUC__)
#define WPS_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define WPS_PRINTF(text, first)
#endif

/* Outcome not_sent, native 0. The sentence must hold no key, token or connection string value. */
WPS_SIBLING wps_status wps_fail(wps_error *error, wps_status status, const char *format, ...) WPS_PRINTF(3, 4);

WPS_SIBLING wps_status wps_fail_out_of_memory(wps_error *error);

/* Appends " (text of errno)" to the sentence. */
WPS_SIBLING wps_status wps_fail_errno(wps_error *error, int number, const char *sentence);

#endif
