#include "support/mac.h"

#include <webpubsub/openssl.h>

/* Contract: the key that the emulator and test suites share */
#define KEY "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"

static const wps_view roles[] = {VIEW("webpubsub.joinLeaveGroup.lobby"), VIEW("webpubsub.sendToGroup")};
static const wps_view groups[] = {VIEW("lobby")};

static wps_token_claims rest_claims(void)
{
    return (wps_token_claims){
        .audience = VIEW("http://localhost:8080/api/hubs/chat/:send?api-version=2024-12-01"),
        .issued_at = 1700000000,
        .expires_at = 1700000300,
    };
}

static wps_token_claims client_claims(void)
{
    return (wps_token_claims){
        .audience = VIEW("http://localhost:8080/client/hubs/chat"),
        .issued_at = -1,
        .expires_at = 1700003600,
        .subject = VIEW("ann \"\xC3\xA9\""),
        .roles = roles,
        .role_count = 2,
        .groups = groups,
        .group_count = 1,
    };
}

static void assert_claims(const wps_token_claims *claims, wps_view expected)
{
    char out[512];
    size_t needed;

    assert_status(wps_token_claims_write(claims, NULL, 0, &needed), WPS_BUFFER_TOO_SMALL);
    assert_int_equal(needed, expected.size);
    assert_status(wps_token_claims_write(claims, out, expected.size - 1, &needed), WPS_BUFFER_TOO_SMALL);
    assert_status(wps_token_claims_write(claims, out, expected.size, &needed), WPS_OK);
    assert_view_equal(((wps_view){out, needed}), expected);
}

static void claims_are_written_in_order_and_absent_ones_left_out(void **state)
{
    wps_token_claims rest = rest_claims(), client = client_claims();
    wps_token_claims empty_user = {.audience = VIEW("a"), .issued_at = 0, .expires_at = -5, .subject = VIEW("")};

    (void)state;
    assert_claims(&rest, VIEW("{\"aud\":\"http://localhost:8080/api/hubs/chat/:send?api-version=2024-12-01\","
                              "\"iat\":1700000000,\"exp\":1700000300}"));
    assert_claims(&client, VIEW("{\"aud\":\"http://localhost:8080/client/hubs/chat\",\"exp\":1700003600,"
                                "\"sub\":\"ann \\\"\xC3\xA9\\\"\","
                                "\"role\":[\"webpubsub.joinLeaveGroup.lobby\",\"webpubsub.sendToGroup\"],"
                                "\"webpubsub.group\":[\"lobby\"]}"));
    assert_claims(&empty_user, VIEW("{\"aud\":\"a\",\"iat\":0,\"exp\":-5,\"sub\":\"\"}"));
}

static void the_largest_times_are_written_digit_for_digit(void **state)
{
    wps_token_claims claims = {.audience = VIEW("a"), .issued_at = INT64_MAX, .expires_at = INT64_MIN};

    (void)state;
    assert_claims(&claims, VIEW("{\"aud\":\"a\",\"iat\":9223372036854775807,\"exp\":-9223372036854775808}"));
}

static void texts_that_are_not_utf8_are_refused(void **state)
{
    static const wps_view bad[] = {VIEW("ok"), VIEW("\xFF")};
    wps_token_claims claims[5];
    size_t needed, i;

    (void)state;
    for (i = 0; i < 5; i++)
        claims[i] = client_claims();
    claims[0].audience = VIEW("\xFF");
    claims[1].subject = VIEW("\xC3");
    claims[2].roles = bad;
    claims[3].groups = bad;
    claims[3].group_count = 2;
    claims[4].audience = (wps_view){NULL, 0};
    for (i = 0; i < 5; i++)
        assert_status(wps_token_claims_write(&claims[i], NULL, 0, &needed), WPS_INVALID_ARGUMENT);
}

