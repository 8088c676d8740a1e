/* webpubsub/openssl.h: keyed HMAC-SHA256 on OpenSSL's libcrypto (1.1.1 or later). Conventions: webpubsub/core.h. */
#ifndef WEBPUBSUB_OPENSSL_H
#define WEBPUBSUB_OPENSSL_H

#include <webpubsub/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An access key with its key schedule computed once and kept for every signature. The key text itself is not kept, and
 * what is kept is cleansed on free. One thread at a time. */
typedef struct wps_hmac_key wps_hmac_key;

/* `secret` is the text of the access key. WPS_INVALID_ARGUMENT when empty, WPS_OUT_OF_MEMORY, WPS_CRYPTO_FAILED. */
WPS_API wps_status wps_hmac_key_new(wps_view secret, wps_hmac_key **out, wps_error *error);
WPS_API void wps_hmac_key_free(wps_hmac_key *key);
WPS_API wps_status wps_hmac_key_sign(wps_hmac_key *key, wps_view data, unsigned char out[WPS_MAC_SIZE],
                                     wps_error *error);
/* For the functions of core.h that sign; valid while the key lives. */
WPS_API wps_mac wps_hmac_key_mac(wps_hmac_key *key);

#ifdef __cplusplus
}
#endif

#endif
