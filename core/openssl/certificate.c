#include "certificate.h"

#include "../src/alloc.h"
#include "../src/status.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <limits.h>
#include <string.h>

wps_status wps_certificate_fail(wps_error *error, wps_status status, const char *sentence)
{
    ERR_clear_error();
    return wps_fail(error, status, "%s", sentence);
}

/* RFC 7515 section 4.1.6: the certificate of the key that signs comes first. */
static int put_leaf_first(wps_certificate *certificate)
{
    X509 *leaf = NULL;
    int i;

    for (i = 0; !leaf && i < sk_X509_num(certificate->chain); i++)
        if (X509_check_private_key(sk_X509_value(certificate->chain, i), certificate->key) == 1)
            leaf = sk_X509_delete(certificate->chain, i);
    if (leaf && sk_X509_unshift(certificate->chain, leaf) > 0)
        return 1;
    X509_free(leaf);
    return 0;
}

static int is_pem(wps_view data)
{
    static const char begin[] = "-----BEGIN";
    size_t i;

    for (i = 0; i + sizeof begin - 1 <= data.size; i++)
        if (memcmp(data.data + i, begin, sizeof begin - 1) == 0)
            return 1;
    return 0;
}

static wps_status read_pair(wps_certificate *certificate, wps_view data, wps_view password, wps_error *error)
{
    wps_status status = is_pem(data) ? wps_certificate_read_pem(certificate, data, password, error)
                                     : wps_certificate_read_pfx(certificate, data, password, error);

    if (status != WPS_OK)
        return status;
    if (EVP_PKEY_base_id(certificate->key) != EVP_PKEY_RSA)
        return wps_certificate_fail(error, WPS_INVALID_ARGUMENT, "the private key is not an RSA key");
    if (!put_leaf_first(certificate))
        return wps_certificate_fail(error, WPS_INVALID_ARGUMENT, "no certificate belongs to the private key");
    ERR_clear_error();
    return WPS_OK;
}

static wps_status check(wps_view data, wps_view password, wps_error *error)
{
    if (data.size == 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the certificate is empty");
    if (data.size > INT_MAX || password.size > INT_MAX)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the certificate or its password is too long");
    if (password.size && memchr(password.data, '\0', password.size))
        return wps_fail(error, WPS_INVALID_ARGUMENT, "a certificate's password must not hold a zero byte");
    return WPS_OK;
}

static wps_status open_certificate(wps_certificate *certificate, wps_view data, wps_view password, wps_error *error)
{
    certificate->chain = sk_X509_new_null();
    return certificate->chain ? read_pair(certificate, data, password, error) : wps_fail_out_of_memory(error);
}

wps_status wps_certificate_new(wps_view data, wps_view password, wps_certificate **out, wps_error *error)
{
    wps_certificate *certificate;
    wps_status status = check(data, password, error);

    *out = NULL;
    if (status != WPS_OK)
        return status;
    certificate = wps_memory_resize(NULL, sizeof *certificate);
    if (!certificate)
        return wps_fail_out_of_memory(error);
    *certificate = (wps_certificate){NULL, NULL};
    status = open_certificate(certificate, data, password, error);
    if (status == WPS_OK)
        *out = certificate;
    else
        wps_certificate_free(certificate);
    return status;
}

void wps_certificate_free(wps_certificate *certificate)
{
    if (!certificate)
        return;
    EVP_PKEY_free(certificate->key);
    sk_X509_pop_free(certificate->chain, X509_free);
    wps_memory_free(certificate);
}

size_t wps_certificate_count(const wps_certificate *certificate)
{
    return (size_t)sk_X509_num(certificate->chain);
}

wps_status wps_certificate_der(const wps_certificate *certificate, size_t index, char *out, size_t capacity,
                               size_t *needed, wps_error *error)
{
    X509 *chosen = index < wps_certificate_count(certificate) ? sk_X509_value(certificate->chain, (int)index) : NULL;
    int size = chosen ? i2d_X509(chosen, NULL) : 0;
    unsigned char *end = (unsigned char *)out;

    *needed = size > 0 ? (size_t)size : 0;
    if (!chosen)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "there is no certificate with this index");
    if (size <= 0)
        return wps_certificate_fail(error, WPS_CRYPTO_FAILED, "OpenSSL could not encode the certificate");
    if (capacity < *needed)
        return wps_fail(error, WPS_BUFFER_TOO_SMALL, "the certificate does not fit");
    i2d_X509(chosen, &end);
    return WPS_OK;
}

static wps_status thumbprint(const wps_certificate *certificate, const EVP_MD *digest, unsigned char *out,
                             wps_error *error)
{
    if (X509_digest(sk_X509_value(certificate->chain, 0), digest, out, NULL) == 1)
        return WPS_OK;
    return wps_certificate_fail(error, WPS_CRYPTO_FAILED, "OpenSSL could not hash the certificate");
}

wps_status wps_certificate_sha1(const wps_certificate *certificate, unsigned char out[WPS_SHA1_SIZE], wps_error *error)
{
    return thumbprint(certificate, EVP_sha1(), out, error);
}

wps_status wps_certificate_sha256(const wps_certificate *certificate, unsigned char out[WPS_SHA256_SIZE],
                                  wps_error *error)
{
    return thumbprint(certificate, EVP_sha256(), out, error);
}

/* RFC 7518 section 3.5: MGF1 with the same hash (OpenSSL's default), a salt as long as the hash. */
static int start_signing(EVP_MD_CTX *state, EVP_PKEY *key, wps_rsa_algorithm algorithm)
{
    EVP_PKEY_CTX *context;

    if (EVP_DigestSignInit(state, &context, EVP_sha256(), NULL, key) != 1)
        return 0;
    return algorithm == WPS_RS256 || (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
                                      EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

wps_status wps_certificate_sign(wps_certificate *certificate, wps_rsa_algorithm algorithm, wps_view data, char *out,
                                size_t capacity, size_t *needed, wps_error *error)
{
    EVP_MD_CTX *state;
    int signed_ok;

    *needed = (size_t)EVP_PKEY_size(certificate->key);
    if (capacity < *needed)
        return wps_fail(error, WPS_BUFFER_TOO_SMALL, "the signature does not fit");
    state = EVP_MD_CTX_new();
    if (!state)
        return wps_fail_out_of_memory(error);
    signed_ok = start_signing(state, certificate->key, algorithm) &&
                EVP_DigestSign(state, (unsigned char *)out, needed, (const unsigned char *)data.data, data.size) == 1;
    EVP_MD_CTX_free(state);
    return signed_ok ? WPS_OK
                     : wps_certificate_fail(error, WPS_CRYPTO_FAILED, "OpenSSL could not sign with the private key");
}