/* RFC 7515 appendix A.1.1 */
static void the_signing_input_follows_the_rfc_example(void **state)
{
    static const char expected[] = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
                                   "."
                                   "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
                                   "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    wps_view header = VIEW("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
    wps_view claims = VIEW("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
    char out[200];
    size_t needed;

    (void)state;
    assert_status(wps_token_input(header, claims, NULL, 0, &needed), WPS_BUFFER_TOO_SMALL);
    assert_int_equal(needed, sizeof expected - 1);
    assert_status(wps_token_input(header, claims, out, needed, &needed), WPS_OK);
    assert_view_equal(((wps_view){out, needed}), VIEW(expected));
}

static void assert_token(const wps_token_claims *claims, wps_view expected)
{
    char out[1024];
    size_t needed;
    wps_hmac_key *key;
    wps_mac mac;

    assert_status(wps_hmac_key_new(VIEW(KEY), &key, NULL), WPS_OK);
    mac = wps_hmac_key_mac(key);
    assert_status(wps_token_create(claims, &mac, NULL, 0, &needed, NULL), WPS_BUFFER_TOO_SMALL);
    assert_int_equal(needed, expected.size);
    assert_status(wps_token_create(claims, &mac, out, expected.size - 1, &needed, NULL), WPS_BUFFER_TOO_SMALL);
    out[expected.size] = '#';
    assert_status(wps_token_create(claims, &mac, out, expected.size, &needed, NULL), WPS_OK);
    assert_view_equal(((wps_view){out, needed}), expected);
    assert_int_equal(out[expected.size], '#');
    wps_hmac_key_free(key);
}

/* Both made with Python's hmac, base64 and hashlib from the JSON texts above. */
static void a_token_is_the_one_another_implementation_makes(void **state)
{
    wps_token_claims rest = rest_claims(), client = client_claims();

    (void)state;
    assert_token(
        &rest,
        VIEW("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJodHRwOi8vbG9jYWxob3N0OjgwODAvYXBpL2h1YnMvY2hhdC86c2"
             "VuZD9hcGktdmVyc2lvbj0yMDI0LTEyLTAxIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDB9.y_6yceUQaX8qsuL"
             "wt7SRBfDDkYvykicwjPy1F2VM7KQ"));
    assert_token(
        &client,
        VIEW("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
             "eyJhdWQiOiJodHRwOi8vbG9jYWxob3N0OjgwODAvY2xpZW50L2h1YnMvY2hhdCIsImV4cCI6"
             "MTcwMDAwMzYwMCwic3ViIjoiYW5uIFwiw6lcIiIsInJvbGUiOlsid2VicHVic3ViLmpvaW5MZWF2ZUdyb3VwLmxvYmJ5Iiwid2VicHVic"
             "3Vi"
             "LnNlbmRUb0dyb3VwIl0sIndlYnB1YnN1Yi5ncm91cCI6WyJsb2JieSJdfQ.fHRDliiPRv3OMzR7pzlNHBWaZ-w724ArD33eNduesLw"));
}

static void a_failing_signature_fails_the_token(void **state)
{
    wps_token_claims claims = rest_claims();
    char out[1024];
    size_t needed;
    wps_error error;

    (void)state;
    assert_status(wps_token_create(&claims, &failing_mac, out, sizeof out, &needed, &error), WPS_CRYPTO_FAILED);
    assert_string_equal(error.message, "no");
}

static void a_token_without_an_audience_is_refused(void **state)
{
    wps_token_claims claims = {.expires_at = 1};
    char out[1024];
    size_t needed;
    wps_error error;

    (void)state;
    assert_status(wps_token_create(&claims, &constant_mac, out, sizeof out, &needed, &error), WPS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "audience"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_written_in_order_and_absent_ones_left_out),
        cmocka_unit_test(the_largest_times_are_written_digit_for_digit),
        cmocka_unit_test(texts_that_are_not_utf8_are_refused),
        cmocka_unit_test(the_signing_input_follows_the_rfc_example),
        cmocka_unit_test(a_token_is_the_one_another_implementation_makes),
        cmocka_unit_test(a_failing_signature_fails_the_token),
        cmocka_unit_test(a_token_without_an_audience_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
