#include "support/memory.h"

#include "../../core/src/json.h"

static void assert_next(wps_json_iterator *iterator, wps_view name, wps_view value)
{
    wps_view actual_name, actual_value;

    assert_status(wps_json_next(iterator, &actual_name, &actual_value), WPS_OK);
    assert_view_equal(actual_name, name);
    assert_view_equal(actual_value, value);
}

static void assert_end(wps_json_iterator *iterator)
{
    wps_view name, value;

    assert_status(wps_json_next(iterator, &name, &value), WPS_END);
    assert_status(wps_json_next(iterator, &name, &value), WPS_END);
    assert_view_equal(value, VIEW(""));
}

static void members_come_in_order_as_the_bytes_that_arrived(void **state)
{
    wps_json_iterator iterator;

    (void)state;
    assert_status(wps_json_begin(VIEW(" { \"a\" : 1.50 , \"b\\\"}\":{\"c\":[1, 2]} ,\"d\":\"x,}\\\\\"} "), &iterator),
                  WPS_OK);
    assert_int_equal(iterator.kind, '{');
    assert_next(&iterator, VIEW("a"), VIEW("1.50"));
    assert_next(&iterator, VIEW("b\\\"}"), VIEW("{\"c\":[1, 2]}"));
    assert_next(&iterator, VIEW("d"), VIEW("\"x,}\\\\\""));
    assert_end(&iterator);
}

static void elements_come_in_order_without_names(void **state)
{
    wps_json_iterator iterator;

    (void)state;
    assert_status(wps_json_begin(VIEW("[ null,[],\t{\"]\":\"[\"} , -1e5 ]"), &iterator), WPS_OK);
    assert_int_equal(iterator.kind, '[');
    assert_next(&iterator, VIEW(""), VIEW("null"));
    assert_next(&iterator, VIEW(""), VIEW("[]"));
    assert_next(&iterator, VIEW(""), VIEW("{\"]\":\"[\"}"));
    assert_next(&iterator, VIEW(""), VIEW("-1e5"));
    assert_end(&iterator);
}

static void empty_containers_end_at_once(void **state)
{
    wps_json_iterator iterator;

    (void)state;
    assert_status(wps_json_begin(VIEW("{ }"), &iterator), WPS_OK);
    assert_end(&iterator);
    assert_status(wps_json_begin(VIEW("[]"), &iterator), WPS_OK);
    assert_end(&iterator);
}

static void only_objects_and_arrays_can_be_walked(void **state)
{
    static const wps_view texts[] = {VIEW(""), VIEW("  "), VIEW("1"), VIEW("\"{}\""), VIEW("null")};
    wps_json_iterator iterator;
    wps_view name, value;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++) {
        assert_status(wps_json_begin(texts[i], &iterator), WPS_MALFORMED);
        assert_status(wps_json_next(&iterator, &name, &value), WPS_MALFORMED);
    }
}

static void assert_inside(wps_view part, wps_view whole)
{
    if (part.size > 0) {
        assert_true(part.data >= whole.data);
        assert_true(part.data + part.size <= whole.data + whole.size);
    }
}

/* Every step must move on, or the walk would not end. */
static void walk(wps_view text, void *context)
{
    wps_json_iterator iterator;
    wps_view name, value;
    size_t steps = 0;

    (void)context;
    if (wps_json_begin(text, &iterator) != WPS_OK)
        return;
    while (wps_json_next(&iterator, &name, &value) == WPS_OK) {
        assert_inside(name, text);
        assert_inside(value, text);
        assert_true(++steps <= text.size);
    }
}

static void unchecked_text_gives_nothing_outside_itself(void **state)
{
    (void)state;
    for_each_damage(VIEW("{\"a\\u00e9\":[1,{\"b\":\"\\\\\"}],\"c\" : null}"), walk, NULL);
    for_each_damage(VIEW("[\"a\",[2],{}, 3 ]"), walk, NULL);
}

static void raw_values_tell_their_type(void **state)
{
    wps_view raw;

    (void)state;
    assert_true(wps_json_string_of(VIEW("\"ab\""), &raw));
    assert_view_equal(raw, VIEW("ab"));
    assert_false(wps_json_string_of(VIEW("12"), &raw));
    assert_false(wps_json_string_of(VIEW("\""), &raw));
    assert_false(wps_json_string_of(VIEW(""), &raw));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_order_as_the_bytes_that_arrived),
        cmocka_unit_test(elements_come_in_order_without_names),
        cmocka_unit_test(empty_containers_end_at_once),
        cmocka_unit_test(only_objects_and_arrays_can_be_walked),
        cmocka_unit_test(unchecked_text_gives_nothing_outside_itself),
        cmocka_unit_test(raw_values_tell_their_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
