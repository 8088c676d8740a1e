#include "support/memory.h"

#include "support/mac.h"

#include <webpubsub/openssl.h>

#define KEY "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"

/* RFC 7515 appendix A.1 */
#define RFC_TOKEN                                                                                                      \
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"                                                                         \
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"                  \
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define RFC_KEY "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

/* Made with Python's hmac, base64 and hashlib under KEY, with claims {"exp":1}: each is signed as well as it can be. */
typedef struct row {
    const char *name, *token;
    wps_status expected;
} row;

static const row refused[] = {
    {"none, signed all the same", "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.wQFpKT4aNqSvzOLNt1Gnp1WWiYJas5Ts80WN6zOQ6iM",
     WPS_BAD_SIGNATURE},
    {"HS512",
     "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjF9.Sp2NkjMx31nrYKuJlaOPK4yhqNPpK7pdl9ZV-QqJ"
     "e1_8RnnT9Bdv9ca0UGMKJ5nMZRChRozvD4utMBmoOgifKg",
     WPS_BAD_SIGNATURE},
    {"HS512 named, HS256 made",
     "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjF9.kVEzslSmXxIFcim769ObELr2fJ1sr-MziCyicMPr"
     "xxY",
     WPS_BAD_SIGNATURE},
    {"lower case", "eyJhbGciOiJoczI1NiJ9.eyJleHAiOjF9.Vc9dqShzHGXh6sFiOgrLDKioCTiLTvm09t-ad3DJxq8", WPS_BAD_SIGNATURE},
    {"RS256", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.WV7o4PaDwgSpfKGyf6IgAvseBpBjGmxsac5lNQSLP2c", WPS_BAD_SIGNATURE},
    {"no alg", "eyJ0eXAiOiJKV1QifQ.eyJleHAiOjF9.ylbFR-bpHPhJIwM4xRPBCgLlkk6TdnlLq6z604YufdY", WPS_BAD_SIGNATURE},
    {"alg is a number", "eyJhbGciOjI1Nn0.eyJleHAiOjF9.5CmwXpAeUq66iw9jAQZRef4U4_GpIGPeKq6LWHdn9cc", WPS_BAD_SIGNATURE},
    {"space behind", "eyJhbGciOiJIUzI1NiAifQ.eyJleHAiOjF9.QboZYx7PkSSvmDt1hv5ZJBmyi8EnvMi9gbUA8L4nFhQ",
     WPS_BAD_SIGNATURE},
    {"NUL behind", "eyJhbGciOiJIUzI1Nlx1MDAwMCJ9.eyJleHAiOjF9.4ZP4K3wSU9nNCcEzEONGrK1mzh5XWUUjlg97gZQ1wic",
     WPS_BAD_SIGNATURE},
    {"alg twice",
     "eyJhbGciOiJIUzI1NiIsImFsZyI6Im5vbmUifQ.eyJleHAiOjF9.fGSDC-efzGy5O6fAWY1Gim-0sNg5bzAfkIqpxF"
     "4-kVI",
     WPS_MALFORMED},
    {"crit",
     "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdLCJ4IjoxfQ.eyJleHAiOjF9.n7Ylw3W9EfhmeUoo32K3De-spAdi8y"
     "Al-cOeyOvxszs",
     WPS_MALFORMED},
    {"array", "WyJIUzI1NiJd.eyJleHAiOjF9.m8CEGF_L3BwESImtiKibOOrTtT8oe6gvopzK2FGd4lc", WPS_MALFORMED},
    {"cut JSON", "eyJhbGciOiJIUzI1NiI.eyJleHAiOjF9.xp7TkGawf6Olep3c_FNQhXxMw_hLmYP3HXcK94_6ts0", WPS_MALFORMED},
    {"header over 1024 bytes",
     "eyJhbGciOiJIUzI1NiIsImtpZCI6Imtra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr"
     "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr"
     "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr"
     "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr"
     "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr"
     "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr"
     "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr"
     "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2"
     "tra2tra2tra2tra2tra2tra2trIn0.eyJleHAiOjF9.qo47GZb4hjIhfnr2fqTRBg6rdPfdU2gBOTWWF2-C7JE",
     WPS_MALFORMED},
};

static const row accepted[] = {
    {"HS256", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjF9.oU3pRdbQCBqswrLyZK5Quri0-XbQqg4vyG6qNCIMPOY", WPS_OK},
    {"with kid", "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0.eyJleHAiOjF9.lviO1ZiQfMa_Cr0REqOM-3KgHiBlQf7MmIISUL2t05A",
     WPS_OK},
    {"written with escapes",
     "eyJcdTAwNjFsZyI6IkhTMjVcdTAwMzYifQ.eyJleHAiOjF9.dIQUyPKggAl_N3kz_LoY_fYQEiVY0l0jmZF5zbR5Qx0", WPS_OK},
};

static wps_hmac_key *key_of(wps_view secret)
{
    wps_hmac_key *key;

    assert_status(wps_hmac_key_new(secret, &key, NULL), WPS_OK);
    return key;
}

static wps_status verify(wps_view token, wps_view secret)
{
    wps_hmac_key *key = key_of(secret);
    wps_mac mac = wps_hmac_key_mac(key);
    wps_status status = wps_token_verify(token, &mac, NULL);

    wps_hmac_key_free(key);
    return status;
}

static void the_rfc_example_is_accepted_under_its_key_alone(void **state)
{
    char secret[64];
    size_t size;

    (void)state;
    assert_status(wps_base64url_decode(VIEW(RFC_KEY), secret, sizeof secret, &size), WPS_OK);
    assert_status(verify(VIEW(RFC_TOKEN), (wps_view){secret, size}), WPS_OK);
    secret[0] ^= 1;
    assert_status(verify(VIEW(RFC_TOKEN), (wps_view){secret, size}), WPS_BAD_SIGNATURE);
}

static void hs256_tokens_of_another_implementation_are_accepted(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(accepted); i++)
        assert_row(verify(wps_view_of(accepted[i].token), VIEW(KEY)) == WPS_OK, accepted[i].name);
}

static void every_other_algorithm_is_refused_however_it_is_signed(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(refused); i++)
        assert_row(verify(wps_view_of(refused[i].token), VIEW(KEY)) == refused[i].expected, refused[i].name);
}

