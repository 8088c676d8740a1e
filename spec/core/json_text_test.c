#include "support/memory.h"

#include "../../core/src/json.h"

typedef struct pair {
    wps_view plain, raw;
} pair;

static const pair pairs[] = {
    {VIEW(""), VIEW("")},
    {VIEW("a/b \x7F"), VIEW("a/b \x7F")},
    {VIEW("\"\\\b\f\n\r\t"), VIEW("\\\"\\\\\\b\\f\\n\\r\\t")},
    {VIEW("\0\x01\x0B\x1F"), VIEW("\\u0000\\u0001\\u000b\\u001f")},
    {VIEW("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), VIEW("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")},
};

static void escaping_touches_quotes_backslashes_and_controls_alone(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(pairs); i++)
        assert_text(wps_json_escape, pairs[i].plain, pairs[i].raw);
}

static void unescaping_is_the_way_back(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(pairs); i++)
        assert_text(wps_json_unescape, pairs[i].raw, pairs[i].plain);
}

/* RFC 8259 section 7: the G clef is U+1D11E, written as \uD834\uDD1E */
static void numbered_escapes_become_utf8(void **state)
{
    (void)state;
    assert_text(wps_json_unescape, VIEW("\\uD834\\udd1e"), VIEW("\xF0\x9D\x84\x9E"));
    assert_text(wps_json_unescape, VIEW("\\u0041\\/\\u00e9\\u20ac\\uFFFF"), VIEW("A/\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"));
    assert_text(wps_json_unescape, VIEW("\\uDBFF\\uDFFF\\uD800\\uDC00"), VIEW("\xF4\x8F\xBF\xBF\xF0\x90\x80\x80"));
    assert_text(wps_json_unescape, VIEW("\\u007F\\u0080\\u07FF\\u0800"), VIEW("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80"));
}

static void text_that_is_no_json_string_is_refused(void **state)
{
    static const wps_view texts[] = {
        VIEW("\\"),
        VIEW("\\x"),
        VIEW("\\u"),
        VIEW("\\u123"),
        VIEW("\\u12G4"),
        VIEW("\\U0041"),
        VIEW("\\0"),
        VIEW("\\\0"),
        VIEW("\\uD800"),
        VIEW("\\uDC00"),
        VIEW("\\uD800x"),
        VIEW("\\uD800\\n"),
        VIEW("\\uD800\\u0041"),
        VIEW("\\uD800\\uD800"),
        VIEW("\\uD800\\"),
        VIEW("a\"b"),
        VIEW("\n"),
        VIEW("\0"),
        VIEW("\xFF"),
        VIEW("\xC3"),
        VIEW("\xED\xA0\x80"),
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        assert_text_malformed(wps_json_unescape, texts[i]);
}

static void escaping_refuses_what_is_not_utf8(void **state)
{
    (void)state;
    assert_text_malformed(wps_json_escape, VIEW("abc\xFF"));
    assert_text_malformed(wps_json_escape, VIEW("\xC0\xAF"));
}

static void unescape(wps_view text, void *context)
{
    char out[128];
    size_t needed;

    (void)context;
    (void)wps_json_unescape(text, out, sizeof out, &needed);
    (void)wps_json_escape(text, out, sizeof out, &needed);
}

static void damaged_text_is_never_read_past_its_end(void **state)
{
    (void)state;
    for_each_damage(VIEW("a\\uD834\\uDD1E\\n\xE2\x82\xAC\\\\"), unescape, NULL);
}

static void a_raw_name_is_compared_as_the_text_it_means(void **state)
{
    (void)state;
    assert_true(wps_json_raw_is(VIEW("exp"), "exp"));
    assert_true(wps_json_raw_is(VIEW("\\u0065xp"), "exp"));
    assert_false(wps_json_raw_is(VIEW("exp\\u0000"), "exp"));
    assert_false(wps_json_raw_is(VIEW("ex"), "exp"));
    assert_false(wps_json_raw_is(VIEW("\\ud800"), "exp"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escaping_touches_quotes_backslashes_and_controls_alone),
        cmocka_unit_test(unescaping_is_the_way_back),
        cmocka_unit_test(numbered_escapes_become_utf8),
        cmocka_unit_test(text_that_is_no_json_string_is_refused),
        cmocka_unit_test(escaping_refuses_what_is_not_utf8),
        cmocka_unit_test(damaged_text_is_never_read_past_its_end),
        cmocka_unit_test(a_raw_name_is_compared_as_the_text_it_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
