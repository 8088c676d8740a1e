#include "certificate.h"

#include "../src/alloc.h"
#include "../src/status.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <string.h>

static wps_status refuse(wps_error *error, const char *sentence)
{
    return wps_certificate_fail(error, WPS_INVALID_ARGUMENT, sentence);
}

/* OpenSSL 3 keeps RC2, which Windows and OpenSSL 1 encrypted with, in its legacy provider. */
static int wants_unknown_cipher(void)
{
#ifdef ERR_R_UNSUPPORTED
    unsigned long code;

    while ((code = ERR_get_error()) != 0)
        if (ERR_GET_LIB(code) == ERR_LIB_EVP && ERR_GET_REASON(code) == ERR_R_UNSUPPORTED)
            return 1;
#endif
    return 0;
}

static wps_status refuse_password(wps_error *error, const char *password)
{
    if (wants_unknown_cipher())
        return refuse(error, "the PFX file uses an old cipher that this OpenSSL has not loaded; "
                             "openssl pkcs12 -legacy -in FILE -nodes makes PEM text of it");
    return refuse(error, password && *password ? "the password does not open the PFX file"
                                               : "the PFX file is encrypted; its password must be given");
}

/* RFC 7292 appendix B.1: a password ends in two zero bytes, so that an empty one is not the same as none. Without a
 * password both are tried. Is it the one of the file's MAC? */
static int settle_password(PKCS12 *pfx, const char **password)
{
    if (**password)
        return !PKCS12_mac_present(pfx) || PKCS12_verify_mac(pfx, *password, -1);
    *password = NULL;
    if (!PKCS12_mac_present(pfx) || PKCS12_verify_mac(pfx, NULL, 0))
        return 1;
    *password = "";
    return PKCS12_verify_mac(pfx, "", 0);
}

static STACK_OF(PKCS12_SAFEBAG) *open_safe(PKCS7 *safe, const char *password)
{
    if (PKCS7_type_is_data(safe))
        return PKCS12_unpack_p7data(safe);
    return PKCS7_type_is_encrypted(safe) ? PKCS12_unpack_p7encdata(safe, password, -1) : NULL;
}

static int count_keys_of(STACK_OF(PKCS12_SAFEBAG) *bags)
{
    int count = 0, i;

    for (i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        int kind = PKCS12_SAFEBAG_get_nid(sk_PKCS12_SAFEBAG_value(bags, i));
        count += kind == NID_keyBag || kind == NID_pkcs8ShroudedKeyBag;
    }
    return count;
}

/* PKCS12_parse takes the first key and says nothing of others. */
static int count_keys(PKCS12 *pfx, const char *password)
{
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(pfx);
    int count = 0, i;

    for (i = 0; i < sk_PKCS7_num(safes); i++) {
        STACK_OF(PKCS12_SAFEBAG) *bags = open_safe(sk_PKCS7_value(safes, i), password);
        count += count_keys_of(bags);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return count;
}

/* Moves the others behind the leaf, in the order of the file; OpenSSL 1 hands them over reversed. 0: out of memory. */
static int take_others(STACK_OF(X509) *chain, STACK_OF(X509) *others)
{
    while (sk_X509_num(others) > 0) {
#if OPENSSL_VERSION_NUMBER < 0x30000000L
        X509 *next = sk_X509_pop(others);
#else
        X509 *next = sk_X509_shift(others);
#endif
        if (sk_X509_push(chain, next) <= 0) {
            X509_free(next);
            return 0;
        }
    }
    return 1;
}

static wps_status unpack(wps_certificate *certificate, PKCS12 *pfx, const char *password, wps_error *error)
{
    X509 *leaf = NULL;
    STACK_OF(X509) *others = NULL;
    int kept;

    if (PKCS12_parse(pfx, password, &certificate->key, &leaf, &others) != 1)
        return refuse_password(error, password);
    kept = !leaf || sk_X509_push(certificate->chain, leaf) > 0;
    if (!kept)
        X509_free(leaf);
    kept = kept && take_others(certificate->chain, others);
    sk_X509_pop_free(others, X509_free);
    if (!kept)
        return wps_fail_out_of_memory(error);
    if (!certificate->key)
        return refuse(error, "the PFX file holds no private key");
    if (count_keys(pfx, password) > 1)
        return refuse(error, "the PFX file holds several private keys; exactly one is needed");
    return WPS_OK;
}

static wps_status open_pfx(wps_certificate *certificate, wps_view der, const char *password, wps_error *error)
{
    const unsigned char *data = (const unsigned char *)der.data;
    PKCS12 *pfx = d2i_PKCS12(NULL, &data, (long)der.size);
    wps_status status;

    if (!pfx)
        return refuse(error, "the certificate is neither PEM text nor a whole PFX (PKCS#12) file");
    ERR_clear_error();
    status =
        settle_password(pfx, &password) ? unpack(certificate, pfx, password, error) : refuse_password(error, password);
    PKCS12_free(pfx);
    return status;
}

/* OpenSSL wants text that ends in a zero byte. */
wps_status wps_certificate_read_pfx(wps_certificate *certificate, wps_view der, wps_view password, wps_error *error)
{
    char *copy = wps_memory_resize(NULL, password.size + 1);
    wps_status status;

    if (!copy)
        return wps_fail_out_of_memory(error);
    if (password.size)
        memcpy(copy, password.data, password.size);
    copy[password.size] = '\0';
    status = open_pfx(certificate, der, copy, error);
    OPENSSL_cleanse(copy, password.size);
    wps_memory_free(copy);
    return status;
}
