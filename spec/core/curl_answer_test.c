#include "support/transfer.h"

static outcome get_answer(const char *method, const char *answer, after then, const wps_curl_options *options,
                          wps_easy **easy)
{
    exchange script[] = {{answer, then}};
    server *s = server_start(script, 1);
    outcome result;

    *easy = easy_of(options);
    result = send_simple(*easy, method, server_url(s, "/"));
    assert_int_equal(server_request_count(s), 1);
    server_stop(s);
    return result;
}

static void assert_answered(const char *method, const char *answer, after then, int status, wps_view body)
{
    wps_easy *easy;
    outcome result = get_answer(method, answer, then, NULL, &easy);

    assert_answer(&result, status, body);
    wps_easy_free(easy);
}

static void assert_fails(const char *answer, after then, const wps_curl_options *options, wps_status status)
{
    wps_easy *easy;
    outcome result = get_answer("POST", answer, then, options, &easy);

    assert_failure(&result, status, WPS_MAYBE_SENT);
    wps_easy_free(easy);
}

static void any_status_is_an_answer(void **state)
{
    (void)state;
    assert_answered("POST", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", KEEP, 202, VIEW(""));
    assert_answered("POST", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno", KEEP, 401, VIEW("no"));
    assert_answered("POST", "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", KEEP, 503, VIEW(""));
    assert_answered("DELETE", "HTTP/1.1 204 No Content\r\n\r\n", KEEP, 204, VIEW(""));
}

static void the_header_block_is_what_came_without_status_line(void **state)
{
    wps_easy *easy;
    outcome result =
        get_answer("GET", "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:2\r\nContent-Length: 2\r\n\r\nok", KEEP, NULL, &easy);
    wps_view value;

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    assert_view_equal(wps_response_header_block(result.response), VIEW("X-A: 1\r\nx-a:2\r\nContent-Length: 2\r\n"));
    assert_true(wps_response_header(result.response, VIEW("X-a"), &value));
    assert_view_equal(value, VIEW("1"));
    wps_easy_free(easy);
}

/* RFC 9110 section 15.3: a redirect is an answer like any other; following it would repeat the token elsewhere. */
static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    assert_answered("GET", "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", KEEP,
                    307, VIEW(""));
}

/* RFC 9110 section 15.2 */
static void informational_answers_are_skipped(void **state)
{
    wps_easy *easy;
    outcome result =
        get_answer("POST",
                   "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nX-Final: 1\r\nContent-Length: 2\r\n\r\nok",
                   KEEP, NULL, &easy);

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    assert_view_equal(wps_response_header_block(result.response), VIEW("X-Final: 1\r\nContent-Length: 2\r\n"));
    wps_easy_free(easy);
}

/* RFC 9112 section 7.1 */
static void a_chunked_body_is_put_together_and_trailers_left_out(void **state)
{
    wps_easy *easy;
    outcome result = get_answer("GET",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Trailer: 1\r\n\r\n",
                                KEEP, NULL, &easy);

    (void)state;
    assert_answer(&result, 200, VIEW("Wikipedia"));
    assert_view_equal(wps_response_header_block(result.response), VIEW("Transfer-Encoding: chunked\r\n"));
    wps_easy_free(easy);
}

static void a_body_without_length_ends_with_the_connection(void **state)
{
    (void)state;
    assert_answered("GET", "HTTP/1.1 200 OK\r\n\r\nuntil the end", CLOSE, 200, VIEW("until the end"));
}

/* Contract: a 404 to HEAD has a Content-Length and no body. */
static void a_head_answer_has_no_body_whatever_its_length_says(void **state)
{
    (void)state;
    assert_answered("HEAD",
                    "HTTP/1.1 404 Not Found\r\nx-ms-error-code: Warning.Group.NotExisted\r\nContent-Length: 89\r\n\r\n",
                    KEEP, 404, VIEW(""));
}

static void content_is_not_decoded_behind_the_callers_back(void **state)
{
    (void)state;
    assert_answered("GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nraw", KEEP, 200,
                    VIEW("raw"));
}

static void a_body_up_to_its_bound_is_accepted(void **state)
{
    wps_curl_options options;
    wps_easy *easy;
    outcome result;

    (void)state;
    wps_curl_options_init(&options);
    options.max_response_body = 10;
    result = get_answer("GET", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", KEEP, &options, &easy);
    assert_answer(&result, 200, VIEW("0123456789"));
    wps_easy_free(easy);
}

static void a_body_over_its_bound_is_an_error(void **state)
{
    wps_curl_options options;

    (void)state;
    wps_curl_options_init(&options);
    options.max_response_body = 10;
    assert_fails("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789a", KEEP, &options, WPS_RESPONSE_TOO_LARGE);
    /* Refused by what it announces: the rest would never come. */
    assert_fails("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0", KEEP, &options, WPS_RESPONSE_TOO_LARGE);
    assert_fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n", KEEP,
                 &options, WPS_RESPONSE_TOO_LARGE);
    options.max_response_body = 1;
    assert_fails("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", KEEP, &options, WPS_RESPONSE_TOO_LARGE);
}

static void the_largest_bound_is_none(void **state)
{
    wps_curl_options options;
    wps_easy *easy;
    outcome result;

    (void)state;
    wps_curl_options_init(&options);
    options.max_response_body = SIZE_MAX;
    result = get_answer("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", KEEP, &options, &easy);
    assert_answer(&result, 200, VIEW("ok"));
    wps_easy_free(easy);
}

static void a_header_over_its_bound_is_an_error(void **state)
{
    wps_curl_options options;

    (void)state;
    wps_curl_options_init(&options);
    options.max_response_header = 60;
    assert_fails("HTTP/1.1 200 OK\r\nX-Long: 0123456789012345678901234567890123456789\r\nContent-Length: 0\r\n\r\n",
                 KEEP, &options, WPS_RESPONSE_TOO_LARGE);
    assert_fails("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", KEEP,
                 &options, WPS_RESPONSE_TOO_LARGE);
    assert_fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 01234567890123456789\r\n\r\n",
                 KEEP, &options, WPS_RESPONSE_TOO_LARGE);
}

