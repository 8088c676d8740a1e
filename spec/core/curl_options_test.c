#include "support/test.h"

#include "../../core/curl/loopback.h"

#include <webpubsub/curl.h>

static void the_defaults_are_those_of_the_header(void **state)
{
    wps_curl_options options;

    (void)state;
    wps_curl_options_init(&options);
    assert_int_equal(options.struct_size, sizeof options);
    assert_int_equal(options.connect_timeout_ms, 10000);
    assert_int_equal(options.max_response_body, 4194304);
    assert_int_equal(options.max_response_header, 65536);
    assert_null(options.ca_file);
    assert_int_equal(options.verify, 1);
    assert_null(options.proxy);
    assert_int_equal(options.http2, 0);
    assert_int_equal(options.max_connections, 4);
}

static void assert_refused(const wps_curl_options *options, const char *named)
{
    wps_easy *easy = (wps_easy *)(uintptr_t)1;
    wps_error error;

    assert_status(wps_easy_new(options, &easy, &error), WPS_INVALID_ARGUMENT);
    assert_null(easy);
    assert_non_null(strstr(error.message, named));
}

static void options_out_of_range_are_refused(void **state)
{
    wps_curl_options options;

    (void)state;
    wps_curl_options_init(&options);
    options.connect_timeout_ms = 0;
    assert_refused(&options, "connect_timeout_ms");
    wps_curl_options_init(&options);
    options.max_response_body = 0;
    assert_refused(&options, "max_response_body");
    wps_curl_options_init(&options);
    options.max_response_header = 0;
    assert_refused(&options, "max_response_header");
    wps_curl_options_init(&options);
    options.max_connections = 0;
    assert_refused(&options, "max_connections");
    memset(&options, 0, sizeof options);
    assert_refused(&options, "wps_curl_options_init");
}

/* A program compiled when the struct ended earlier. */
static void a_shorter_struct_leaves_the_rest_at_its_defaults(void **state)
{
    wps_curl_options options;
    wps_easy *easy;

    (void)state;
    wps_curl_options_init(&options);
    options.struct_size = offsetof(wps_curl_options, max_connections);
    options.max_connections = -1;
    assert_status(wps_easy_new(&options, &easy, NULL), WPS_OK);
    wps_easy_free(easy);
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    wps_easy_free(NULL);
}

static void loopback_hosts_are_known(void **state)
{
    static const char *const loopback[] = {
        "http://localhost/",        "https://LOCALHOST:8080",   "http://localhost.",  "http://a.b.LocalHost:1/x",
        "http://127.0.0.1",         "http://127.255.3.4:80/?q", "http://[::1]/",      "http://[::1]:8080",
        "http://user:p@127.0.0.1/", "http://localhost?x",       "http://localhost#f",
    };
    static const char *const elsewhere[] = {
        "http://localhost.example/",
        "http://notlocalhost/",
        "http://127.0.0.1.example/",
        "http://128.0.0.1/",
        "http://1127.0.0.1/",
        "http://[::2]/",
        "http://example/localhost",
        "http://example?@localhost",
        "http://localhost@example/",
        "http://",
        "",
        "http://127/",
        "http://10.0.0.1/127.0.0.1",
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(loopback); i++)
        assert_row(wps_is_loopback_url(wps_view_of(loopback[i])), loopback[i]);
    for (i = 0; i < COUNT_OF(elsewhere); i++)
        assert_row(!wps_is_loopback_url(wps_view_of(elsewhere[i])), elsewhere[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_the_header),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(a_shorter_struct_leaves_the_rest_at_its_defaults),
        cmocka_unit_test(freeing_nothing_is_fine),
        cmocka_unit_test(loopback_hosts_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
