#include <webpubsub/openssl.h>

#include "../src/alloc.h"
#include "../src/status.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <limits.h>
#include <string.h>

struct wps_certificate {
    EVP_PKEY *key;
    X509 *leaf;
};

/* What OpenSSL says may quote what it read; the sentence is ours, and its queue is left as empty as it was. */
static wps_status fail(wps_error *error, wps_status status, const char *sentence)
{
    ERR_clear_error();
    return wps_fail(error, status, "%s", sentence);
}

/* Without it OpenSSL would ask the terminal for the password of an encrypted key. */
static int give_no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *read_key(wps_view pem)
{
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_no_password, NULL) : NULL;

    BIO_free(bio);
    return key;
}

/* The first certificate whose public key is the key's. */
static X509 *read_leaf(wps_view pem, EVP_PKEY *key)
{
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    X509 *found = NULL, *next;

    while (bio && !found && (next = PEM_read_bio_X509(bio, NULL, give_no_password, NULL)) != NULL) {
        if (X509_check_private_key(next, key) == 1)
            found = next;
        else
            X509_free(next);
    }
    BIO_free(bio);
    return found;
}

static wps_status read_pem(wps_certificate *certificate, wps_view pem, wps_error *error)
{
    certificate->key = read_key(pem);
    if (!certificate->key)
        return fail(error, WPS_INVALID_ARGUMENT,
                    "the PEM text holds no private key that can be read without a password");
    if (EVP_PKEY_base_id(certificate->key) != EVP_PKEY_RSA)
        return fail(error, WPS_INVALID_ARGUMENT, "the private key is not an RSA key");
    certificate->leaf = read_leaf(pem, certificate->key);
    if (!certificate->leaf)
        return fail(error, WPS_INVALID_ARGUMENT, "the PEM text holds no certificate of its private key");
    ERR_clear_error();
    return WPS_OK;
}

wps_status wps_certificate_from_pem(wps_view pem, wps_certificate **out, wps_error *error)
{
    wps_certificate *certificate;
    wps_status status;

    *out = NULL;
    if (pem.size == 0 || pem.size > INT_MAX)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the PEM text is empty");
    certificate = wps_memory_resize(NULL, sizeof *certificate);
    if (!certificate)
        return wps_fail_out_of_memory(error);
    *certificate = (wps_certificate){NULL, NULL};
    status = read_pem(certificate, pem, error);
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
    X509_free(certificate->leaf);
    wps_memory_free(certificate);
}

static wps_status thumbprint(const wps_certificate *certificate, const EVP_MD *digest, unsigned char *out,
                             wps_error *error)
{
    if (X509_digest(certificate->leaf, digest, out, NULL) == 1)
        return WPS_OK;
    return fail(error, WPS_CRYPTO_FAILED, "OpenSSL could not hash the certificate");
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
    return signed_ok ? WPS_OK : fail(error, WPS_CRYPTO_FAILED, "OpenSSL could not sign with the private key");
}
