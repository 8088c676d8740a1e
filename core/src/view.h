/* Small questions about text. ASCII only and independent of the locale. */
#ifndef WPS_VIEW_H
#define WPS_VIEW_H

#include "sibling.h"

WPS_SIBLING wps_view wps_view_slice(wps_view text, size_t start, size_t end);
/* Without spaces and tabs at both ends. */
wps_view wps_view_trim(wps_view text);
/* Index of the first `c` at or after `start`; text.size when there is none. */
WPS_SIBLING size_t wps_view_find(wps_view text, size_t start, char c);
WPS_SIBLING int wps_view_equal(wps_view a, wps_view b);
WPS_SIBLING int wps_view_equal_ignoring_case(wps_view a, wps_view b);

char wps_lower(char c);
WPS_SIBLING int wps_is_digit(char c);
int wps_is_letter(char c);
int wps_is_control(char c);    /* U+0000..U+001F and DEL */
int wps_is_unreserved(char c); /* RFC 3986 section 2.3 */
/* 0..15, or -1 */
int wps_hex_value(char c);

/* A whole number from 1 to 65535, or 0 when the text is none. */
int wps_view_port(wps_view text);

#endif
