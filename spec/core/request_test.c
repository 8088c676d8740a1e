#include "support/memory.h"

#include "support/mac.h"

#include "../../core/src/request.h"

#define URL "http://localhost:8080/api/hubs/chat/:send?api-version=2024-12-01"

static wps_request *new_request(const char *method)
{
    wps_request *request;

    assert_status(wps_request_new(wps_view_of(method), VIEW(URL), &request, NULL), WPS_OK);
    return request;
}

static void assert_header(const wps_request *request, size_t index, wps_view name, wps_view value)
{
    wps_view actual_name, actual_value;

    wps_request_header(request, index, &actual_name, &actual_value);
    assert_view_equal(actual_name, name);
    assert_view_equal(actual_value, value);
}

static void add(wps_request *request, const char *name, const char *value)
{
    assert_status(wps_request_add_header(request, wps_view_of(name), wps_view_of(value), NULL), WPS_OK);
}

static void a_request_owns_copies_of_what_it_was_given(void **state)
{
    char method[] = "POST", url[] = "http://h/", name[] = "X-A", value[] = "1";
    wps_request *request;

    (void)state;
    assert_status(wps_request_new(wps_view_of(method), wps_view_of(url), &request, NULL), WPS_OK);
    add(request, name, value);
    method[0] = url[0] = name[0] = value[0] = '#';
    assert_view_equal(wps_request_method(request), VIEW("POST"));
    assert_view_equal(wps_request_url(request), VIEW("http://h/"));
    assert_header(request, 0, VIEW("X-A"), VIEW("1"));
    wps_request_free(request);
}

static void headers_keep_order_and_repetitions(void **state)
{
    wps_request *request = new_request("POST");
    char name[16];
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "X-%d", i / 2);
        add(request, name, i % 2 ? "odd" : "even");
    }
    assert_int_equal(wps_request_header_count(request), 100);
    assert_header(request, 0, VIEW("X-0"), VIEW("even"));
    assert_header(request, 1, VIEW("X-0"), VIEW("odd"));
    assert_header(request, 99, VIEW("X-49"), VIEW("odd"));
    assert_header(request, 100, VIEW(""), VIEW(""));
    wps_request_free(request);
}

/* RFC 9110 section 5.5 */
static void white_space_around_a_value_is_cut(void **state)
{
    wps_request *request = new_request("POST");

    (void)state;
    add(request, "X-A", " \t a b\t ");
    add(request, "X-B", "  ");
    assert_header(request, 0, VIEW("X-A"), VIEW("a b"));
    assert_header(request, 1, VIEW("X-B"), VIEW(""));
    wps_request_free(request);
}

static void a_refused_header_changes_nothing(void **state)
{
    wps_request *request = new_request("POST");
    wps_error error;

    (void)state;
    add(request, "X-A", "1");
    assert_status(wps_request_add_header(request, VIEW("X-B"), VIEW("2\r\nX-C: 3"), &error), WPS_INVALID_ARGUMENT);
    assert_status(wps_request_add_header(request, VIEW("X B"), VIEW("2"), &error), WPS_INVALID_ARGUMENT);
    assert_int_equal(wps_request_header_count(request), 1);
    assert_header(request, 0, VIEW("X-A"), VIEW("1"));
    wps_request_free(request);
}

static void header_lines_lie_ready_for_libcurl(void **state)
{
    wps_request *request = new_request("POST");

    (void)state;
    add(request, "X-A", "1");
    add(request, "X-B", "");
    assert_string_equal(wps_request_method_text(request), "POST");
    assert_string_equal(wps_request_url_text(request), URL);
    assert_string_equal(wps_request_header_line(request, 0), "X-A: 1");
    assert_string_equal(wps_request_header_line(request, 1), "X-B;");
    wps_request_free(request);
}

