#include "support/resolver.h"
#include "support/transfer.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void requests_share_one_connection(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 3);
    wps_easy *easy = easy_of(NULL);
    int i;

    (void)state;
    for (i = 0; i < 3; i++) {
        outcome result = send_simple(easy, "POST", server_url(s, "/"));
        assert_answer(&result, 200, VIEW("ok"));
    }
    assert_int_equal(server_connection_count(s), 1);
    wps_easy_free(easy);
    server_stop(s);
}

static void a_server_that_closes_is_connected_to_again(void **state)
{
    static const exchange script[] = {{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", CLOSE},
                                      {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_easy *easy = easy_of(NULL);
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        outcome result = send_simple(easy, "POST", server_url(s, "/"));
        assert_answer(&result, 200, VIEW("ok"));
    }
    assert_int_equal(server_connection_count(s), 2);
    wps_easy_free(easy);
    server_stop(s);
}

static void a_connection_closed_while_idle_costs_nothing(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_easy *easy = easy_of(NULL);
    outcome result = send_simple(easy, "POST", server_url(s, "/"));

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    server_drop_connections(s);
    result = send_simple(easy, "POST", server_url(s, "/"));
    assert_answer(&result, 200, VIEW("ok"));
    assert_int_equal(server_request_count(s), 2);
    assert_int_equal(server_request_connection(s, 1), 1);
    wps_easy_free(easy);
    server_stop(s);
}

/* libcurl would repeat the request on a new connection; a message would arrive twice. */
static void assert_not_repeated(after then)
{
    const exchange script[] = {{OK, KEEP}, {"", then}, {OK, KEEP}};
    server *s = server_start(script, 3);
    wps_easy *easy = easy_of(NULL);
    outcome result = send_simple(easy, "POST", server_url(s, "/"));

    assert_answer(&result, 200, VIEW("ok"));
    result = send_simple(easy, "POST", server_url(s, "/"));
    assert_failure(&result, WPS_CONNECTION_LOST, WPS_MAYBE_SENT);
    assert_int_equal(server_request_connection(s, 1), 0);
    assert_int_equal(server_request_count(s), 2);

    result = send_simple(easy, "POST", server_url(s, "/"));
    assert_answer(&result, 200, VIEW("ok"));
    assert_int_equal(server_request_count(s), 3);
    wps_easy_free(easy);
    server_stop(s);
}

static void a_post_lost_on_a_reused_connection_is_not_repeated(void **state)
{
    (void)state;
    assert_not_repeated(CLOSE);
    assert_not_repeated(RESET);
}

static void a_get_lost_on_a_reused_connection_is_repeated(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {"", CLOSE}, {OK, KEEP}};
    server *s = server_start(script, 3);
    wps_easy *easy = easy_of(NULL);
    outcome result = send_simple(easy, "GET", server_url(s, "/"));

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    result = send_simple(easy, "GET", server_url(s, "/"));
    assert_answer(&result, 200, VIEW("ok"));
    assert_int_equal(server_request_count(s), 3);
    assert_int_equal(server_request_connection(s, 2), 1);
    wps_easy_free(easy);
    server_stop(s);
}

static void a_post_declared_idempotent_is_repeated(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {"", CLOSE}, {OK, KEEP}};
    server *s = server_start(script, 3);
    wps_easy *easy = easy_of(NULL);
    wps_request *request = request_of("POST", server_url(s, "/"));
    outcome result;

    (void)state;
    wps_request_set_idempotent(request, 1);
    result = send_request(easy, request, 10000);
    assert_answer(&result, 200, VIEW("ok"));
    result = send_request(easy, request, 10000);
    assert_answer(&result, 200, VIEW("ok"));
    assert_int_equal(server_request_count(s), 3);
    wps_request_free(request);
    wps_easy_free(easy);
    server_stop(s);
}

static void a_refused_connection_is_named(void **state)
{
    wps_easy *easy = easy_of(NULL);
    char url[64], sentence[128];
    int port = closed_port();
    outcome result;

    (void)state;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    result = send_simple(easy, "POST", url);
    assert_failure(&result, WPS_CONNECT_FAILED, WPS_NOT_SENT);
    snprintf(sentence, sizeof sentence, "could not connect to 127.0.0.1:%d (Connection refused)", port);
    assert_string_equal(result.error.message, sentence);
    wps_easy_free(easy);
}

static void a_name_without_an_address_is_named(void **state)
{
    wps_easy *easy = easy_of(NULL);
    outcome result = send_simple(easy, "POST", "http://nobody.test/?secret");

    (void)state;
    assert_failure(&result, WPS_RESOLVE_FAILED, WPS_NOT_SENT);
    assert_non_null(strstr(result.error.message, "nobody.test"));
    assert_null(strstr(result.error.message, "secret"));
    wps_easy_free(easy);
}

