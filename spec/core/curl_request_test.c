#include "support/memory.h"
#include "support/transfer.h"

#define ACCEPTED "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
#define PATH "/api/hubs/chat/:send?api-version=2024-12-01"

static const exchange accepted[] = {{ACCEPTED, KEEP}, {ACCEPTED, KEEP}, {ACCEPTED, KEEP}, {ACCEPTED, KEEP}};

typedef struct fixture {
    server *s;
    wps_easy *easy;
} fixture;

static fixture opened(void)
{
    return (fixture){server_start(accepted, COUNT_OF(accepted)), easy_of(NULL)};
}

static void closed(fixture *f)
{
    wps_easy_free(f->easy);
    server_stop(f->s);
}

static size_t count_lines(wps_view text)
{
    size_t count = 0, i;

    for (i = 0; i + 1 < text.size; i++)
        count += text.data[i] == '\r' && text.data[i + 1] == '\n';
    return count;
}

/* Request `index` begins with `line`, has exactly these header lines in any order, and this body. "Host: HERE" stands
 * for the server's own address. */
static void assert_sent(server *s, size_t index, const char *line, const char *const *headers, const char *body)
{
    wps_view request = server_request(s, index);
    char text[8192], wanted[1024];
    const char *end;
    size_t count = 0;

    memcpy(text, request.data, request.size);
    text[request.size] = '\0';
    end = strstr(text, "\r\n\r\n");
    assert_non_null(end);
    assert_string_equal(end + 4, body);
    assert_memory_equal(text, line, strlen(line));
    for (; headers[count]; count++) {
        snprintf(wanted, sizeof wanted, "\r\n%s\r\n", headers[count]);
        if (strcmp(headers[count], "Host: HERE") == 0)
            snprintf(wanted, sizeof wanted, "\r\nHost: 127.0.0.1:%d\r\n", server_port(s));
        if (!strstr(text, wanted))
            fail_msg("no \"%s\" in:\n%s", headers[count], text);
    }
    if (count_lines((wps_view){text, (size_t)(end - text)}) != count)
        fail_msg("other header lines than expected:\n%s", text);
}

static void send_with(fixture *f, const char *method, const char *const *headers, wps_view body)
{
    wps_request *request = request_of(method, server_url(f->s, PATH));
    outcome result;
    size_t i;

    for (i = 0; headers && headers[i]; i += 2)
        assert_status(wps_request_add_header(request, wps_view_of(headers[i]), wps_view_of(headers[i + 1]), NULL),
                      WPS_OK);
    wps_request_set_body(request, body);
    result = send_request(f->easy, request, 10000);
    assert_answer(&result, 202, VIEW(""));
    wps_request_free(request);
}

static void a_post_goes_out_with_its_own_headers_and_no_others(void **state)
{
    static const char *const headers[] = {"Authorization", "Bearer x", "Content-Type", "text/plain", NULL};
    static const char *const sent[] = {"Host: HERE", "Authorization: Bearer x", "Content-Type: text/plain",
                                       "Content-Length: 5", NULL};
    fixture f = opened();

    (void)state;
    send_with(&f, "POST", headers, VIEW("hello"));
    assert_sent(f.s, 0, "POST " PATH " HTTP/1.1\r\n", sent, "hello");
    closed(&f);
}

/* Contract: POST and PUT without a body send Content-Length: 0. */
static void post_and_put_without_a_body_say_so(void **state)
{
    static const char *const sent[] = {"Host: HERE", "Content-Length: 0", NULL};
    fixture f = opened();

    (void)state;
    send_with(&f, "POST", NULL, VIEW(""));
    send_with(&f, "PUT", NULL, VIEW(""));
    assert_sent(f.s, 0, "POST " PATH " HTTP/1.1\r\n", sent, "");
    assert_sent(f.s, 1, "PUT " PATH " HTTP/1.1\r\n", sent, "");
    closed(&f);
}

static void get_head_and_delete_carry_no_length(void **state)
{
    static const char *const sent[] = {"Host: HERE", NULL};
    fixture f = opened();

    (void)state;
    send_with(&f, "GET", NULL, VIEW(""));
    send_with(&f, "DELETE", NULL, VIEW(""));
    send_with(&f, "HEAD", NULL, VIEW(""));
    assert_sent(f.s, 0, "GET " PATH " HTTP/1.1\r\n", sent, "");
    assert_sent(f.s, 1, "DELETE " PATH " HTTP/1.1\r\n", sent, "");
    assert_sent(f.s, 2, "HEAD " PATH " HTTP/1.1\r\n", sent, "");
    closed(&f);
}

