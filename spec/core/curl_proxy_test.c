#include "support/transfer.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static const exchange script[] = {{OK, KEEP}, {OK, KEEP}, {OK, KEEP}};

static int without_proxies(void **state)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(names); i++)
        unsetenv(names[i]);
    return 0;
}

static void proxy_in_environment(const char *name, int port)
{
    char url[128];

    snprintf(url, sizeof url, "http://hidden-user:hidden-password@127.0.0.1:%d", port);
    setenv(name, url, 1);
}

static wps_easy *easy_with_proxy(const char *proxy)
{
    wps_curl_options options;

    wps_curl_options_init(&options);
    options.proxy = proxy;
    return easy_of(&options);
}

static int starts_with(wps_view text, const char *start)
{
    return text.size >= strlen(start) && memcmp(text.data, start, strlen(start)) == 0;
}

static void a_proxy_from_the_environment_is_used(void **state)
{
    server *proxy = server_start(script, 3);
    wps_easy *easy = easy_of(NULL);
    outcome result;

    (void)state;
    proxy_in_environment("http_proxy", server_port(proxy));
    result = send_simple(easy, "POST", "http://service.test/path");
    assert_answer(&result, 200, VIEW("ok"));
    assert_true(starts_with(server_request(proxy, 0), "POST http://service.test/path HTTP/1.1\r\n"));
    wps_easy_free(easy);
    server_stop(proxy);
}

static void an_https_request_asks_the_proxy_for_a_tunnel(void **state)
{
    static const exchange refusal[] = {{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", CLOSE}};
    server *proxy = server_start(refusal, 1);
    wps_easy *easy = easy_of(NULL);
    wps_request *request = request_of("POST", "https://service.test/hidden-path");
    outcome result;

    (void)state;
    assert_status(wps_request_add_header(request, VIEW("Authorization"), VIEW("Bearer hidden"), NULL), WPS_OK);
    proxy_in_environment("https_proxy", server_port(proxy));
    result = send_request(easy, request, 10000);
    assert_failure(&result, WPS_CONNECT_FAILED, WPS_NOT_SENT);
    assert_null(strstr(result.error.message, "hidden"));
    assert_true(starts_with(server_request(proxy, 0), "CONNECT service.test:443 HTTP/1.1\r\n"));
    assert_null(strstr(server_request(proxy, 0).data, "Bearer"));
    wps_request_free(request);
    wps_easy_free(easy);
    server_stop(proxy);
}

static void loopback_hosts_never_go_through_a_proxy_of_the_environment(void **state)
{
    server *proxy = server_start(script, 3), *s = server_start(script, 3);
    wps_easy *easy = easy_of(NULL);
    char url[64];
    outcome result;

    (void)state;
    proxy_in_environment("http_proxy", server_port(proxy));
    result = send_simple(easy, "POST", server_url(s, "/"));
    assert_answer(&result, 200, VIEW("ok"));
    snprintf(url, sizeof url, "http://localhost:%d/", server_port(s));
    result = send_simple(easy, "POST", url);
    assert_answer(&result, 200, VIEW("ok"));
    /* and the choice is made anew for every request */
    result = send_simple(easy, "POST", "http://service.test/");
    assert_answer(&result, 200, VIEW("ok"));
    assert_int_equal(server_request_count(s), 2);
    assert_int_equal(server_request_count(proxy), 1);
    wps_easy_free(easy);
    server_stop(s);
    server_stop(proxy);
}

static void no_proxy_in_the_environment_is_followed(void **state)
{
    server *proxy = server_start(script, 3);
    wps_easy *easy = easy_of(NULL);
    outcome result;

    (void)state;
    proxy_in_environment("http_proxy", server_port(proxy));
    setenv("no_proxy", "service.test", 1);
    result = send_simple(easy, "POST", "http://service.test/");
    assert_failure(&result, WPS_RESOLVE_FAILED, WPS_NOT_SENT);
    assert_int_equal(server_request_count(proxy), 0);
    wps_easy_free(easy);
    server_stop(proxy);
}

static void an_empty_proxy_ignores_the_environment(void **state)
{
    server *proxy = server_start(script, 3);
    wps_easy *easy = easy_with_proxy("");
    outcome result;

    (void)state;
    proxy_in_environment("http_proxy", server_port(proxy));
    result = send_simple(easy, "POST", "http://service.test/");
    assert_failure(&result, WPS_RESOLVE_FAILED, WPS_NOT_SENT);
    assert_int_equal(server_request_count(proxy), 0);
    wps_easy_free(easy);
    server_stop(proxy);
}

static void a_named_proxy_holds_for_every_host_and_ignores_the_environment(void **state)
{
    server *proxy = server_start(script, 3);
    char url[64];
    wps_easy *easy;
    outcome result;

    (void)state;
    snprintf(url, sizeof url, "http://127.0.0.1:%d", server_port(proxy));
    easy = easy_with_proxy(url);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("no_proxy", "*", 1);
    result = send_simple(easy, "POST", "http://service.test/");
    assert_answer(&result, 200, VIEW("ok"));
    result = send_simple(easy, "POST", "http://localhost:1/");
    assert_answer(&result, 200, VIEW("ok"));
    assert_true(starts_with(server_request(proxy, 1), "POST http://localhost:1/ HTTP/1.1\r\n"));
    wps_easy_free(easy);
    server_stop(proxy);
}

static void no_error_shows_the_proxy(void **state)
{
    static const char *const proxies[] = {
        "http://hidden-user:hidden-password@127.0.0.1:1",
        "http://hidden-user:hidden-password@hidden-host.test:3128",
        "nonsense://hidden-user:hidden-password@h",
        "http://hidden-user:hidden-password@127.0.0.1:99999999",
        "http://hidden user@h",
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(proxies); i++) {
        wps_easy *easy = easy_with_proxy(proxies[i]);
        outcome result = send_simple(easy, "POST", "http://service.test/");
        assert_row(result.status != WPS_OK && result.error.outcome == WPS_NOT_SENT, proxies[i]);
        assert_row(strstr(result.error.message, "hidden") == NULL, result.error.message);
        wps_easy_free(easy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_proxy_from_the_environment_is_used, without_proxies),
        cmocka_unit_test_setup(an_https_request_asks_the_proxy_for_a_tunnel, without_proxies),
        cmocka_unit_test_setup(loopback_hosts_never_go_through_a_proxy_of_the_environment, without_proxies),
        cmocka_unit_test_setup(no_proxy_in_the_environment_is_followed, without_proxies),
        cmocka_unit_test_setup(an_empty_proxy_ignores_the_environment, without_proxies),
        cmocka_unit_test_setup(a_named_proxy_holds_for_every_host_and_ignores_the_environment, without_proxies),
        cmocka_unit_test_setup(no_error_shows_the_proxy, without_proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
