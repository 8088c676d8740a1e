/* libcurl's own allocations, made to fail one after the other (curl_global_init_mem): no crash, no leak, no hang, an
 * honest outcome, and a client that works again afterwards. */
#include "support/transfer.h"

#include <curl/curl.h>

/* libcurl allocates in one thread here: the address is a number, so no resolver thread is started. */
static struct meter {
    size_t calls, live;
    size_t fail_at; /* 0: never */
    int failed;
} meter;

/* From here on the n-th allocation fails; 0: none. */
static void fail_at(size_t n)
{
    meter = (struct meter){0, meter.live, n, 0};
}

static int is_refused(void)
{
    int refused = ++meter.calls == meter.fail_at;

    meter.failed |= refused;
    return refused;
}

static void *metered(void *block)
{
    meter.live += block != NULL;
    return block;
}

static void *metered_malloc(size_t size)
{
    return is_refused() ? NULL : metered(malloc(size));
}

static void *metered_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : metered(calloc(count, size));
}

static void *metered_realloc(void *block, size_t size)
{
    if (!block)
        return metered_malloc(size);
    return is_refused() ? NULL : realloc(block, size);
}

static char *metered_strdup(const char *text)
{
    return is_refused() ? NULL : metered(strdup(text));
}

static void metered_free(void *block)
{
    meter.live -= block != NULL;
    free(block);
}

static int start_metering(void **state)
{
    (void)state;
    /* Loopback hosts never go through a proxy of the environment: one that lost that setting would find nobody. */
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, metered_malloc, metered_free, metered_realloc, metered_strdup,
                                metered_calloc);
}

static int stop_metering(void **state)
{
    (void)state;
    curl_global_cleanup();
    return 0;
}

#define ACCEPTED "HTTP/1.1 202 Accepted\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok"

static server *start_server(void)
{
    static const exchange script[] = {{ACCEPTED, KEEP}, {ACCEPTED, KEEP}};

    return server_start(script, COUNT_OF(script));
}

static wps_request *message_to(server *s)
{
    wps_request *request = request_of("PATCH", server_url(s, "/path?query=1"));

    assert_status(wps_request_add_header(request, VIEW("Authorization"), VIEW("Bearer x"), NULL), WPS_OK);
    wps_request_set_body(request, VIEW("hello"));
    return request;
}

/* Before it writes a request, libcurl has other words for memory that it did not get: an address that it cannot store
 * is a name that it cannot resolve, a URL that it cannot copy one that it cannot read. */
static int is_named(const wps_error *error)
{
    return error->status == WPS_OUT_OF_MEMORY ||
           (error->outcome == WPS_NOT_SENT &&
            (error->status == WPS_RESOLVE_FAILED || error->status == WPS_INVALID_ARGUMENT));
}

/* What the caller is told when allocation `n` failed: the reason, and what became of a request that arrived. */
static void assert_honest(size_t n, const wps_error *error, size_t arrived)
{
    if (!is_named(error))
        fail_msg("allocation %zu: %s: %s", n, wps_status_name(error->status), error->message);
    if (arrived > 0 && error->outcome != WPS_MAYBE_SENT)
        fail_msg("allocation %zu: the request arrived: %s", n, error->message);
}

/* ---- one blocking client ---- */

/* Makes a client and sends while the n-th allocation fails, then sends once more while none does. Did it fail? */
static int easy_with_failure(server *s, const wps_request *request, size_t n)
{
    wps_error error;
    wps_easy *easy;
    outcome first, second;
    int failed;

    fail_at(n);
    if (wps_easy_new(NULL, &easy, &error) != WPS_OK) {
        assert_honest(n, &error, 0);
        assert_null(easy);
        return 1;
    }
    first = send_request(easy, request, 10000);
    failed = meter.failed;
    if (first.status == WPS_OK)
        assert_answer(&first, 202, VIEW("ok"));
    fail_at(0);
    second = send_request(easy, request, 10000);
    assert_answer(&second, 202, VIEW("ok"));
    if (first.status != WPS_OK)
        assert_honest(n, &first.error, server_request_count(s) - 1);
    wps_easy_free(easy);
    return failed;
}

/* ---- many at once ---- */

static wps_error wait_for_one(wps_multi *multi)
{
    wps_error none = {WPS_OK, WPS_NOT_SENT, 0, ""};
    int64_t id, deadline = monotonic_ms() + 10000;
    const wps_response *response;
    const wps_error *error;

    while (!wps_multi_next(multi, &id, &response, &error)) {
        if (monotonic_ms() > deadline)
            fail_msg("allocation %zu: the request does not come to its end", meter.fail_at);
        wps_multi_poll(multi, 100, -1);
    }
    if (error)
        return *error;
    assert_int_equal(wps_response_status(response), 202);
    assert_view_equal(wps_response_body(response), VIEW("ok"));
    return none;
}

static wps_error send_by(wps_multi *multi, const wps_request *request)
{
    int64_t id;

    assert_status(wps_multi_add(multi, request, 5000, &id, NULL), WPS_OK);
    return wait_for_one(multi);
}

static int multi_with_failure(server *s, const wps_request *request, size_t n)
{
    wps_error error;
    wps_multi *multi;
    int failed;

    fail_at(n);
    if (wps_multi_new(NULL, 0, &multi, &error) != WPS_OK) {
        assert_honest(n, &error, 0);
        assert_null(multi);
        return 1;
    }
    error = send_by(multi, request);
    failed = meter.failed;
    fail_at(0);
    assert_status(send_by(multi, request).status, WPS_OK);
    if (error.status != WPS_OK)
        assert_honest(n, &error, server_request_count(s) - 1);
    wps_multi_free(multi);
    return failed;
}

/* ---- */

typedef int (*failing_run)(server *s, const wps_request *request, size_t n);

static int run_with_server(failing_run run, size_t n)
{
    server *s = start_server();
    wps_request *request = message_to(s);
    size_t live = meter.live;
    int failed = run(s, request, n);

    assert_int_equal(meter.live, live);
    wps_request_free(request);
    server_stop(s);
    return failed;
}

static void fail_each_in_turn(failing_run run)
{
    size_t n = 1;

    while (run_with_server(run, n))
        n++;
    assert_true(n > 20);
}

static void a_blocking_client_survives_what_libcurl_cannot_allocate(void **state)
{
    (void)state;
    fail_each_in_turn(easy_with_failure);
}

static void many_at_once_survive_what_libcurl_cannot_allocate(void **state)
{
    (void)state;
    fail_each_in_turn(multi_with_failure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocking_client_survives_what_libcurl_cannot_allocate),
        cmocka_unit_test(many_at_once_survive_what_libcurl_cannot_allocate),
    };
    return cmocka_run_group_tests(tests, start_metering, stop_metering);
}
