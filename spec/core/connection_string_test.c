#include "support/memory.h"

static const char full[] = "Endpoint=https://a.example;AccessKey=c2VjcmV0a2V5PT0=;Version=1.0;Port=8443;";

static void assert_parsed(const char *text, const char *endpoint, const char *key, const char *version, int port)
{
    wps_connection_string parsed;
    wps_error error = {WPS_OK, WPS_NOT_SENT, 0, ""};

    if (wps_connection_string_parse(wps_view_of(text), &parsed, &error) != WPS_OK)
        fail_msg("%s: %s", text, error.message);
    assert_view_equal(parsed.endpoint, wps_view_of(endpoint));
    assert_view_equal(parsed.access_key, wps_view_of(key));
    assert_view_equal(parsed.version, wps_view_of(version));
    assert_int_equal(parsed.port, port);
}

/* Contract: connection string */
static void the_form_that_the_portal_gives_is_read(void **state)
{
    (void)state;
    assert_parsed(full, "https://a.example", "c2VjcmV0a2V5PT0=", "1.0", 8443);
    assert_parsed("Endpoint=http://localhost:8080;AccessKey=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH;Version=1.0;",
                  "http://localhost:8080", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH", "1.0", 0);
}

static void order_case_white_space_and_empty_parts_do_not_matter(void **state)
{
    (void)state;
    assert_parsed("AccessKey=k;Endpoint=http://h", "http://h", "k", "", 0);
    assert_parsed("ENDPOINT=http://h;accesskey=K;PORT=1", "http://h", "K", "", 1);
    assert_parsed(" Endpoint = http://h ;  AccessKey =  k ", "http://h", "k", "", 0);
    assert_parsed(";;Endpoint=http://h;; ;AccessKey=k;;", "http://h", "k", "", 0);
}

static void a_part_is_split_at_its_first_equals_sign(void **state)
{
    (void)state;
    assert_parsed("Endpoint=http://h;AccessKey==a=b==", "http://h", "=a=b==", "", 0);
}

static void unknown_names_are_ignored_even_twice(void **state)
{
    (void)state;
    assert_parsed("Endpoint=http://h;AccessKey=k;AuthType=azure;AuthType=x;Version=", "http://h", "k", "", 0);
}

static void broken_texts_are_refused_with_the_name_of_the_part(void **state)
{
    static const struct {
        const char *text, *named;
    } rows[] = {
        {"", "Endpoint"},
        {";", "Endpoint"},
        {"AccessKey=k", "Endpoint"},
        {"Endpoint=;AccessKey=k", "Endpoint"},
        {"Endpoint= ;AccessKey=k", "Endpoint"},
        {"Endpoint=http://h", "AccessKey"},
        {"Endpoint=http://h;AccessKey=", "AccessKey"},
        {"Endpoint=http://h;AccessKey=k;Endpoint=http://h", "Endpoint twice"},
        {"Endpoint=http://h;AccessKey=k;accesskey=k", "AccessKey twice"},
        {"Endpoint=;AccessKey=k;Endpoint=http://h", "Endpoint twice"},
        {"Endpoint=http://h;AccessKey=k;Version=1;Version=1", "Version twice"},
        {"Endpoint=http://h;AccessKey=k;Port=1;Port=1", "Port twice"},
        {"Endpoint=http://h;AccessKey=k;Port=0", "Port"},
        {"Endpoint=http://h;AccessKey=k;Port=65536", "Port"},
        {"Endpoint=http://h;AccessKey=k;Port=", "Port"},
        {"Endpoint=http://h;AccessKey=k;Port=80x", "Port"},
        {"Endpoint=http://h;AccessKey=k;Port=-1", "Port"},
        {"Endpoint=http://h;AccessKey=k;Port=99999999999999999999", "Port"},
        {"Endpoint=http://h;AccessKey=k;nonsense", "part 3"},
        {"nonsense", "part 1"},
        {"Endpoint=http://h;AccessKey=k\n", "control"},
        {"Endpoint=http://h;AccessKey=a\x7F"
         "b",
         "control"},
        {"Endpoint=ht\ttp://h;AccessKey=k", "control"},
    };
    wps_connection_string parsed;
    wps_error error;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(rows); i++) {
        assert_row(wps_connection_string_parse(wps_view_of(rows[i].text), &parsed, &error) == WPS_MALFORMED,
                   rows[i].text);
        assert_row(strstr(error.message, rows[i].named) != NULL, rows[i].text);
    }
}

static void a_nul_inside_is_a_control_character(void **state)
{
    wps_connection_string parsed;

    (void)state;
    assert_status(wps_connection_string_parse(VIEW("Endpoint=http://h;AccessKey=k\0"), &parsed, NULL), WPS_MALFORMED);
}

static void check_damage(wps_view text, void *context)
{
    wps_connection_string parsed;
    wps_error error;

    (void)context;
    if (wps_connection_string_parse(text, &parsed, &error) == WPS_OK) {
        assert_true(parsed.endpoint.size > 0 && parsed.access_key.size > 0);
        return;
    }
    assert_null(strstr(error.message, "secret"));
    assert_null(strstr(error.message, "example"));
}

static void no_damage_leaks_a_value_or_reads_past_the_end(void **state)
{
    (void)state;
    for_each_damage(VIEW("Endpoint=https://a.example;AccessKey=secret==;Port=8443;"), check_damage, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_that_the_portal_gives_is_read),
        cmocka_unit_test(order_case_white_space_and_empty_parts_do_not_matter),
        cmocka_unit_test(a_part_is_split_at_its_first_equals_sign),
        cmocka_unit_test(unknown_names_are_ignored_even_twice),
        cmocka_unit_test(broken_texts_are_refused_with_the_name_of_the_part),
        cmocka_unit_test(a_nul_inside_is_a_control_character),
        cmocka_unit_test(no_damage_leaks_a_value_or_reads_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
