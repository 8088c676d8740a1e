#include "support/memory.h"

#include <webpubsub/openssl.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* Two keys and their self-signed certificates, made by libcrypto once for all tests. */
static EVP_PKEY *rsa, *other_rsa;
static X509 *leaf, *other;
static char pem[8192];
static size_t pem_size;

/* DER or PEM that a test made. */
typedef struct made {
    char bytes[16384];
    size_t size;
} made;

static wps_view whole_pem(void)
{
    return (wps_view){pem, pem_size};
}

static X509 *certificate_of(EVP_PKEY *key, const char *who)
{
    X509 *made_one = X509_new();
    X509_NAME *name = X509_get_subject_name(made_one);
    int ok = X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)who, -1, -1, 0) &&
             X509_set_issuer_name(made_one, name) && ASN1_INTEGER_set(X509_get_serialNumber(made_one), 1) &&
             X509_gmtime_adj(X509_getm_notBefore(made_one), 0) && X509_gmtime_adj(X509_getm_notAfter(made_one), 3600) &&
             X509_set_pubkey(made_one, key) && X509_sign(made_one, key, EVP_sha256());

    assert_true(ok);
    return made_one;
}

static EVP_PKEY *new_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    EVP_PKEY *key = NULL;

    assert_true(EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1 &&
                EVP_PKEY_keygen(context, &key) == 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* Empties the BIO into `out`. */
static void collect(BIO *bio, made *out)
{
    int size = BIO_read(bio, out->bytes, sizeof out->bytes);

    assert_true(size > 0 && size < (int)sizeof out->bytes);
    out->size = (size_t)size;
    BIO_free(bio);
}

static void make_pem(made *out, const EVP_CIPHER *cipher, const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_X509(bio, other);
    PEM_write_bio_PKCS8PrivateKey(bio, rsa, cipher, password, password ? (int)strlen(password) : 0, NULL, NULL);
    PEM_write_bio_X509(bio, leaf);
    collect(bio, out);
}

static void write_pfx(made *out, PKCS12 *pfx)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_non_null(pfx);
    i2d_PKCS12_bio(bio, pfx);
    PKCS12_free(pfx);
    collect(bio, out);
}

static void make_pfx(made *out, const char *password, EVP_PKEY *key, X509 *own)
{
    STACK_OF(X509) *others = sk_X509_new_null();

    sk_X509_push(others, other);
    write_pfx(out, PKCS12_create(password, NULL, key, own, others, 0, 0, 0, 0, 0));
    sk_X509_free(others);
}

static void make_pfx_of_two_keys(made *out, const char *password)
{
    STACK_OF(PKCS7) *safes = NULL;
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    PKCS12 *pfx;

    PKCS12_add_cert(&bags, leaf);
    PKCS12_add_key(&bags, rsa, 0, 1000, NID_aes_256_cbc, password);
    PKCS12_add_key(&bags, other_rsa, 0, 1000, NID_aes_256_cbc, password);
    PKCS12_add_safe(&safes, bags, NID_aes_256_cbc, 1000, password);
    pfx = PKCS12_add_safes(safes, 0);
    PKCS12_set_mac(pfx, password, -1, NULL, 0, 1000, EVP_sha256());
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    write_pfx(out, pfx);
}

static wps_view view_of(const made *data)
{
    return (wps_view){data->bytes, data->size};
}

static int make_pair(void **state)
{
    made text;
    BIO *bio = BIO_new(BIO_s_mem());

    (void)state;
    rsa = new_key();
    other_rsa = new_key();
    leaf = certificate_of(rsa, "test");
    other = certificate_of(other_rsa, "other");
    PEM_write_bio_PrivateKey(bio, rsa, NULL, NULL, 0, NULL, NULL);
    PEM_write_bio_X509(bio, leaf);
    collect(bio, &text);
    memcpy(pem, text.bytes, text.size);
    pem_size = text.size;
    return 0;
}

