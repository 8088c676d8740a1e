#include "support/test.h"

/* RFC 9110 section 5.6.2 */
static const char token_characters[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void methods_and_header_names_are_tokens(void **state)
{
    int byte;

    (void)state;
    for (byte = 0; byte < 256; byte++) {
        char text[3] = {'A', (char)byte, 'B'};
        wps_status expected = byte != 0 && strchr(token_characters, byte) ? WPS_OK : WPS_INVALID_ARGUMENT;
        assert_status(wps_check_request_line((wps_view){text, 3}, VIEW("http://h/"), NULL), expected);
        assert_status(wps_check_header((wps_view){text, 3}, VIEW("v"), NULL), expected);
    }
    assert_status(wps_check_request_line(VIEW(""), VIEW("http://h/"), NULL), WPS_INVALID_ARGUMENT);
    assert_status(wps_check_header(VIEW(""), VIEW("v"), NULL), WPS_INVALID_ARGUMENT);
}

/* Long enough to be looked at in words of eight bytes and a rest. */
enum { LENGTH = 23 };

static void a_url_holds_visible_ascii_alone(void **state)
{
    int byte, place;

    (void)state;
    for (byte = 0; byte < 256; byte++)
        for (place = 0; place < LENGTH; place++) {
            char text[LENGTH + 1] = "http://h/a/longer/path/";
            wps_status expected = byte > 0x20 && byte < 0x7F ? WPS_OK : WPS_INVALID_ARGUMENT;
            text[place] = (char)byte;
            assert_status(wps_check_request_line(VIEW("GET"), (wps_view){text, LENGTH}, NULL), expected);
        }
    assert_status(wps_check_request_line(VIEW("GET"), VIEW(""), NULL), WPS_INVALID_ARGUMENT);
}

static void a_header_value_holds_no_control_character_but_tab(void **state)
{
    int byte, place;

    (void)state;
    for (byte = 0; byte < 256; byte++)
        for (place = 0; place < LENGTH; place++) {
            char text[LENGTH + 1] = "Bearer abc\xC3\xBC\xFF~!defghi j";
            wps_status expected = (byte < 0x20 && byte != '\t') || byte == 0x7F ? WPS_INVALID_ARGUMENT : WPS_OK;
            text[place] = (char)byte;
            assert_status(wps_check_header(VIEW("X-A"), (wps_view){text, LENGTH}, NULL), expected);
        }
    assert_status(wps_check_header(VIEW("X-A"), VIEW(""), NULL), WPS_OK);
}

static void a_second_header_cannot_be_smuggled_in(void **state)
{
    static const wps_view values[] = {VIEW("a\r\nX-B: c"), VIEW("a\nX-B: c"), VIEW("a\rX-B: c"), VIEW("a\0b"),
                                      VIEW("\r\n\r\nbody")};
    wps_error error;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(values); i++) {
        assert_status(wps_check_header(VIEW("X-A"), values[i], &error), WPS_INVALID_ARGUMENT);
        assert_non_null(strstr(error.message, "X-A"));
        assert_null(strstr(error.message, "X-B"));
        assert_int_equal(error.outcome, WPS_NOT_SENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_and_header_names_are_tokens),
        cmocka_unit_test(a_url_holds_visible_ascii_alone),
        cmocka_unit_test(a_header_value_holds_no_control_character_but_tab),
        cmocka_unit_test(a_second_header_cannot_be_smuggled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
