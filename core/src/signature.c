#include "status.h"
#include "view.h"

#include <string.h>

int wps_constant_time_equal(wps_view a, wps_view b)
{
    volatile unsigned char difference = 0;
    size_t i;

    if (a.size != b.size)
        return 0;
    for (i = 0; i < a.size; i++)
        difference = (unsigned char)(difference | (a.data[i] ^ b.data[i]));
    return difference == 0;
}

/* `sha256=` and 64 hexadecimal digits. */
static int read_entry(wps_view entry, char mac[WPS_MAC_SIZE])
{
    static const char prefix[] = "sha256=";
    size_t length = sizeof prefix - 1, i;

    if (entry.size != length + 2 * WPS_MAC_SIZE || memcmp(entry.data, prefix, length) != 0)
        return 0;
    for (i = 0; i < WPS_MAC_SIZE; i++) {
        int high = wps_hex_value(entry.data[length + 2 * i]);
        int low = wps_hex_value(entry.data[length + 2 * i + 1]);
        if (high < 0 || low < 0)
            return 0;
        mac[i] = (char)(high * 16 + low);
    }
    return 1;
}

static int matches_any(wps_view entry, const unsigned char (*expected)[WPS_MAC_SIZE], size_t count)
{
    char given[WPS_MAC_SIZE];
    int matches = 0;
    size_t i;

    if (!read_entry(entry, given))
        return 0;
    for (i = 0; i < count; i++)
        matches |= wps_constant_time_equal((wps_view){given, WPS_MAC_SIZE},
                                           (wps_view){(const char *)expected[i], WPS_MAC_SIZE});
    return matches;
}

wps_status wps_signature_check(wps_view header, const unsigned char (*expected)[WPS_MAC_SIZE], size_t count)
{
    size_t start = 0;
    int matches = 0;

    while (start < header.size) {
        size_t end = wps_view_find(header, start, ',');
        matches |= matches_any(wps_view_trim(wps_view_slice(header, start, end)), expected, count);
        start = end + 1;
    }
    return matches ? WPS_OK : WPS_BAD_SIGNATURE;
}