/* RFC 9110 section 9.2.2 */
static void the_method_says_whether_a_repetition_is_harmless(void **state)
{
    static const struct {
        const char *method;
        int idempotent;
    } rows[] = {{"GET", 1}, {"HEAD", 1}, {"PUT", 1}, {"DELETE", 1}, {"POST", 0}, {"PATCH", 0}, {"get", 0}, {"FOO", 0}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(rows); i++) {
        wps_request *request = new_request(rows[i].method);
        assert_row(wps_request_idempotent(request) == rows[i].idempotent, rows[i].method);
        wps_request_set_idempotent(request, 7);
        assert_row(wps_request_idempotent(request) == 1, rows[i].method);
        wps_request_set_idempotent(request, 0);
        assert_row(wps_request_idempotent(request) == 0, rows[i].method);
        wps_request_free(request);
    }
}

static void reset_drops_headers_and_body(void **state)
{
    wps_request *request = new_request("PUT");

    (void)state;
    add(request, "X-A", "1");
    wps_request_set_body(request, VIEW("body"));
    assert_view_equal(wps_request_body(request), VIEW("body"));
    assert_status(wps_request_reset(request, VIEW("POST"), VIEW("http://other/"), NULL), WPS_OK);
    assert_view_equal(wps_request_method(request), VIEW("POST"));
    assert_view_equal(wps_request_url(request), VIEW("http://other/"));
    assert_view_equal(wps_request_body(request), VIEW(""));
    assert_int_equal(wps_request_header_count(request), 0);
    assert_int_equal(wps_request_idempotent(request), 0);
    wps_request_free(request);
}

static void a_failed_reset_leaves_an_empty_request(void **state)
{
    wps_request *request = new_request("PUT");

    (void)state;
    add(request, "X-A", "1");
    assert_status(wps_request_reset(request, VIEW("PO ST"), VIEW("http://h/"), NULL), WPS_INVALID_ARGUMENT);
    assert_view_equal(wps_request_method(request), VIEW(""));
    assert_view_equal(wps_request_url(request), VIEW(""));
    assert_int_equal(wps_request_header_count(request), 0);
    wps_request_free(request);
}

static void a_request_that_cannot_be_made_is_not(void **state)
{
    wps_request *request = (wps_request *)(uintptr_t)1;
    wps_error error;

    (void)state;
    assert_status(wps_request_new(VIEW("GET"), VIEW("http://h/ x"), &request, &error), WPS_INVALID_ARGUMENT);
    assert_null(request);
    assert_int_equal(error.outcome, WPS_NOT_SENT);
    wps_request_free(NULL);
}

/* header, then claims {"aud":URL,"iat":1700000000,"exp":1700000300} in base64url by Python, then 32 times 0xA5 */
#define BEARER                                                                                                         \
    "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."                                                                     \
    "eyJhdWQiOiJodHRwOi8vbG9jYWxob3N0OjgwODAvYXBpL2h1YnMvY2hhdC86c2VuZD9hcGktdmVyc2lvbj0yMDI0LTEyLTAxIiwi"             \
    "aWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDB9.paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU"

static void authorizing_signs_the_url_for_five_minutes(void **state)
{
    wps_request *request = new_request("POST");
    wps_view own;

    (void)state;
    add(request, "X-A", "1");
    assert_status(wps_request_authorize(request, (wps_view){NULL, 0}, &constant_mac, 1700000000, NULL), WPS_OK);
    assert_header(request, 1, VIEW("Authorization"), VIEW(BEARER));
    assert_string_equal(wps_request_header_line(request, 1), "Authorization: " BEARER);

    /* the request's own URL as audience, while the text that holds it has to move */
    assert_status(wps_request_reset(request, VIEW("POST"), VIEW(URL), NULL), WPS_OK);
    own = wps_request_url(request);
    assert_status(wps_request_authorize(request, own, &constant_mac, 1700000000, NULL), WPS_OK);
    assert_header(request, 0, VIEW("Authorization"), VIEW(BEARER));
    wps_request_free(request);
}

static void another_audience_can_be_signed(void **state)
{
    wps_request *request = new_request("POST");

    (void)state;
    assert_status(wps_request_authorize(request, VIEW("a"), &constant_mac, 0, NULL), WPS_OK);
    /* {"aud":"a","iat":0,"exp":300} */
    assert_header(request, 0, VIEW("Authorization"),
                  VIEW("Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJhIiwiaWF0IjowLCJleHAiOjMwMH0."
                       "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU"));
    wps_request_free(request);
}

