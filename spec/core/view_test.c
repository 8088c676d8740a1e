#include "support/test.h"

#include "../../core/src/view.h"

static void a_view_of_null_is_empty(void **state)
{
    (void)state;
    assert_view_equal(wps_view_of(NULL), VIEW(""));
    assert_view_equal(wps_view_of("abc"), VIEW("abc"));
}

static void trimming_cuts_spaces_and_tabs_at_both_ends_only(void **state)
{
    (void)state;
    assert_view_equal(wps_view_trim(VIEW(" \t a b\t ")), VIEW("a b"));
    assert_view_equal(wps_view_trim(VIEW(" \t ")), VIEW(""));
    assert_view_equal(wps_view_trim(VIEW("\na\n")), VIEW("\na\n"));
}

static void case_is_ignored_for_ascii_letters_alone(void **state)
{
    (void)state;
    assert_true(wps_view_equal_ignoring_case(VIEW("AccessKey"), VIEW("aCCESSkEY")));
    assert_false(wps_view_equal_ignoring_case(VIEW("a"), VIEW("ab")));
    assert_false(wps_view_equal_ignoring_case(VIEW("@["), VIEW("`{")));
    assert_false(wps_view_equal_ignoring_case(VIEW("\xC4"), VIEW("\xE4")));
}

static void a_port_is_a_whole_number_from_1_to_65535(void **state)
{
    static const wps_view bad[] = {VIEW(""),   VIEW("0"),  VIEW("00"),  VIEW("65536"), VIEW("99999999999999999999"),
                                   VIEW("-1"), VIEW("+1"), VIEW("1.0"), VIEW(" 80"),   VIEW("0x50")};
    size_t i;

    (void)state;
    assert_int_equal(wps_view_port(VIEW("1")), 1);
    assert_int_equal(wps_view_port(VIEW("65535")), 65535);
    for (i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(wps_view_port(bad[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_of_null_is_empty),
        cmocka_unit_test(trimming_cuts_spaces_and_tabs_at_both_ends_only),
        cmocka_unit_test(case_is_ignored_for_ascii_letters_alone),
        cmocka_unit_test(a_port_is_a_whole_number_from_1_to_65535),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
