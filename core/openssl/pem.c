#include "certificate.h"

#include "../src/status.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <string.h>

/* RFC 7468: what the blocks of a text are. Nothing is decrypted to learn it. */
typedef struct contents {
    STACK_OF(X509) *chain;
    int keys, encrypted;
} contents;

static int take_certificate(contents *found, const unsigned char *der, long size)
{
    X509 *certificate = d2i_X509(NULL, &der, size);

    if (certificate && sk_X509_push(found->chain, certificate) > 0)
        return 1;
    X509_free(certificate);
    return 0;
}

static int ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static int take_block(contents *found, const char *name, const char *header, const unsigned char *data, long size)
{
    if (ends_with(name, "PRIVATE KEY")) {
        found->keys++;
        found->encrypted = strstr(name, "ENCRYPTED") != NULL || strstr(header, "ENCRYPTED") != NULL;
        return 1;
    }
    if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0)
        return take_certificate(found, data, size);
    return 1;
}

/* 0 when a block is damaged. */
static int take_blocks(contents *found, BIO *bio)
{
    char *name, *header;
    unsigned char *data;
    long size;
    int taken = 1;

    while (taken && PEM_read_bio(bio, &name, &header, &data, &size)) {
        taken = take_block(found, name, header, data, size);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, (size_t)size);
    }
    return taken && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

/* Without a function of ours OpenSSL would ask the terminal; it cleanses the buffer itself. */
static int give_password(char *buffer, int size, int writing, void *context)
{
    const wps_view *password = context;

    (void)writing;
    if (password->size == 0 || password->size > (size_t)size)
        return -1;
    memcpy(buffer, password->data, password->size);
    return (int)password->size;
}

static const char *fault_of(const contents *found)
{
    if (found->keys == 0)
        return "the PEM text holds no private key";
    return found->keys > 1 ? "the PEM text holds several private keys; exactly one is needed" : NULL;
}

static const char *fault_of_key(const contents *found, wps_view password)
{
    if (!found->encrypted)
        return "the private key of the PEM text is damaged or of an unknown kind";
    return password.size ? "the password does not open the private key of the PEM text"
                         : "the private key of the PEM text is encrypted; its password must be given";
}

static wps_status survey(contents *found, wps_view pem, wps_error *error)
{
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    int whole;

    if (!bio)
        return wps_fail_out_of_memory(error);
    ERR_clear_error();
    whole = take_blocks(found, bio);
    BIO_free(bio);
    return whole ? WPS_OK : wps_certificate_fail(error, WPS_INVALID_ARGUMENT, "the PEM text is damaged");
}

wps_status wps_certificate_read_pem(wps_certificate *certificate, wps_view pem, wps_view password, wps_error *error)
{
    contents found = {certificate->chain, 0, 0};
    wps_status status = survey(&found, pem, error);
    BIO *bio;

    if (status != WPS_OK)
        return status;
    if (fault_of(&found))
        return wps_certificate_fail(error, WPS_INVALID_ARGUMENT, fault_of(&found));
    bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    certificate->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_password, &password) : NULL;
    BIO_free(bio);
    return certificate->key ? WPS_OK
                            : wps_certificate_fail(error, WPS_INVALID_ARGUMENT, fault_of_key(&found, password));
}