static int free_pair(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(other_rsa);
    X509_free(leaf);
    X509_free(other);
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
    assert_status(wps_certificate_new(whole_pem(), VIEW(""), &certificate, NULL), WPS_OK);
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
    assert_status(wps_certificate_new(whole_pem(), VIEW(""), &certificate, NULL), WPS_OK);
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
        wps_status status =
            wps_certificate_new(guard_copy(&guarded, (wps_view){pem, size}), VIEW(""), &certificate, NULL);
        assert_true(size > pem_size - 40 || status == WPS_INVALID_ARGUMENT);
        wps_certificate_free(certificate);
        guard_free(&guarded);
    }
}

/* The key's own certificate, then the other one, each as libcrypto encodes it. */
static void assert_chain(const wps_certificate *certificate)
{
    X509 *expected[] = {leaf, other};
    size_t i, needed;

    assert_int_equal(wps_certificate_count(certificate), 2);
    for (i = 0; i < 2; i++) {
        char der[4096];
        unsigned char *reference = NULL;
        int size = i2d_X509(expected[i], &reference);
        assert_status(wps_certificate_der(certificate, i, der, (size_t)size - 1, &needed, NULL), WPS_BUFFER_TOO_SMALL);
        assert_status(wps_certificate_der(certificate, i, der, (size_t)size, &needed, NULL), WPS_OK);
        assert_view_equal(((wps_view){der, needed}), ((wps_view){(char *)reference, (size_t)size}));
        OPENSSL_free(reference);
    }
    assert_status(wps_certificate_der(certificate, 2, NULL, 0, &needed, NULL), WPS_INVALID_ARGUMENT);
}

static void assert_opens(const made *data, wps_view password)
{
    wps_certificate *certificate;
    char signature[256];
    size_t needed;

    assert_status(wps_certificate_new(view_of(data), password, &certificate, NULL), WPS_OK);
    assert_chain(certificate);
    assert_status(
        wps_certificate_sign(certificate, WPS_RS256, VIEW("data"), signature, sizeof signature, &needed, NULL), WPS_OK);
    assert_true(verifies(WPS_RS256, signature, needed, VIEW("data")));
    assert_int_equal(ERR_peek_error(), 0);
    wps_certificate_free(certificate);
}

static void assert_refused(const made *data, wps_view password, const char *words)
{
    wps_certificate *certificate;
    wps_error error;

    assert_status(wps_certificate_new(view_of(data), password, &certificate, &error), WPS_INVALID_ARGUMENT);
    assert_null(certificate);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" does not say \"%s\"", error.message, words);
    assert_null(strstr(error.message, "sesame"));
    assert_int_equal(ERR_peek_error(), 0);
}

static void a_pair_opens_by_its_password_alone(void **state)
{
    made data;

    (void)state;
    make_pem(&data, EVP_aes_256_cbc(), "sesame");
    assert_opens(&data, VIEW("sesame"));
    assert_refused(&data, VIEW("sesam"), "the password does not open the private key");
    assert_refused(&data, VIEW(""), "must be given");
    make_pem(&data, NULL, NULL);
    assert_opens(&data, VIEW("sesame"));
    make_pfx(&data, "sesame", rsa, leaf);
    assert_opens(&data, VIEW("sesame"));
    assert_refused(&data, VIEW("sesame2"), "the password does not open the PFX file");
    assert_refused(&data, VIEW(""), "must be given");
    assert_refused(&data, VIEW("sesame\0"), "zero byte");
}

/* RFC 7292 appendix B.1: NULL is no byte at all, "" two zero bytes. */
static void an_absent_password_is_none_or_empty(void **state)
{
    made data;

    (void)state;
    make_pfx(&data, NULL, rsa, leaf);
    assert_opens(&data, VIEW(""));
    make_pfx(&data, "", rsa, leaf);
    assert_opens(&data, VIEW(""));
}

static void a_file_with_other_than_one_pair_is_refused(void **state)
{
    made data;

    (void)state;
    make_pfx(&data, "sesame", NULL, leaf);
    assert_refused(&data, VIEW("sesame"), "no private key");
    make_pfx(&data, "sesame", rsa, NULL);
    assert_refused(&data, VIEW("sesame"), "no certificate belongs");
    make_pfx_of_two_keys(&data, "sesame");
    assert_refused(&data, VIEW("sesame"), "several private keys");
    memcpy(data.bytes, pem, pem_size);
    memcpy(data.bytes + pem_size, pem, pem_size);
    data.size = 2 * pem_size;
    assert_refused(&data, VIEW(""), "several private keys");
}

