#include "status.h"
#include "view.h"

#include <string.h>

/* RFC 9110 section 5.6.2 */
static int is_token_character(char c)
{
    return wps_is_letter(c) || wps_is_digit(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static int is_token(wps_view text)
{
    size_t i;

    for (i = 0; i < text.size; i++)
        if (!is_token_character(text.data[i]))
            return 0;
    return text.size > 0;
}

static int is_visible(wps_view text)
{
    size_t i;

    for (i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] <= 0x20 || (unsigned char)text.data[i] > 0x7E)
            return 0;
    return text.size > 0;
}

/* RFC 9110 section 5.5: CR, LF and NUL end or split a field; the other control characters have no use in one. */
static int is_field_value(wps_view text)
{
    size_t i;

    for (i = 0; i < text.size; i++)
        if (wps_is_control(text.data[i]) && text.data[i] != '\t')
            return 0;
    return 1;
}

wps_status wps_check_request_line(wps_view method, wps_view url, wps_error *error)
{
    if (!is_token(method))
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the method is no HTTP token");
    if (!is_visible(url))
        return wps_fail(error, WPS_INVALID_ARGUMENT,
                        "the URL is empty or has a space, a control character or a character outside ASCII");
    return WPS_OK;
}

wps_status wps_check_header(wps_view name, wps_view value, wps_error *error)
{
    if (!is_token(name))
        return wps_fail(error, WPS_INVALID_ARGUMENT, "a header name is no HTTP token");
    if (!is_field_value(value))
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the value of header %.*s has a control character",
                        (int)(name.size < 64 ? name.size : 64), name.data);
    return WPS_OK;
}
