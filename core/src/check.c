#include "status.h"
#include "view.h"

#include <stdint.h>
#include <string.h>

/* What a byte may be part of. Every byte of every header is looked up, for each request twice, so this is a table. */
enum { TOKEN = 1, URL = 2, FIELD = 4 };

/* Rows of 16. T: token (RFC 9110 section 5.6.2), all visible ASCII may stand in a URL here, and in a field value
 * (section 5.5) everything but the control characters other than tab: CR, LF and NUL end or split a field. */
#define N 0
#define F FIELD
#define V (FIELD | URL)
#define T (FIELD | URL | TOKEN)
static const unsigned char classes[128] = {
    N, N, N, N, N, N, N, N, N, F, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    F, T, V, T, T, T, T, T, V, V, T, T, V, T, T, V, T, T, T, T, T, T, T, T, T, T, V, V, V, V, V, V,
    V, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, V, V, V, T, T,
    T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, V, T, V, T, N,
};
#undef N
#undef F
#undef V
#undef T

/* One bit, the highest, for each of eight bytes at once. */
#define EACH(byte) (UINT64_MAX / 255 * (byte))

/* Are all eight bytes visible ASCII? Those may stand in URLs and in field values, so most texts pass by this alone.
 * Sums within seven bits carry into the eighth of their own byte: below '!' the first leaves it clear, at DEL the
 * second sets it. */
static int are_visible(const unsigned char *bytes)
{
    uint64_t word, low;

    memcpy(&word, bytes, sizeof word);
    low = word & EACH(0x7F);
    return ((word | ~(low + EACH(0x80 - '!')) | (low + EACH(1))) & EACH(0x80)) == 0;
}

static int is_each_in(const unsigned char *byte, const unsigned char *end, int wanted, int beyond_ascii)
{
    for (; byte < end; byte++)
        if (*byte < 128 ? !(classes[*byte] & wanted) : !beyond_ascii)
            return 0;
    return 1;
}

/* `wanted` is one that all visible ASCII belongs to. */
static int all_of(wps_view text, int wanted, int beyond_ascii)
{
    const unsigned char *byte = (const unsigned char *)text.data, *end = byte + text.size;

    for (; end - byte >= 8; byte += 8)
        if (!are_visible(byte) && !is_each_in(byte, byte + 8, wanted, beyond_ascii))
            return 0;
    return is_each_in(byte, end, wanted, beyond_ascii);
}

static int is_token(wps_view text)
{
    const unsigned char *byte = (const unsigned char *)text.data;

    return text.size > 0 && is_each_in(byte, byte + text.size, TOKEN, 0);
}

static int is_visible(wps_view text)
{
    return text.size > 0 && all_of(text, URL, 0);
}

static int is_field_value(wps_view text)
{
    return all_of(text, FIELD, 1);
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