static void a_pfx_file_cut_anywhere_is_refused(void **state)
{
    made data;
    size_t size;

    (void)state;
    make_pfx(&data, NULL, rsa, leaf);
    for (size = 1; size < data.size; size += 61) {
        guard guarded;
        wps_certificate *certificate;
        wps_view cut = guard_copy(&guarded, (wps_view){data.bytes, size});
        assert_status(wps_certificate_new(cut, VIEW(""), &certificate, NULL), WPS_INVALID_ARGUMENT);
        guard_free(&guarded);
    }
}

/* Changed bytes: anything but a crash, a leak or a word left in libcrypto's queue. */
static void a_damaged_pfx_file_is_refused_or_read(void **state)
{
    made data;
    size_t at;

    (void)state;
    make_pfx(&data, NULL, rsa, leaf);
    for (at = 0; at < data.size; at += 17) {
        wps_certificate *certificate;
        data.bytes[at] ^= 0x41;
        wps_certificate_new(view_of(&data), VIEW(""), &certificate, NULL);
        wps_certificate_free(certificate);
        assert_int_equal(ERR_peek_error(), 0);
        data.bytes[at] ^= 0x41;
    }
}

/* An allocator that looks for the password in what it is given back. */
static int freed_with_password;

static void *sized_realloc(void *context, void *pointer, size_t size)
{
    size_t *block = realloc(pointer ? (size_t *)pointer - 2 : NULL, size + 2 * sizeof *block);

    (void)context;
    block[0] = size;
    return block + 2;
}

static void searching_free(void *context, void *pointer)
{
    size_t *block = (size_t *)pointer - 2;
    const char *bytes = pointer;
    size_t i;

    (void)context;
    for (i = 0; i + 6 <= block[0]; i++)
        freed_with_password += memcmp(bytes + i, "sesame", 6) == 0;
    free(block);
}

static void the_copy_of_a_password_is_cleansed(void **state)
{
    static const wps_allocator searching = {sized_realloc, searching_free, NULL};
    made data;

    (void)state;
    make_pfx(&data, "sesame", rsa, leaf);
    freed_with_password = 0;
    wps_set_allocator(&searching);
    assert_opens(&data, VIEW("sesame"));
    data.bytes[100] ^= 1;
    wps_certificate_new(view_of(&data), VIEW("sesame"), &(wps_certificate *){NULL}, NULL);
    wps_set_allocator(NULL);
    assert_int_equal(freed_with_password, 0);
}

static wps_status read_and_free(void *context)
{
    wps_certificate *certificate;
    wps_status status = wps_certificate_new(view_of(context), VIEW("sesame"), &certificate, NULL);

    wps_certificate_free(certificate);
    return status;
}

static void a_certificate_survives_failed_allocations(void **state)
{
    made data;

    (void)state;
    make_pem(&data, NULL, NULL);
    assert_survives_failed_allocations(read_and_free, &data);
    make_pfx(&data, "sesame", rsa, leaf);
    assert_survives_failed_allocations(read_and_free, &data);
    wps_certificate_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_verify_under_their_own_algorithm_alone),
        cmocka_unit_test(thumbprints_are_those_of_libcrypto),
        cmocka_unit_test(a_text_cut_anywhere_is_refused_or_read),
        cmocka_unit_test(a_pair_opens_by_its_password_alone),
        cmocka_unit_test(an_absent_password_is_none_or_empty),
        cmocka_unit_test(a_file_with_other_than_one_pair_is_refused),
        cmocka_unit_test(a_pfx_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_damaged_pfx_file_is_refused_or_read),
        cmocka_unit_test(the_copy_of_a_password_is_cleansed),
        cmocka_unit_test(a_certificate_survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, make_pair, free_pair);
}
