#include "support/memory.h"

#include "../../core/src/response.h"

static wps_response with_header(const char *block)
{
    wps_response response = {0};

    assert_status(wps_buffer_append(&response.header, block, strlen(block)), WPS_OK);
    return response;
}

static void assert_header(const char *block, const char *name, const char *expected)
{
    wps_response response = with_header(block);
    wps_view value;
    int found = wps_response_header(&response, wps_view_of(name), &value);

    assert_int_equal(found, expected != NULL);
    assert_view_equal(value, wps_view_of(expected));
    wps_response_release(&response);
}

static void a_header_is_found_without_regard_to_case(void **state)
{
    (void)state;
    assert_header("Content-Type: text/plain\r\nX-A: 1\r\n", "x-a", "1");
    assert_header("content-type:application/json\r\n", "Content-Type", "application/json");
}

static void the_first_of_several_counts(void **state)
{
    (void)state;
    assert_header("X-A: 1\r\nX-A: 2\r\n", "X-A", "1");
}

static void white_space_around_the_value_is_cut(void **state)
{
    (void)state;
    assert_header("X-A: \t a b \t\r\n", "X-A", "a b");
    assert_header("X-A:\r\nX-B:   \r\n", "X-A", "");
    assert_header("X-A:\r\nX-B:   \r\n", "X-B", "");
    assert_header("X-A: 1\nX-B: 2", "X-B", "2");
}

static void part_of_a_name_is_not_the_name(void **state)
{
    (void)state;
    assert_header("X-Ab: 1\r\nY-X-A: 2\r\nX-A : 3\r\n", "X-A", NULL);
    assert_header("X-B: X-A: 1\r\n X-A: 2\r\n", "X-A", NULL);
    assert_header("", "X-A", NULL);
}

static void clearing_keeps_usual_memory_and_gives_back_more(void **state)
{
    static char large[300000];
    wps_response response = with_header("X-A: 1\r\n");

    (void)state;
    assert_status(wps_buffer_append(&response.body, large, sizeof large), WPS_OK);
    response.status = 200;
    assert_int_equal(wps_response_status(&response), 200);
    wps_response_clear(&response);
    assert_int_equal(wps_response_status(&response), 0);
    assert_view_equal(wps_response_body(&response), VIEW(""));
    assert_view_equal(wps_response_header_block(&response), VIEW(""));
    assert_non_null(response.header.data);
    assert_null(response.body.data);
    wps_response_release(&response);
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    wps_response_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_found_without_regard_to_case),
        cmocka_unit_test(the_first_of_several_counts),
        cmocka_unit_test(white_space_around_the_value_is_cut),
        cmocka_unit_test(part_of_a_name_is_not_the_name),
        cmocka_unit_test(clearing_keeps_usual_memory_and_gives_back_more),
        cmocka_unit_test(freeing_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
