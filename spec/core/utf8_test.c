#include "support/memory.h"

typedef struct row {
    const char *name;
    wps_view text;
    size_t count; /* characters, or offset of the first bad byte */
} row;

static void assert_rows(const row *rows, size_t rows_count, wps_status expected)
{
    size_t i, count;

    for (i = 0; i < rows_count; i++) {
        guard guarded;
        wps_view text = guard_copy(&guarded, rows[i].text);
        assert_row(wps_utf8_length(text, &count) == expected, rows[i].name);
        assert_row(count == rows[i].count, rows[i].name);
        guard_free(&guarded);
    }
}

static void well_formed_text_is_counted_in_characters(void **state)
{
    static const row rows[] = {
        {"empty", VIEW(""), 0},
        {"ASCII with NUL", VIEW("a\0b"), 3},
        {"two bytes, first", VIEW("\xC2\x80"), 1},
        {"two bytes, last", VIEW("\xDF\xBF"), 1},
        {"three bytes, first", VIEW("\xE0\xA0\x80"), 1},
        {"before the surrogates", VIEW("\xED\x9F\xBF"), 1},
        {"after the surrogates", VIEW("\xEE\x80\x80"), 1},
        {"three bytes, last", VIEW("\xEF\xBF\xBF"), 1},
        {"four bytes, first", VIEW("\xF0\x90\x80\x80"), 1},
        {"U+10FFFF", VIEW("\xF4\x8F\xBF\xBF"), 1},
        {"RFC 3629 section 7, kosme", VIEW("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"), 3},
    };

    (void)state;
    assert_rows(rows, COUNT_OF(rows), WPS_OK);
}

static void the_first_bad_byte_is_named(void **state)
{
    static const row rows[] = {
        {"lone continuation", VIEW("a\x80"), 1},
        {"overlong slash", VIEW("\xC0\xAF"), 0},
        {"overlong C1", VIEW("\xC1\xBF"), 0},
        {"overlong three bytes", VIEW("\xE0\x9F\xBF"), 0},
        {"overlong four bytes", VIEW("ab\xF0\x8F\xBF\xBF"), 2},
        {"first surrogate", VIEW("\xED\xA0\x80"), 0},
        {"last surrogate", VIEW("\xED\xBF\xBF"), 0},
        {"over U+10FFFF", VIEW("\xF4\x90\x80\x80"), 0},
        {"F5", VIEW("\xF5\x80\x80\x80"), 0},
        {"FF", VIEW("\xFF"), 0},
        {"cut after one of two", VIEW("xyz\xC3"), 3},
        {"cut after two of three", VIEW("\xE6\x97"), 0},
        {"cut after three of four", VIEW("\xF0\x9F\x98"), 0},
        {"bad third byte", VIEW("\xE6\x97 "), 0},
    };

    (void)state;
    assert_rows(rows, COUNT_OF(rows), WPS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_text_is_counted_in_characters),
        cmocka_unit_test(the_first_bad_byte_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
