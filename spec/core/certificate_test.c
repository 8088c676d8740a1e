#include "support/memory.h"

#include <webpubsub/openssl.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* A key and its self-signed certificate, made by libcrypto once for all tests. */
static EVP_PKEY *rsa;
static X509 *leaf;
static char pem[8192];
static size_t pem_size;

static wps_view whole_pem(void)
{
    return (wps_view){pem, pem_size};
}

static int make_certificate(void)
{
    X509_NAME *name;

    leaf = X509_new();
    name = X509_get_subject_name(leaf);
    return leaf && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0) &&
           X509_set_issuer_name(leaf, name) && ASN1_INTEGER_set(X509_get_serialNumber(leaf), 1) &&
           X509_gmtime_adj(X509_getm_notBefore(leaf), 0) && X509_gmtime_adj(X509_getm_notAfter(leaf), 3600) &&
           X509_set_pubkey(leaf, rsa) && X509_sign(leaf, rsa, EVP_sha256());
}

static int make_pair(void **state)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    BIO *bio = BIO_new(BIO_s_mem());

    (void)state;
    if (EVP_PKEY_keygen_init(context) != 1 || EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) != 1 ||
        EVP_PKEY_keygen(context, &rsa) != 1 || !make_certificate() ||
        PEM_write_bio_PrivateKey(bio, rsa, NULL, NULL, 0, NULL, NULL) != 1 || PEM_write_bio_X509(bio, leaf) != 1)
        return -1;
    pem_size = (size_t)BIO_read(bio, pem, sizeof pem);
    BIO_free(bio);
    EVP_PKEY_CTX_free(context);
    return 0;
}

static int free_pair(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    X509_free(leaf);
    return 0;
}

static int verifies(wps_rsa_algorithm algorithm, const char *signature, size_t size, wps_view data)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context;
    int ok = EVP_DigestVerifyInit(md, &context, EVP_sha256(), NULL, rsa) == 1;

    if (algorithm == WPS_PS256)
        ok = ok && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) > 0;
    ok = ok &&
         EVP_DigestVerify(md, (const unsigned char *)signature, size, (const unsigned char *)data.data, data.size) == 1;
    EVP_MD_CTX_free(md);
    return ok;
}

static void signatures_verify_under_their_own_algorithm_alone(void **state)
{
    static const wps_rsa_algorithm algorithms[] = {WPS_RS256, WPS_PS256};
    wps_certificate *certificate;
    char signature[256];
    size_t needed = 0, i;

    (void)state;
    assert_status(wps_certificate_from_pem(whole_pem(), &certificate, NULL), WPS_OK);
    for (i = 0; i < COUNT_OF(algorithms); i++) {
        assert_status(wps_certificate_sign(certificate, algorithms[i], VIEW("data"), NULL, 0, &needed, NULL),
                      WPS_BUFFER_TOO_SMALL);
        assert_int_equal(needed, sizeof signature);
        assert_status(
            wps_certificate_sign(certificate, algorithms[i], VIEW("data"), signature, sizeof signature, &needed, NULL),
            WPS_OK);
        assert_true(verifies(algorithms[i], signature, needed, VIEW("data")));
        assert_false(verifies(algorithms[!i], signature, needed, VIEW("data")));
        assert_false(verifies(algorithms[i], signature, needed, VIEW("date")));
    }
    wps_certificate_free(certificate);
}

static void thumbprints_are_those_of_libcrypto(void **state)
{
    unsigned char expected[EVP_MAX_MD_SIZE], short_hash[WPS_SHA1_SIZE], long_hash[WPS_SHA256_SIZE];
    wps_certificate *certificate;

    (void)state;
    assert_status(wps_certificate_from_pem(whole_pem(), &certificate, NULL), WPS_OK);
    assert_status(wps_certificate_sha1(certificate, short_hash, NULL), WPS_OK);
    X509_digest(leaf, EVP_sha1(), expected, NULL);
    assert_memory_equal(short_hash, expected, sizeof short_hash);
    assert_status(wps_certificate_sha256(certificate, long_hash, NULL), WPS_OK);
    X509_digest(leaf, EVP_sha256(), expected, NULL);
    assert_memory_equal(long_hash, expected, sizeof long_hash);
    wps_certificate_free(certificate);
}

static void a_text_cut_anywhere_is_refused_or_read(void **state)
{
    size_t size;

    (void)state;
    for (size = 0; size < pem_size; size += 7) {
        guard guarded;
        wps_certificate *certificate;
        wps_status status = wps_certificate_from_pem(guard_copy(&guarded, (wps_view){pem, size}), &certificate, NULL);
        assert_true(size > pem_size - 40 || status == WPS_INVALID_ARGUMENT);
        wps_certificate_free(certificate);
        guard_free(&guarded);
    }
}

static wps_status read_and_free(void *context)
{
    wps_certificate *certificate;
    wps_status status = wps_certificate_from_pem(whole_pem(), &certificate, NULL);

    (void)context;
    wps_certificate_free(certificate);
    return status;
}

static void a_certificate_survives_failed_allocations(void **state)
{
    (void)state;
    assert_survives_failed_allocations(read_and_free, NULL);
    wps_certificate_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_verify_under_their_own_algorithm_alone),
        cmocka_unit_test(thumbprints_are_those_of_libcrypto),
        cmocka_unit_test(a_text_cut_anywhere_is_refused_or_read),
        cmocka_unit_test(a_certificate_survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, make_pair, free_pair);
}
