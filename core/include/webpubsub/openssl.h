/* webpubsub/openssl.h: keyed HMAC-SHA256 and RSA signatures by a certificate's key, on OpenSSL's libcrypto (1.1.1 or
 * later). Conventions: webpubsub/core.h. */
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

/* A certificate with its RSA private key. OpenSSL cleanses the key on free. One thread at a time. */
typedef struct wps_certificate wps_certificate;

/* RFC 7518 sections 3.3 and 3.5 */
typedef enum wps_rsa_algorithm { WPS_RS256, WPS_PS256 } wps_rsa_algorithm;

#define WPS_SHA1_SIZE 20
#define WPS_SHA256_SIZE 32

/* `pem` holds a private key and its certificate, in any order; others are passed over. Nothing ever asks the terminal
 * for a password. WPS_INVALID_ARGUMENT (the sentence quotes nothing of the text), WPS_OUT_OF_MEMORY. */
WPS_API wps_status wps_certificate_from_pem(wps_view pem, wps_certificate **out, wps_error *error);
WPS_API void wps_certificate_free(wps_certificate *certificate);

/* Hashes of the DER form: x5t and x5t#S256 of RFC 7515 sections 4.1.7 and 4.1.8 before base64url. */
WPS_API wps_status wps_certificate_sha1(const wps_certificate *certificate, unsigned char out[WPS_SHA1_SIZE],
                                        wps_error *error);
WPS_API wps_status wps_certificate_sha256(const wps_certificate *certificate, unsigned char out[WPS_SHA256_SIZE],
                                          wps_error *error);

WPS_API wps_status wps_certificate_sign(wps_certificate *certificate, wps_rsa_algorithm algorithm, wps_view data,
                                        char *out, size_t capacity, size_t *needed, wps_error *error);

#ifdef __cplusplus
}
#endif

#endif