static void an_answer_cut_short_may_have_had_its_effect(void **state)
{
    (void)state;
    assert_fails("", CLOSE, NULL, WPS_CONNECTION_LOST);
    assert_fails("", RESET, NULL, WPS_CONNECTION_LOST);
    assert_fails("HTTP/1.1 200 OK\r\n", CLOSE, NULL, WPS_CONNECTION_LOST);
    assert_fails("HTTP/1.1 204 No Content\r\nX-Half: 1\r\nX-", CLOSE, NULL, WPS_CONNECTION_LOST);
    assert_fails("HTTP/1.1 204 No Content\r\nX-Half: 1\r\n", RESET, NULL, WPS_CONNECTION_LOST);
    assert_fails("HTTP/1.1 103 Early Hints\r\n\r\n", CLOSE, NULL, WPS_CONNECTION_LOST);
    assert_fails("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", CLOSE, NULL, WPS_CONNECTION_LOST);
    assert_fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", CLOSE, NULL, WPS_CONNECTION_LOST);
}

static void what_is_not_http_is_a_bad_response(void **state)
{
    (void)state;
    assert_fails("garbage\r\n\r\n", CLOSE, NULL, WPS_BAD_RESPONSE);
    assert_fails("SSH-2.0-OpenSSH_9.2\r\n", CLOSE, NULL, WPS_BAD_RESPONSE);
}

static void an_error_names_host_and_port_and_nothing_more(void **state)
{
    exchange script[] = {{"", CLOSE}};
    server *s = server_start(script, 1);
    wps_easy *easy = easy_of(NULL);
    wps_request *request = request_of("POST", server_url(s, "/hidden-path?access_token=hidden"));
    char peer[64];
    outcome result;

    (void)state;
    assert_status(wps_request_add_header(request, VIEW("Authorization"), VIEW("Bearer hidden"), NULL), WPS_OK);
    result = send_request(easy, request, 10000);
    assert_failure(&result, WPS_CONNECTION_LOST, WPS_MAYBE_SENT);
    snprintf(peer, sizeof peer, "127.0.0.1:%d", server_port(s));
    assert_non_null(strstr(result.error.message, peer));
    assert_null(strstr(result.error.message, "hidden"));
    assert_int_not_equal(result.error.native, 0);
    wps_request_free(request);
    wps_easy_free(easy);
    server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_status_is_an_answer),
        cmocka_unit_test(the_header_block_is_what_came_without_status_line),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(informational_answers_are_skipped),
        cmocka_unit_test(a_chunked_body_is_put_together_and_trailers_left_out),
        cmocka_unit_test(a_body_without_length_ends_with_the_connection),
        cmocka_unit_test(a_head_answer_has_no_body_whatever_its_length_says),
        cmocka_unit_test(content_is_not_decoded_behind_the_callers_back),
        cmocka_unit_test(a_body_up_to_its_bound_is_accepted),
        cmocka_unit_test(a_body_over_its_bound_is_an_error),
        cmocka_unit_test(the_largest_bound_is_none),
        cmocka_unit_test(a_header_over_its_bound_is_an_error),
        cmocka_unit_test(an_answer_cut_short_may_have_had_its_effect),
        cmocka_unit_test(what_is_not_http_is_a_bad_response),
        cmocka_unit_test(an_error_names_host_and_port_and_nothing_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
