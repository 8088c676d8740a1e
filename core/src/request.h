/* What a transport may see of a request beyond the public face. */
#ifndef WPS_REQUEST_H
#define WPS_REQUEST_H

#include "sibling.h"

/* NUL-terminated texts, valid until the request changes. */
WPS_SIBLING const char *wps_request_method_text(const wps_request *request);
WPS_SIBLING const char *wps_request_url_text(const wps_request *request);
/* `Name: value`, or `Name;` for an empty value, which is how libcurl is told of one. Writable because libcurl's list
 * type says so; nobody writes. */
WPS_SIBLING char *wps_request_header_line(const wps_request *request, size_t index);

/* Makes `to`, an existing request, the same as `from`, with a body of its own. WPS_OUT_OF_MEMORY leaves `to` empty. */
WPS_SIBLING wps_status wps_request_copy(wps_request *to, const wps_request *from);

#endif