/* ---- time ---- */

/* Generous for a machine that is busy with other things, and far less than any wait that would be a fault. */
enum { LATE_MS = 2000 };

static void no_time_left_fails_at_once(void **state)
{
    wps_easy *easy = easy_of(NULL);
    wps_request *request = request_of("POST", "http://nobody.test/");
    outcome result = send_request(easy, request, 0);

    (void)state;
    assert_failure(&result, WPS_TIMEOUT, WPS_NOT_SENT);
    result = send_request(easy, request, -5);
    assert_failure(&result, WPS_TIMEOUT, WPS_NOT_SENT);
    wps_request_free(request);
    wps_easy_free(easy);
}

static void an_answer_that_does_not_come_ends_at_the_deadline(void **state)
{
    static const exchange script[] = {{"", KEEP}, {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", KEEP}};
    server *s = server_start(script, 2);
    wps_easy *easy = easy_of(NULL);
    wps_request *request = request_of("POST", server_url(s, "/"));
    int i;

    (void)state;
    for (i = 0; i < 2; i++) {
        outcome result = send_request(easy, request, 200);
        assert_failure(&result, WPS_TIMEOUT, WPS_MAYBE_SENT);
        assert_true(result.elapsed_ms >= 190 && result.elapsed_ms < LATE_MS);
    }
    wps_request_free(request);
    wps_easy_free(easy);
    server_stop(s);
}

static void a_slow_name_look_up_does_not_outlast_the_deadline(void **state)
{
    wps_easy *easy = easy_of(NULL);
    wps_request *request = request_of("POST", "http://slow.test/");
    int before = resolver_slow_count();
    int64_t start;
    outcome result;

    (void)state;
    resolver_hold();
    result = send_request(easy, request, 200);
    start = monotonic_ms();
    wps_easy_free(easy);
    assert_true(monotonic_ms() - start < LATE_MS);
    assert_failure(&result, WPS_TIMEOUT, WPS_NOT_SENT);
    assert_true(result.elapsed_ms < LATE_MS);
    resolver_release();
    assert_true(resolver_slow_count() > before);
    wps_request_free(request);
}

static void a_slow_name_look_up_ends_at_the_connect_timeout(void **state)
{
    wps_curl_options options;
    wps_easy *easy;
    outcome result;

    (void)state;
    wps_curl_options_init(&options);
    options.connect_timeout_ms = 150;
    easy = easy_of(&options);
    resolver_hold();
    result = send_simple(easy, "POST", "http://slow.test/");
    assert_failure(&result, WPS_TIMEOUT, WPS_NOT_SENT);
    assert_true(result.elapsed_ms < LATE_MS);
    wps_easy_free(easy);
    resolver_release();
}

/* A listener that never accepts and speaks no TLS: the connection stands, the handshake gets no answer. */
static void a_tls_handshake_without_answer_ends_at_the_connect_timeout(void **state)
{
    static const exchange nothing[] = {{"", KEEP}};
    server *s = server_start(nothing, 1);
    wps_curl_options options;
    wps_easy *easy;
    char url[64];
    outcome result;

    (void)state;
    wps_curl_options_init(&options);
    options.connect_timeout_ms = 150;
    easy = easy_of(&options);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", server_port(s));
    result = send_simple(easy, "POST", url);
    assert_failure(&result, WPS_TIMEOUT, WPS_NOT_SENT);
    assert_true(result.elapsed_ms < LATE_MS);
    wps_easy_free(easy);
    server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_share_one_connection),
        cmocka_unit_test(a_server_that_closes_is_connected_to_again),
        cmocka_unit_test(a_connection_closed_while_idle_costs_nothing),
        cmocka_unit_test(a_post_lost_on_a_reused_connection_is_not_repeated),
        cmocka_unit_test(a_get_lost_on_a_reused_connection_is_repeated),
        cmocka_unit_test(a_post_declared_idempotent_is_repeated),
        cmocka_unit_test(a_refused_connection_is_named),
        cmocka_unit_test(a_name_without_an_address_is_named),
        cmocka_unit_test(no_time_left_fails_at_once),
        cmocka_unit_test(an_answer_that_does_not_come_ends_at_the_deadline),
        cmocka_unit_test(a_slow_name_look_up_does_not_outlast_the_deadline),
        cmocka_unit_test(a_slow_name_look_up_ends_at_the_connect_timeout),
        cmocka_unit_test(a_tls_handshake_without_answer_ends_at_the_connect_timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
