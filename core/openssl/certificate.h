#ifndef WPS_OPENSSL_CERTIFICATE_H
#define WPS_OPENSSL_CERTIFICATE_H

#include <webpubsub/openssl.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

struct wps_certificate {
    EVP_PKEY *key;
    STACK_OF(X509) *chain; /* once complete: the key's own certificate first */
};

/* Fails with our sentence. What OpenSSL says may quote what it read; its queue is left empty. */
wps_status wps_certificate_fail(wps_error *error, wps_status status, const char *sentence);

/* Fill `key` and push onto `chain` in the order found; what they took belongs to the certificate also when they fail.
 * An empty password is none. */
wps_status wps_certificate_read_pem(wps_certificate *certificate, wps_view pem, wps_view password, wps_error *error);
wps_status wps_certificate_read_pfx(wps_certificate *certificate, wps_view der, wps_view password, wps_error *error);

#endif
