#include <webpubsub/openssl.h>

#include "../src/alloc.h"
#include "../src/status.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string.h>

enum { BLOCK_SIZE = 64 /* SHA-256, bytes */ };

/* RFC 2104 section 4: the hash states after the first block of both passes depend on the key alone. They are kept and
 * copied for each signature. Measured on OpenSSL 3.0, 260 bytes: 0.23 us; re-initialising an EVP_MAC 0.26 us;
 * duplicating one 0.46 us. OpenSSL cleanses a hash state when it frees it. */
struct wps_hmac_key {
    EVP_MD_CTX *inner, *outer, *work;
};

static wps_status fail(wps_error *error)
{
    return wps_fail(error, WPS_CRYPTO_FAILED, "OpenSSL could not compute an HMAC-SHA256");
}

static int start_pass(EVP_MD_CTX *state, const unsigned char key[BLOCK_SIZE], unsigned char pad)
{
    unsigned char block[BLOCK_SIZE];
    int started, i;

    for (i = 0; i < BLOCK_SIZE; i++)
        block[i] = (unsigned char)(key[i] ^ pad);
    started = EVP_DigestInit_ex(state, EVP_sha256(), NULL) && EVP_DigestUpdate(state, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
    return started;
}

/* RFC 2104 section 2: a key longer than a block is replaced by its hash. */
static int fill_block(wps_view secret, unsigned char block[BLOCK_SIZE])
{
    if (secret.size > BLOCK_SIZE)
        return EVP_Digest(secret.data, secret.size, block, NULL, EVP_sha256(), NULL);
    memcpy(block, secret.data, secret.size);
    return 1;
}

static wps_status schedule(wps_hmac_key *key, wps_view secret, wps_error *error)
{
    unsigned char block[BLOCK_SIZE] = {0};
    int done = fill_block(secret, block) && start_pass(key->inner, block, 0x36) && start_pass(key->outer, block, 0x5C);

    OPENSSL_cleanse(block, sizeof block);
    return done ? WPS_OK : fail(error);
}

static wps_status open_key(wps_hmac_key *key, wps_view secret, wps_error *error)
{
    key->inner = EVP_MD_CTX_new();
    key->outer = EVP_MD_CTX_new();
    key->work = EVP_MD_CTX_new();
    if (!key->inner || !key->outer || !key->work)
        return wps_fail_out_of_memory(error);
    return schedule(key, secret, error);
}

wps_status wps_hmac_key_new(wps_view secret, wps_hmac_key **out, wps_error *error)
{
    wps_hmac_key *key;
    wps_status status;

    *out = NULL;
    if (secret.size == 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT, "the access key is empty");
    key = wps_memory_resize(NULL, sizeof *key);
    if (!key)
        return wps_fail_out_of_memory(error);
    *key = (wps_hmac_key){NULL, NULL, NULL};
    status = open_key(key, secret, error);
    if (status == WPS_OK)
        *out = key;
    else
        wps_hmac_key_free(key);
    return status;
}

void wps_hmac_key_free(wps_hmac_key *key)
{
    if (!key)
        return;
    EVP_MD_CTX_free(key->inner);
    EVP_MD_CTX_free(key->outer);
    EVP_MD_CTX_free(key->work);
    wps_memory_free(key);
}

static int run_pass(EVP_MD_CTX *work, const EVP_MD_CTX *start, const void *data, size_t size, unsigned char *out)
{
    return EVP_MD_CTX_copy_ex(work, start) && EVP_DigestUpdate(work, data, size) && EVP_DigestFinal_ex(work, out, NULL);
}

wps_status wps_hmac_key_sign(wps_hmac_key *key, wps_view data, unsigned char out[WPS_MAC_SIZE], wps_error *error)
{
    if (run_pass(key->work, key->inner, data.data, data.size, out) &&
        run_pass(key->work, key->outer, out, WPS_MAC_SIZE, out))
        return WPS_OK;
    return fail(error);
}

static wps_status sign(void *key, wps_view data, unsigned char out[WPS_MAC_SIZE], wps_error *error)
{
    return wps_hmac_key_sign(key, data, out, error);
}

wps_mac wps_hmac_key_mac(wps_hmac_key *key)
{
    return (wps_mac){sign, key};
}