static void authorizing_again_replaces_the_token(void **state)
{
    wps_request *request = new_request("POST");
    wps_view name, value;

    (void)state;
    add(request, "X-A", "1");
    add(request, "authorization", "old");
    add(request, "X-B", "");
    assert_status(wps_request_authorize(request, VIEW("b"), &constant_mac, 5, NULL), WPS_OK);
    assert_status(wps_request_authorize(request, (wps_view){NULL, 0}, &constant_mac, 1700000000, NULL), WPS_OK);
    assert_int_equal(wps_request_header_count(request), 3);
    assert_header(request, 0, VIEW("X-A"), VIEW("1"));
    assert_header(request, 1, VIEW("X-B"), VIEW(""));
    assert_header(request, 2, VIEW("Authorization"), VIEW(BEARER));
    assert_string_equal(wps_request_header_line(request, 1), "X-B;");
    wps_request_header(request, 2, &name, &value);
    assert_int_equal(value.data[value.size], '\0');
    wps_request_free(request);
}

static void a_failed_signature_leaves_the_request_unauthorized(void **state)
{
    wps_request *request = new_request("POST");
    wps_error error;

    (void)state;
    assert_status(wps_request_authorize(request, VIEW("a"), &failing_mac, 5, &error), WPS_CRYPTO_FAILED);
    assert_string_equal(error.message, "no");
    assert_int_equal(wps_request_header_count(request), 0);
    assert_status(wps_request_authorize(request, VIEW("\xFF"), &constant_mac, 5, &error), WPS_INVALID_ARGUMENT);
    assert_status(error.status, WPS_INVALID_ARGUMENT);
    wps_request_free(request);
}

static wps_status build(wps_request *request)
{
    char name[32];
    wps_status status = WPS_OK;
    int i;

    for (i = 0; i < 40 && status == WPS_OK; i++) {
        snprintf(name, sizeof name, "X-Header-Number-%d", i);
        status = wps_request_add_header(request, wps_view_of(name), VIEW("value"), NULL);
    }
    if (status == WPS_OK)
        status = wps_request_authorize(request, (wps_view){NULL, 0}, &constant_mac, 1700000000, NULL);
    return status;
}

static wps_status build_and_free(void *context)
{
    wps_request *request;
    wps_status status = wps_request_new(VIEW("POST"), VIEW(URL), &request, NULL);

    (void)context;
    if (status == WPS_OK)
        status = build(request);
    wps_request_free(request);
    return status;
}

static void a_request_survives_failed_allocations(void **state)
{
    (void)state;
    assert_survives_failed_allocations(build_and_free, NULL);
}

static wps_status build_again(void *context)
{
    wps_request *request = context;
    wps_status status = wps_request_reset(request, VIEW("POST"), VIEW(URL), NULL);

    return status == WPS_OK ? build(request) : status;
}

static void a_request_that_is_reset_needs_no_new_memory(void **state)
{
    wps_request *request = new_request("POST");

    (void)state;
    assert_status(build_again(request), WPS_OK);
    assert_int_equal(count_allocations(build_again, request), 0);
    wps_request_free(request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_owns_copies_of_what_it_was_given),
        cmocka_unit_test(headers_keep_order_and_repetitions),
        cmocka_unit_test(white_space_around_a_value_is_cut),
        cmocka_unit_test(a_refused_header_changes_nothing),
        cmocka_unit_test(header_lines_lie_ready_for_libcurl),
        cmocka_unit_test(the_method_says_whether_a_repetition_is_harmless),
        cmocka_unit_test(reset_drops_headers_and_body),
        cmocka_unit_test(a_failed_reset_leaves_an_empty_request),
        cmocka_unit_test(a_request_that_cannot_be_made_is_not),
        cmocka_unit_test(authorizing_signs_the_url_for_five_minutes),
        cmocka_unit_test(another_audience_can_be_signed),
        cmocka_unit_test(authorizing_again_replaces_the_token),
        cmocka_unit_test(a_failed_signature_leaves_the_request_unauthorized),
        cmocka_unit_test(a_request_survives_failed_allocations),
        cmocka_unit_test(a_request_that_is_reset_needs_no_new_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
