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

/* `data` is PEM text (it holds "-----BEGIN") or a PFX file (PKCS#12, DER), with one private key, its certificate and
 * perhaps others, in any order. An empty `password` is none; in a PFX file an absent and an empty one are both tried.
 * Nothing ever asks the terminal for a password, and it is not kept. WPS_INVALID_ARGUMENT (the sentence quotes nothing
 * of the data), WPS_OUT_OF_MEMORY. */
WPS_API wps_status wps_certificate_new(wps_view data, wps_view password, wps_certificate **out, wps_error *error);
WPS_API void wps_certificate_free(wps_certificate *certificate);

/* The key's own certificate has index 0; the others follow in the order of the data. DER is what x5c of RFC 7515
 * section 4.1.6 is made of. */
WPS_API size_t wps_certificate_count(const wps_certificate *certificate);
WPS_API wps_status wps_certificate_der(const wps_certificate *certificate, size_t index, char *out, size_t capacity,
                                       size_t *needed, wps_error *error);

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