static void one_handle_sends_different_requests_after_one_another(void **state)
{
    static const char *const head[] = {"Host: HERE", NULL};
    static const char *const post[] = {"Host: HERE", "X-A: 1", "Content-Length: 3", NULL};
    static const char *const added[] = {"X-A", "1", NULL};
    fixture f = opened();

    (void)state;
    send_with(&f, "HEAD", NULL, VIEW(""));
    send_with(&f, "POST", added, VIEW("abc"));
    send_with(&f, "GET", NULL, VIEW(""));
    assert_sent(f.s, 0, "HEAD " PATH " HTTP/1.1\r\n", head, "");
    assert_sent(f.s, 1, "POST " PATH " HTTP/1.1\r\n", post, "abc");
    assert_sent(f.s, 2, "GET " PATH " HTTP/1.1\r\n", head, "");
    assert_int_equal(server_connection_count(f.s), 1);
    closed(&f);
}

static void headers_that_libcurl_knows_are_taken_from_the_request(void **state)
{
    static const char *const headers[] = {
        "accept", "application/json", "Host", "service.example", "User-Agent", "me/1", "X-Empty",
        "",       "X-Twice",          "1",    "X-Twice",         "2",          NULL};
    static const char *const sent[] = {"Host: service.example",
                                       "accept: application/json",
                                       "User-Agent: me/1",
                                       "X-Empty:",
                                       "X-Twice: 1",
                                       "X-Twice: 2",
                                       "Content-Length: 1",
                                       NULL};
    fixture f = opened();

    (void)state;
    send_with(&f, "POST", headers, VIEW("x"));
    assert_sent(f.s, 0, "POST " PATH " HTTP/1.1\r\n", sent, "x");
    closed(&f);
}

/* RFC 9112 section 6: a message with two opinions about its length can be split. */
static void the_framing_is_the_transports_own(void **state)
{
    static const char *const headers[] = {"Content-Length", "50", "Transfer-Encoding", "chunked", NULL};
    static const char *const sent[] = {"Host: HERE", "Content-Length: 4", NULL};
    fixture f = opened();

    (void)state;
    send_with(&f, "POST", headers, VIEW("four"));
    assert_sent(f.s, 0, "POST " PATH " HTTP/1.1\r\n", sent, "four");
    closed(&f);
}

static void a_body_may_hold_any_byte(void **state)
{
    fixture f = opened();
    wps_view request;

    (void)state;
    send_with(&f, "POST", NULL, VIEW("a\0\r\n\xFF"));
    request = server_request(f.s, 0);
    assert_view_equal(((wps_view){request.data + request.size - 5, 5}), VIEW("a\0\r\n\xFF"));
    closed(&f);
}

/* Over 1024 bytes libcurl would wait for 100 Continue. */
static void a_large_body_is_sent_without_asking_first(void **state)
{
    static char large[6000];
    fixture f = opened();
    wps_view request;

    (void)state;
    memset(large, 'x', sizeof large);
    send_with(&f, "POST", NULL, (wps_view){large, sizeof large});
    request = server_request(f.s, 0);
    assert_memory_equal(request.data + request.size - sizeof large, large, sizeof large);
    assert_null(strstr(request.data, "Expect"));
    closed(&f);
}

static void dot_segments_are_sent_as_they_are(void **state)
{
    fixture f = opened();
    outcome result = send_simple(f.easy, "GET", server_url(f.s, "/a/../b/./c"));

    (void)state;
    assert_answer(&result, 202, VIEW(""));
    assert_memory_equal(server_request(f.s, 0).data, "GET /a/../b/./c HTTP/1.1\r\n", 26);
    closed(&f);
}

/* A URL is parsed once for as long as it stays the same. */
static void each_request_goes_to_its_own_url(void **state)
{
    enum { LONG = 6000 };
    static const exchange script[] = {{ACCEPTED, KEEP}, {ACCEPTED, KEEP}, {ACCEPTED, KEEP}, {ACCEPTED, KEEP},
                                      {ACCEPTED, KEEP}, {ACCEPTED, KEEP}, {ACCEPTED, KEEP}};
    char longest[LONG + 1];
    const char *paths[] = {"/a?x=1", "/a?x=1", "/b/../c?x=%2F", longest, "/a?x=1", NULL, "/a?x=1"};
    server *s = server_start(script, COUNT_OF(script));
    wps_easy *easy = easy_of(NULL);
    size_t i, sent = 0;

    (void)state;
    memset(longest, 'l', LONG);
    longest[0] = '/';
    longest[LONG] = '\0';
    for (i = 0; i < COUNT_OF(paths); i++) {
        char line[LONG + 32], url[LONG + 64];
        outcome result;
        snprintf(url, sizeof url, "http://127.0.0.1:%d%s", server_port(s), paths[i] ? paths[i] : "");
        result = send_simple(easy, "GET", paths[i] ? url : "http://[broken/");
        if (!paths[i]) {
            assert_failure(&result, WPS_INVALID_ARGUMENT, WPS_NOT_SENT);
            continue;
        }
        assert_answer(&result, 202, VIEW(""));
        snprintf(line, sizeof line, "GET %s HTTP/1.1\r\n", paths[i]);
        assert_memory_equal(server_request(s, sent++).data, line, strlen(line));
    }
    wps_easy_free(easy);
    server_stop(s);
}

