#include "support/memory.h"

#include <webpubsub/openssl.h>

static char long_key[131];

typedef struct vector {
    const char *name;
    wps_view key, data;
    const char *mac;
    size_t compared; /* hexadecimal digits */
} vector;

static wps_view filled(char *out, size_t size, int byte)
{
    memset(out, byte, size);
    return (wps_view){out, size};
}

static void assert_mac(const vector *v)
{
    unsigned char out[WPS_MAC_SIZE];
    char hex[2 * WPS_MAC_SIZE + 1];
    wps_hmac_key *key;
    int i;

    assert_status(wps_hmac_key_new(v->key, &key, NULL), WPS_OK);
    assert_status(wps_hmac_key_sign(key, v->data, out, NULL), WPS_OK);
    for (i = 0; i < WPS_MAC_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", out[i]);
    assert_row(strncmp(hex, v->mac, v->compared) == 0, v->name);
    wps_hmac_key_free(key);
}

/* RFC 4231 section 4 */
static void signatures_follow_the_rfc_vectors(void **state)
{
    char key[25], data[50];
    size_t i;
    vector vectors[] = {
        {"1", filled(key, 20, 0x0b), VIEW("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 64},
        {"2", VIEW("Jefe"), VIEW("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 64},
    };
    vector repeated = {"3", VIEW(""), VIEW(""), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", 64};
    vector counted = {
        "4",
        VIEW("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"),
        VIEW(""), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b", 64};
    vector cut = {"5", VIEW(""), VIEW("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b", 32};
    vector hashed = {"6", VIEW(""), VIEW("Test Using Larger Than Block-Size Key - Hash Key First"),
                     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", 64};
    vector both = {
        "7", VIEW(""),
        VIEW("This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
             "be hashed before being used by the HMAC algorithm."),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2", 64};

    (void)state;
    for (i = 0; i < COUNT_OF(vectors); i++)
        assert_mac(&vectors[i]);
    repeated.key = filled(key, 20, 0xaa);
    repeated.data = filled(data, 50, 0xdd);
    assert_mac(&repeated);
    counted.data = filled(data, 50, 0xcd);
    assert_mac(&counted);
    cut.key = filled(key, 20, 0x0c);
    assert_mac(&cut);
    hashed.key = both.key = filled(long_key, 131, 0xaa);
    assert_mac(&hashed);
    assert_mac(&both);
}

static void one_key_signs_many_times_with_the_same_result(void **state)
{
    unsigned char first[WPS_MAC_SIZE], again[WPS_MAC_SIZE], other[WPS_MAC_SIZE];
    wps_hmac_key *key;
    wps_mac mac;
    int i;

    (void)state;
    assert_status(wps_hmac_key_new(VIEW("Jefe"), &key, NULL), WPS_OK);
    mac = wps_hmac_key_mac(key);
    assert_status(mac.sign(mac.key, VIEW("what do ya want for nothing?"), first, NULL), WPS_OK);
    for (i = 0; i < 100; i++) {
        assert_status(mac.sign(mac.key, VIEW("something else"), other, NULL), WPS_OK);
        assert_status(mac.sign(mac.key, VIEW("what do ya want for nothing?"), again, NULL), WPS_OK);
        assert_memory_equal(first, again, WPS_MAC_SIZE);
        assert_memory_not_equal(first, other, WPS_MAC_SIZE);
    }
    wps_hmac_key_free(key);
}

static void a_key_of_exactly_one_block_is_not_hashed(void **state)
{
    /* `openssl dgst -sha256 -hmac` with 64 and with 65 letters k, of "abc" */
    char text[65];
    vector block = {"64", filled(text, 64, 'k'), VIEW("abc"),
                    "ae0c0e4a2340cf50185eb46aaa8723f4769153661612e212fb0d1fa3170c6202", 64};
    vector over = {"65", filled(text, 65, 'k'), VIEW("abc"),
                   "ed378e5dfa30dc98814ba09b2e610d9b6af66054922ceef9480da094a3f11b2d", 64};

    (void)state;
    assert_mac(&block);
    assert_mac(&over);
}

static void an_empty_key_is_refused(void **state)
{
    wps_hmac_key *key;
    wps_error error;

    (void)state;
    assert_status(wps_hmac_key_new(VIEW(""), &key, &error), WPS_INVALID_ARGUMENT);
    assert_null(key);
    assert_string_equal(error.message, "the access key is empty");
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    wps_hmac_key_free(NULL);
}

static wps_status make_and_free(void *context)
{
    wps_hmac_key *key;
    wps_status status = wps_hmac_key_new(VIEW("Jefe"), &key, NULL);

    (void)context;
    wps_hmac_key_free(key);
    return status;
}

static void a_key_survives_failed_allocations(void **state)
{
    (void)state;
    assert_survives_failed_allocations(make_and_free, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_follow_the_rfc_vectors),
        cmocka_unit_test(one_key_signs_many_times_with_the_same_result),
        cmocka_unit_test(a_key_of_exactly_one_block_is_not_hashed),
        cmocka_unit_test(an_empty_key_is_refused),
        cmocka_unit_test(freeing_nothing_is_fine),
        cmocka_unit_test(a_key_survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
