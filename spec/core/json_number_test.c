#include "support/test.h"

#include "../../core/src/json.h"

static void numbers_have_the_value_they_are_written_with(void **state)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0", 0},
        {"-0", 0},
        {"1300819380", 1300819380},
        {"1300819380.5", 1300819380.5},
        {"-12", -12},
        {"13e8", 1300000000},
        {"1.3E+9", 1300000000},
        {"5e-1", 0.5},
        {"9007199254740992", 9007199254740992.0},
        {"-0.25", -0.25},
    };
    double value;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(rows); i++) {
        assert_row(wps_json_number_of(wps_view_of(rows[i].text), &value), rows[i].text);
        assert_row(value == rows[i].value, rows[i].text);
    }
}

static void a_huge_exponent_ends_at_once(void **state)
{
    double value;

    (void)state;
    assert_true(wps_json_number_of(VIEW("1e999999999999"), &value));
    assert_true(value >= 1e300);
    assert_true(wps_json_number_of(VIEW("1e-999999999999"), &value));
    assert_true(value >= 0 && value < 1e-200);
    assert_true(wps_json_number_of(VIEW("-1e400"), &value));
    assert_true(value <= -1e300);
}

static void other_values_are_no_numbers(void **state)
{
    double value;

    (void)state;
    assert_false(wps_json_number_of(VIEW(""), &value));
    assert_false(wps_json_number_of(VIEW("-"), &value));
    assert_false(wps_json_number_of(VIEW("\"1\""), &value));
    assert_false(wps_json_number_of(VIEW("null"), &value));
    assert_false(wps_json_number_of(VIEW("[1]"), &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_the_value_they_are_written_with),
        cmocka_unit_test(a_huge_exponent_ends_at_once),
        cmocka_unit_test(other_values_are_no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
