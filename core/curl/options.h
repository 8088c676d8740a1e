/* wps_curl_options, checked and copied. */
#ifndef WPS_CURL_OPTIONS_H
#define WPS_CURL_OPTIONS_H

#include <webpubsub/curl.h>

/* The options of a caller that may have been compiled against an older, shorter struct; NULL gives the defaults.
 * Texts are still the caller's. */
wps_status wps_curl_options_read(const wps_curl_options *given, wps_curl_options *out, wps_error *error);

#endif
