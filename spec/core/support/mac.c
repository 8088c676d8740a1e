#include "mac.h"

static wps_status sign_constant(void *key, wps_view data, unsigned char out[WPS_MAC_SIZE], wps_error *error)
{
    (void)key, (void)data, (void)error;
    memset(out, 0xA5, WPS_MAC_SIZE);
    return WPS_OK;
}

static wps_status sign_never(void *key, wps_view data, unsigned char out[WPS_MAC_SIZE], wps_error *error)
{
    (void)key, (void)data, (void)out;
    if (error) {
        *error = (wps_error){WPS_CRYPTO_FAILED, WPS_NOT_SENT, 0, "no"};
    }
    return WPS_CRYPTO_FAILED;
}

const wps_mac constant_mac = {sign_constant, NULL};
const wps_mac failing_mac = {sign_never, NULL};
