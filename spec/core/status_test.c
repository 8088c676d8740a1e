#include "support/test.h"

#include "../../core/src/status.h"

static void every_status_has_its_own_stable_word(void **state)
{
    static const char *const words[] = {
        "ok",
        "invalid_argument",
        "out_of_memory",
        "buffer_too_small",
        "end",
        "malformed",
        "bad_signature",
        "expired",
        "not_yet_valid",
        "wrong_audience",
        "crypto_failed",
        "resolve_failed",
        "connect_failed",
        "tls_failed",
        "timeout",
        "connection_lost",
        "bad_response",
        "response_too_large",
        "network_failed",
        "system_failed",
    };
    int i;

    (void)state;
    assert_int_equal(COUNT_OF(words), WPS_SYSTEM_FAILED + 1);
    for (i = 0; i <= WPS_SYSTEM_FAILED; i++)
        assert_string_equal(wps_status_name((wps_status)i), words[i]);
}

static void a_value_that_is_no_status_has_a_word_too(void **state)
{
    (void)state;
    assert_string_equal(wps_status_name((wps_status)1000), "unknown");
}

static void failing_without_an_error_to_fill_gives_the_status(void **state)
{
    (void)state;
    assert_status(wps_fail(NULL, WPS_TIMEOUT, "%s", "late"), WPS_TIMEOUT);
    assert_status(wps_fail_errno(NULL, 2, "lost"), WPS_SYSTEM_FAILED);
    assert_status(wps_fail_out_of_memory(NULL), WPS_OUT_OF_MEMORY);
}

static void a_failure_fills_every_field_of_the_error(void **state)
{
    wps_error error = {WPS_OK, WPS_MAYBE_SENT, 77, "old"};

    (void)state;
    wps_fail(&error, WPS_MALFORMED, "byte %d", 5);
    assert_status(error.status, WPS_MALFORMED);
    assert_int_equal(error.outcome, WPS_NOT_SENT);
    assert_int_equal(error.native, 0);
    assert_string_equal(error.message, "byte 5");
}

static void a_long_sentence_is_cut_and_terminated(void **state)
{
    char text[WPS_ERROR_MESSAGE_SIZE * 2];
    wps_error error;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    wps_fail(&error, WPS_MALFORMED, "%s", text);
    assert_int_equal(strlen(error.message), WPS_ERROR_MESSAGE_SIZE - 1);
}

static void a_system_failure_names_the_reason_and_keeps_the_number(void **state)
{
    wps_error error;

    (void)state;
    wps_fail_errno(&error, 2, "the file could not be read");
    assert_int_equal(error.native, 2);
    assert_string_equal(error.message, "the file could not be read (No such file or directory)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_stable_word),
        cmocka_unit_test(a_value_that_is_no_status_has_a_word_too),
        cmocka_unit_test(failing_without_an_error_to_fill_gives_the_status),
        cmocka_unit_test(a_failure_fills_every_field_of_the_error),
        cmocka_unit_test(a_long_sentence_is_cut_and_terminated),
        cmocka_unit_test(a_system_failure_names_the_reason_and_keeps_the_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
