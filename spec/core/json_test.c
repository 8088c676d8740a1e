#include "support/memory.h"

enum { DEEP = 64 };

/* RFC 8259 */
static void every_form_of_a_value_is_json(void **state)
{
    static const wps_view texts[] = {
        VIEW("null"),
        VIEW("true"),
        VIEW("false"),
        VIEW("0"),
        VIEW("-0"),
        VIEW("-12.5e+3"),
        VIEW("1E9"),
        VIEW("0.0e-0"),
        VIEW("123456789012345678901234567890"),
        VIEW("\"\""),
        VIEW("{}"),
        VIEW("[]"),
        VIEW(" \t\r\n{ } \n"),
        VIEW("[1,[2,[]],{}]"),
        VIEW("{\"a\":1,\"a\":2}"),
        VIEW("{ \"\" : [ null , true ] , \"b\" : { \"c\" : \"d\" } }"),
        VIEW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\""),
        VIEW("\"\xC3\xA9\xF0\x9F\x98\x80\x7F\""),
        VIEW("\"\\u0000\""),
        VIEW("\"\\ud800\""), /* a lone surrogate follows the grammar; unescaping refuses it */
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        if (wps_json_check(texts[i], DEEP, NULL) != WPS_OK)
            fail_msg("refused: %s", texts[i].data);
}

static void everything_else_is_not(void **state)
{
    static const wps_view texts[] = {
        VIEW(""),
        VIEW(" "),
        VIEW("nul"),
        VIEW("nulll"),
        VIEW("True"),
        VIEW("NaN"),
        VIEW("Infinity"),
        VIEW("-"),
        VIEW("+1"),
        VIEW("01"),
        VIEW("-01"),
        VIEW("1."),
        VIEW(".5"),
        VIEW("1e"),
        VIEW("1e+"),
        VIEW("0x1"),
        VIEW("1 2"),
        VIEW("{}{}"),
        VIEW("{"),
        VIEW("["),
        VIEW("}"),
        VIEW("]"),
        VIEW("{]"),
        VIEW("[}"),
        VIEW("[1,]"),
        VIEW("[,1]"),
        VIEW("[1 2]"),
        VIEW("[1,,2]"),
        VIEW("{\"a\"}"),
        VIEW("{\"a\":}"),
        VIEW("{\"a\":1,}"),
        VIEW("{,}"),
        VIEW("{a:1}"),
        VIEW("{1:2}"),
        VIEW("{\"a\" 1}"),
        VIEW("{\"a\":1 \"b\":2}"),
        VIEW("[1}"),
        VIEW("{\"a\":[}"),
        VIEW("'a'"),
        VIEW("\""),
        VIEW("\"a"),
        VIEW("\"\\\""),
        VIEW("\"\\x\""),
        VIEW("\"\\u12\""),
        VIEW("\"\\u12g4\""),
        VIEW("\"\n\""),
        VIEW("\"\0\""),
        VIEW("\"\x1F\""),
        VIEW("\"\xFF\""),
        VIEW("\"\xC0\x80\""),
        VIEW("\"\xED\xA0\x80\""),
        VIEW("null\0"),
        VIEW("\xEF\xBB\xBF{}"),
        VIEW("\v1"),
        VIEW("/**/1"),
        VIEW("[1]x"),
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++) {
        guard guarded;
        if (wps_json_check(guard_copy(&guarded, texts[i]), DEEP, NULL) != WPS_MALFORMED)
            fail_msg("accepted: %s", texts[i].data);
        guard_free(&guarded);
    }
}

static void the_error_names_the_byte_and_not_the_content(void **state)
{
    wps_error error;

    (void)state;
    wps_json_check(VIEW("{\"secret\":secret}"), DEEP, &error);
    assert_status(error.status, WPS_MALFORMED);
    assert_non_null(strstr(error.message, "byte 10"));
    assert_null(strstr(error.message, "secret"));
}

/* `[[…]]`, objects in between, `depth` containers deep */
static wps_view nested(int depth)
{
    static char text[8192];
    size_t size = 0;
    int i;

    for (i = 0; i < depth; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s", i % 2 ? "{\"\":" : "[");
    text[size++] = '1';
    for (i = depth - 1; i >= 0; i--)
        text[size++] = i % 2 ? '}' : ']';
    return (wps_view){text, size};
}

static void nesting_is_accepted_up_to_the_given_depth(void **state)
{
    wps_error error;

    (void)state;
    assert_status(wps_json_check(nested(5), 5, NULL), WPS_OK);
    assert_status(wps_json_check(nested(6), 5, &error), WPS_MALFORMED);
    assert_non_null(strstr(error.message, "nested deeper than 5"));
    assert_status(wps_json_check(VIEW("1"), 0, NULL), WPS_OK);
    assert_status(wps_json_check(VIEW("[]"), 0, NULL), WPS_MALFORMED);
    assert_status(wps_json_check(VIEW("[]"), -1, NULL), WPS_MALFORMED);
}

static void nesting_ends_at_1024_whatever_the_caller_asks(void **state)
{
    (void)state;
    assert_status(wps_json_check(nested(1024), 1000000, NULL), WPS_OK);
    assert_status(wps_json_check(nested(1025), 1000000, NULL), WPS_MALFORMED);
}

static void check_only(wps_view text, void *context)
{
    wps_error error;

    (void)context;
    (void)wps_json_check(text, DEEP, &error);
}

static void damaged_json_is_never_read_past_its_end(void **state)
{
    (void)state;
    for_each_damage(VIEW("{\"a\\u00e9\\n\":[1.5e-3,true,null,\"\xF0\x9F\x98\x80\"]}"), check_only, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_value_is_json),
        cmocka_unit_test(everything_else_is_not),
        cmocka_unit_test(the_error_names_the_byte_and_not_the_content),
        cmocka_unit_test(nesting_is_accepted_up_to_the_given_depth),
        cmocka_unit_test(nesting_ends_at_1024_whatever_the_caller_asks),
        cmocka_unit_test(damaged_json_is_never_read_past_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