static void a_token_has_three_parts_of_base64url(void **state)
{
    static const wps_view texts[] = {
        VIEW(""),
        VIEW("."),
        VIEW(".."),
        VIEW("a"),
        VIEW("a.b"),
        VIEW("a.b."),
        VIEW("a..c"),
        VIEW(".b.c"),
        VIEW("a.b.c.d"),
        VIEW("a.b.c."),
        VIEW("a.b.c="),
        VIEW("a b.c.d"),
        VIEW("a.b+.c"),
        VIEW("a.b.c/"),
        VIEW("a.b.c\n"),
        VIEW("a.b\0.c"),
        VIEW("eyJhbGciOiJub25lIn0.eyJleHAiOjF9."),
    };
    wps_token_parts parts;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        assert_row(wps_token_split(texts[i], &parts, NULL) == WPS_MALFORMED, texts[i].data);
}

static void splitting_gives_views_into_the_token(void **state)
{
    wps_token_parts parts;

    (void)state;
    assert_status(wps_token_split(VIEW("aa.b-_b.c"), &parts, NULL), WPS_OK);
    assert_view_equal(parts.header, VIEW("aa"));
    assert_view_equal(parts.claims, VIEW("b-_b"));
    assert_view_equal(parts.signature, VIEW("c"));
    assert_view_equal(parts.input, VIEW("aa.b-_b"));
}

static void a_signature_of_another_length_is_bad(void **state)
{
    (void)state;
    assert_status(wps_token_verify(VIEW("eyJhbGciOiJIUzI1NiJ9.e30.AAAA"), &constant_mac, NULL), WPS_BAD_SIGNATURE);
    assert_status(wps_token_verify(VIEW("eyJhbGciOiJIUzI1NiJ9.e30.paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWl"),
                                   &constant_mac, NULL),
                  WPS_BAD_SIGNATURE);
    assert_status(wps_token_verify(VIEW("eyJhbGciOiJIUzI1NiJ9.e30.A"), &constant_mac, NULL), WPS_MALFORMED);
}

static void a_key_that_cannot_sign_is_reported(void **state)
{
    wps_error error;

    (void)state;
    assert_status(wps_token_verify(wps_view_of(accepted[0].token), &failing_mac, &error), WPS_CRYPTO_FAILED);
    assert_string_equal(error.message, "no");
}

typedef struct verdicts {
    wps_mac mac;
    size_t accepted;
} verdicts;

static void verify_damaged(wps_view text, void *context)
{
    verdicts *seen = context;
    seen->accepted += wps_token_verify(text, &seen->mac, NULL) == WPS_OK;
}

static void no_damage_is_accepted(void **state)
{
    wps_view token = wps_view_of(accepted[0].token);
    wps_hmac_key *key = key_of(VIEW(KEY));
    verdicts seen = {wps_hmac_key_mac(key), 0};

    (void)state;
    for_each_damage(token, verify_damaged, &seen);
    assert_int_equal(seen.accepted, token.size + 1); /* each byte "changed" to itself, and the whole token */
    wps_hmac_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfc_example_is_accepted_under_its_key_alone),
        cmocka_unit_test(hs256_tokens_of_another_implementation_are_accepted),
        cmocka_unit_test(every_other_algorithm_is_refused_however_it_is_signed),
        cmocka_unit_test(a_token_has_three_parts_of_base64url),
        cmocka_unit_test(splitting_gives_views_into_the_token),
        cmocka_unit_test(a_signature_of_another_length_is_bad),
        cmocka_unit_test(a_key_that_cannot_sign_is_reported),
        cmocka_unit_test(no_damage_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