static void an_empty_request_is_refused(void **state)
{
    wps_easy *easy = easy_of(NULL);
    wps_request *request = request_of("GET", "http://127.0.0.1/");
    outcome result;

    (void)state;
    assert_status(wps_request_reset(request, VIEW("GET"), VIEW(""), NULL), WPS_INVALID_ARGUMENT);
    result = send_request(easy, request, 10000);
    assert_failure(&result, WPS_INVALID_ARGUMENT, WPS_NOT_SENT);
    wps_request_free(request);
    wps_easy_free(easy);
}

static void only_http_and_https_are_spoken(void **state)
{
    static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "nonsense://h/",
                                       "http://"};
    wps_easy *easy = easy_of(NULL);
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(urls); i++) {
        outcome result = send_simple(easy, "GET", urls[i]);
        assert_failure(&result, WPS_INVALID_ARGUMENT, WPS_NOT_SENT);
    }
    wps_easy_free(easy);
}

static wps_status make_and_free(void *context)
{
    wps_easy *easy;
    wps_status status = wps_easy_new(NULL, &easy, NULL);

    (void)context;
    wps_easy_free(easy);
    return status;
}

static void a_client_survives_failed_allocations(void **state)
{
    (void)state;
    assert_survives_failed_allocations(make_and_free, NULL);
}

static wps_status send_and_free(void *context)
{
    static const exchange answer[] = {{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", KEEP}};
    server *s = server_start(answer, 1);
    wps_request *request = request_of("GET", server_url(s, "/"));
    wps_easy *easy = NULL;
    const wps_response *response;
    wps_error error = {WPS_OK, WPS_NOT_SENT, 0, ""};
    wps_status status = wps_easy_new(NULL, &easy, &error);

    (void)context;
    if (status == WPS_OK)
        status = wps_easy_send(easy, request, 10000, &response, &error);
    assert_status(error.status, status);
    wps_easy_free(easy);
    wps_request_free(request);
    server_stop(s);
    return status;
}

static void a_transfer_survives_failed_allocations(void **state)
{
    (void)state;
    /* the first two are the request's own, made by an assertion */
    assert_survives_failed_allocations_after(2, send_and_free, NULL);
}

typedef struct repeated {
    wps_easy *easy;
    wps_request *request;
} repeated;

static wps_status send_once_more(void *context)
{
    repeated *r = context;
    const wps_response *response;

    return wps_easy_send(r->easy, r->request, 10000, &response, NULL);
}

static void a_repeated_send_needs_no_new_memory_of_ours(void **state)
{
    fixture f = opened();
    repeated r = {f.easy, request_of("POST", server_url(f.s, PATH))};

    (void)state;
    assert_status(send_once_more(&r), WPS_OK);
    assert_int_equal(count_allocations(send_once_more, &r), 0);
    wps_request_free(r.request);
    closed(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_goes_out_with_its_own_headers_and_no_others),
        cmocka_unit_test(post_and_put_without_a_body_say_so),
        cmocka_unit_test(get_head_and_delete_carry_no_length),
        cmocka_unit_test(one_handle_sends_different_requests_after_one_another),
        cmocka_unit_test(headers_that_libcurl_knows_are_taken_from_the_request),
        cmocka_unit_test(the_framing_is_the_transports_own),
        cmocka_unit_test(a_body_may_hold_any_byte),
        cmocka_unit_test(a_large_body_is_sent_without_asking_first),
        cmocka_unit_test(dot_segments_are_sent_as_they_are),
        cmocka_unit_test(each_request_goes_to_its_own_url),
        cmocka_unit_test(an_empty_request_is_refused),
        cmocka_unit_test(only_http_and_https_are_spoken),
        cmocka_unit_test(a_client_survives_failed_allocations),
        cmocka_unit_test(a_transfer_survives_failed_allocations),
        cmocka_unit_test(a_repeated_send_needs_no_new_memory_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
