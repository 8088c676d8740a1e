#include "support/memory.h"
#include "support/resolver.h"
#include "support/transfer.h"

#include <poll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { PATIENCE_MS = 10000 };

/* ---- shorthands ---- */

static wps_multi *multi_of(int connections)
{
    wps_curl_options options;
    wps_multi *multi;

    wps_curl_options_init(&options);
    options.max_connections = connections;
    assert_status(wps_multi_new(&options, 0, &multi, NULL), WPS_OK);
    return multi;
}

static int64_t add(wps_multi *multi, const char *method, const char *url, int64_t timeout_ms)
{
    wps_request *request = request_of(method, url);
    int64_t id;

    assert_status(wps_multi_add(multi, request, timeout_ms, &id, NULL), WPS_OK);
    assert_true(id > 0);
    wps_request_free(request);
    return id;
}

static int64_t post(wps_multi *multi, server *s, const char *path)
{
    return add(multi, "POST", server_url(s, path), PATIENCE_MS);
}

typedef struct finished {
    int64_t id;
    int status; /* 0: failed with `error` */
    wps_error error;
} finished;

static int next(wps_multi *multi, finished *out)
{
    const wps_response *response;
    const wps_error *error;

    memset(out, 0, sizeof *out);
    if (!wps_multi_next(multi, &out->id, &response, &error))
        return 0;
    assert_true((response == NULL) != (error == NULL));
    if (response)
        out->status = wps_response_status(response);
    else
        out->error = *error;
    return 1;
}

static finished wait_for_next(wps_multi *multi)
{
    int64_t deadline = monotonic_ms() + PATIENCE_MS;
    finished result;

    while (!next(multi, &result)) {
        assert_true(monotonic_ms() < deadline);
        wps_multi_poll(multi, 100, -1);
    }
    return result;
}

static void poll_until_in_flight(wps_multi *multi, size_t count)
{
    int64_t deadline = monotonic_ms() + PATIENCE_MS;

    while (wps_multi_count(multi).in_flight != count) {
        assert_true(monotonic_ms() < deadline);
        wps_multi_poll(multi, 10, -1);
    }
}

static void poll_until_request(wps_multi *multi, server *s, size_t count)
{
    int64_t deadline = monotonic_ms() + PATIENCE_MS;

    while (server_request_count(s) < count) {
        assert_true(monotonic_ms() < deadline);
        wps_multi_poll(multi, 10, -1);
    }
}

static int is_readable(const wps_multi *multi, int timeout_ms)
{
    struct pollfd watched = {wps_multi_fd(multi), POLLIN, 0};
    return poll(&watched, 1, timeout_ms) == 1;
}

/* ---- many ---- */

static void many_requests_are_answered_each_under_its_own_id(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}, {OK, KEEP}, {OK, KEEP}, {OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 6);
    wps_multi *multi = multi_of(4);
    int64_t ids[6], sum = 0;
    size_t i;

    (void)state;
    for (i = 0; i < 6; i++)
        sum += ids[i] = post(multi, s, "/");
    for (i = 0; i < 6; i++) {
        finished result = wait_for_next(multi);
        assert_int_equal(result.status, 200);
        sum -= result.id;
    }
    assert_int_equal(sum, 0);
    assert_true(server_connection_count(s) <= 4);
    assert_int_equal(wps_multi_count(multi).in_flight, 0);
    wps_multi_free(multi);
    server_stop(s);
}

static void requests_in_flight_are_bounded_and_the_others_wait(void **state)
{
    server *s = server_start(NULL, 0);
    wps_multi *multi = multi_of(2);
    int i;

    (void)state;
    for (i = 0; i < 5; i++)
        post(multi, s, "/");
    poll_until_request(multi, s, 2);
    assert_int_equal(wps_multi_count(multi).in_flight, 2);
    assert_int_equal(wps_multi_count(multi).waiting, 3);
    assert_int_equal(server_connection_count(s), 2);
    wps_multi_free(multi);
    server_stop(s);
}

static void waiting_requests_go_out_in_order(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}, {OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 4);
    wps_multi *multi = multi_of(1);
    int64_t ids[4];
    char path[8];
    int i;

    (void)state;
    for (i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "/%d", i);
        ids[i] = post(multi, s, path);
    }
    for (i = 0; i < 4; i++) {
        finished result = wait_for_next(multi);
        wps_view request = server_request(s, (size_t)i);
        assert_int_equal(result.id, ids[i]);
        assert_int_equal(request.data[strlen("POST /")], '0' + i);
    }
    assert_int_equal(server_connection_count(s), 1);
    wps_multi_free(multi);
    server_stop(s);
}

static void the_request_is_copied_with_its_body(void **state)
{
    static const exchange script[] = {{OK, KEEP}};
    server *s = server_start(script, 1);
    wps_multi *multi = multi_of(1);
    wps_request *request = request_of("POST", server_url(s, "/"));
    char body[] = "the body";
    wps_view sent;
    int64_t id;

    (void)state;
    wps_request_set_body(request, (wps_view){body, 8});
    assert_status(wps_multi_add(multi, request, PATIENCE_MS, &id, NULL), WPS_OK);
    memset(body, 'x', sizeof body);
    wps_request_free(request);
    assert_int_equal(wait_for_next(multi).status, 200);
    sent = server_request(s, 0);
    assert_view_equal(((wps_view){sent.data + sent.size - 8, 8}), VIEW("the body"));
    wps_multi_free(multi);
    server_stop(s);
}

/* ---- budget ---- */

static void a_budget_of_nothing_does_one_piece_of_work_at_a_time(void **state)
{
    server *s = server_start(NULL, 0);
    wps_multi *multi = multi_of(8);
    size_t before = 0, now;
    int i;

    (void)state;
    for (i = 0; i < 6; i++)
        post(multi, s, "/");
    while (wps_multi_count(multi).waiting > 0) {
        assert_int_equal(wps_multi_timeout_ms(multi), 0);
        wps_multi_poll(multi, 0, 0);
        now = wps_multi_count(multi).in_flight;
        assert_true(now <= before + 1);
        before = now;
    }
    assert_int_equal(before, 6);
    wps_multi_free(multi);
    server_stop(s);
}

static void work_that_is_left_makes_the_timeout_nothing(void **state)
{
    server *s = server_start(NULL, 0);
    wps_multi *multi = multi_of(1);

    (void)state;
    assert_int_equal(wps_multi_timeout_ms(multi), -1);
    post(multi, s, "/");
    assert_int_equal(wps_multi_timeout_ms(multi), 0);
    poll_until_request(multi, s, 1);
    assert_true(wps_multi_timeout_ms(multi) > 0);
    post(multi, s, "/");
    assert_true(wps_multi_timeout_ms(multi) > 0);
    wps_multi_free(multi);
    server_stop(s);
}

/* ---- deadlines ---- */

static void a_deadline_counts_in_the_queue(void **state)
{
    server *s = server_start(NULL, 0);
    wps_multi *multi = multi_of(1);
    int64_t late;
    finished result;

    (void)state;
    post(multi, s, "/");
    poll_until_request(multi, s, 1);
    add(multi, "POST", server_url(s, "/"), 5000);
    late = add(multi, "POST", server_url(s, "/"), 50);
    result = wait_for_next(multi);
    assert_int_equal(result.id, late);
    assert_status(result.error.status, WPS_TIMEOUT);
    assert_int_equal(result.error.outcome, WPS_NOT_SENT);
    assert_int_equal(server_request_count(s), 1);
    wps_multi_free(multi);
    server_stop(s);
}

static void a_deadline_counts_in_flight(void **state)
{
    server *s = server_start(NULL, 0);
    wps_multi *multi = multi_of(1);
    finished result;

    (void)state;
    add(multi, "POST", server_url(s, "/"), 100);
    result = wait_for_next(multi);
    assert_status(result.error.status, WPS_TIMEOUT);
    assert_int_equal(result.error.outcome, WPS_MAYBE_SENT);
    wps_multi_free(multi);
    server_stop(s);
}

static int64_t monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static finished time_out_after_a_late_poll(int64_t early_us)
{
    enum { TIME_MS = 250 };
    static const exchange script[] = {{"", KEEP}};
    server *s = server_start(script, 1);
    wps_multi *multi = multi_of(1);
    int64_t deadline = monotonic_us() + TIME_MS * 1000;
    finished result;

    add(multi, "POST", server_url(s, "/"), TIME_MS);
    poll_until_request(multi, s, 1);
    while (monotonic_us() < deadline - early_us)
        continue;
    wps_multi_poll(multi, 0, -1);
    result = wait_for_next(multi);
    wps_multi_free(multi);
    server_stop(s);
    return result;
}

/* libcurl has a timer of its own after 200 ms. When a host that is late lets it come due less than a millisecond before
 * the deadline, libcurl drops the one for the deadline too. */
static void a_deadline_counts_beside_other_timers(void **state)
{
    int64_t early_us;

    (void)state;
    for (early_us = 100; early_us < 1000; early_us += 200) {
        finished result = time_out_after_a_late_poll(early_us);
        assert_status(result.error.status, WPS_TIMEOUT);
        assert_int_equal(result.error.outcome, WPS_MAYBE_SENT);
    }
}

static void no_time_at_all_is_refused(void **state)
{
    wps_multi *multi = multi_of(1);
    wps_request *request = request_of("GET", "http://127.0.0.1/");
    wps_error error;
    int64_t id;

    (void)state;
    assert_status(wps_multi_add(multi, request, 0, &id, &error), WPS_TIMEOUT);
    assert_int_equal(error.outcome, WPS_NOT_SENT);
    assert_int_equal(id, 0);
    wps_request_free(request);
    wps_multi_free(multi);
}

/* ---- cancelling ---- */

static void a_waiting_request_is_cancelled_unsent(void **state)
{
    server *s = server_start(NULL, 0);
    wps_multi *multi = multi_of(1);
    wps_outcome known;
    int64_t waiting;

    (void)state;
    post(multi, s, "/");
    waiting = post(multi, s, "/");
    poll_until_request(multi, s, 1);
    assert_int_equal(wps_multi_cancel(multi, waiting, &known), 1);
    assert_int_equal(known, WPS_NOT_SENT);
    assert_int_equal(wps_multi_count(multi).waiting, 0);
    assert_int_equal(wps_multi_cancel(multi, waiting, &known), 0);
    wps_multi_free(multi);
    server_stop(s);
}

static void a_request_in_flight_is_cancelled_and_its_place_is_free(void **state)
{
    static const exchange script[] = {{"", KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(1);
    int64_t first = post(multi, s, "/"), second = post(multi, s, "/");
    wps_outcome known;
    finished result;

    (void)state;
    poll_until_request(multi, s, 1);
    assert_int_equal(wps_multi_cancel(multi, first, &known), 1);
    assert_int_equal(known, WPS_MAYBE_SENT);
    result = wait_for_next(multi);
    assert_int_equal(result.id, second);
    assert_int_equal(result.status, 200);
    assert_int_equal(wps_multi_cancel(multi, first, &known), 0);
    wps_multi_free(multi);
    server_stop(s);
}

static void a_finished_request_is_cancelled_before_anybody_saw_it(void **state)
{
    static const exchange script[] = {{OK, KEEP}};
    server *s = server_start(script, 1);
    wps_multi *multi = multi_of(1);
    int64_t id = post(multi, s, "/"), deadline = monotonic_ms() + PATIENCE_MS;
    wps_outcome known;
    finished result;

    (void)state;
    while (wps_multi_count(multi).finished == 0 && monotonic_ms() < deadline)
        wps_multi_poll(multi, 10, -1);
    assert_int_equal(wps_multi_cancel(multi, id, &known), 1);
    assert_int_equal(known, WPS_MAYBE_SENT);
    assert_int_equal(next(multi, &result), 0);
    wps_multi_free(multi);
    server_stop(s);
}

static void a_slow_name_delays_neither_poll_nor_cancel_nor_deadline_nor_free(void **state)
{
    wps_multi *multi = multi_of(4);
    int64_t began, deadline = monotonic_ms() + PATIENCE_MS, cancelled;
    wps_outcome known;
    finished result;

    (void)state;
    resolver_hold();
    cancelled = add(multi, "POST", "http://one.slow.test/", PATIENCE_MS);
    add(multi, "POST", "http://two.slow.test/", 500);
    add(multi, "POST", "http://three.slow.test/", PATIENCE_MS);
    poll_until_in_flight(multi, 3);
    while (resolver_slow_count() < 3 && monotonic_ms() < deadline)
        wps_multi_poll(multi, 0, -1);
    began = monotonic_ms();
    assert_int_equal(wps_multi_cancel(multi, cancelled, &known), 1);
    assert_int_equal(known, WPS_NOT_SENT);
    result = wait_for_next(multi);
    assert_status(result.error.status, WPS_TIMEOUT);
    assert_int_equal(result.error.outcome, WPS_NOT_SENT);
    wps_multi_free(multi);
    assert_true(monotonic_ms() - began < PATIENCE_MS);
    resolver_release();
}

/* ---- honesty ---- */

static void assert_post_goes_out_once(after then)
{
    const exchange script[] = {{OK, KEEP}, {"", then}, {OK, KEEP}};
    server *s = server_start(script, 3);
    wps_multi *multi = multi_of(1);
    finished result;

    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    post(multi, s, "/");
    result = wait_for_next(multi);
    assert_status(result.error.status, WPS_CONNECTION_LOST);
    assert_int_equal(result.error.outcome, WPS_MAYBE_SENT);
    assert_int_equal(server_request_connection(s, 1), 0);
    assert_int_equal(server_request_count(s), 2);
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    assert_int_equal(server_request_count(s), 3);
    wps_multi_free(multi);
    server_stop(s);
}

static void a_post_lost_on_a_reused_connection_is_not_repeated(void **state)
{
    (void)state;
    assert_post_goes_out_once(CLOSE);
    assert_post_goes_out_once(RESET);
}

/* What waits on an idle connection would be taken for the answer of the next request. */
static void bytes_nobody_asked_for_are_no_answer(void **state)
{
    static const exchange script[] = {{OK "HTTP/1.1 500 Stray\r\nContent-Length: 0\r\n\r\n", KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(1);

    (void)state;
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    assert_int_equal(server_request_count(s), 2);
    assert_int_equal(server_request_connection(s, 1), 1);
    wps_multi_free(multi);
    server_stop(s);
}

static void a_connection_closed_while_idle_costs_nothing(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(1);

    (void)state;
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    server_drop_connections(s);
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    wps_multi_free(multi);
    server_stop(s);
}

/* An idle connection may stay with the kernel, so its end shows once, and is then nobody's business. */
static void the_end_of_an_idle_connection_shows_only_once(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(1);

    (void)state;
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    assert_false(is_readable(multi, 0));
    server_drop_connections(s);
    is_readable(multi, 1000);
    wps_multi_poll(multi, 0, -1);
    assert_false(is_readable(multi, 50));
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    wps_multi_free(multi);
    server_stop(s);
}

/* A forked child shares the kernel's list of watched sockets; lua_close ends its copy of every object. */
static void the_copy_in_a_forked_child_is_freed_without_the_parent_noticing(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(1);
    int status = -1;
    pid_t child;

    (void)state;
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        wps_multi_free(multi);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    add(multi, "POST", server_url(s, "/"), 2000);
    assert_int_equal(wait_for_next(multi).status, 200);
    assert_int_equal(server_connection_count(s), 1);
    wps_multi_free(multi);
    server_stop(s);
}

/* A host that forks to become a daemon. The parent ends the idle connection. */
static int goes_on_in_a_child(wps_multi *multi, server *s)
{
    finished result;
    int calm = is_readable(multi, PATIENCE_MS);

    wps_multi_poll(multi, 0, -1);
    calm = calm && !is_readable(multi, 50);
    post(multi, s, "/");
    result = wait_for_next(multi);
    return calm && result.status == 200;
}

static void the_copy_in_a_forked_child_can_go_on_in_place_of_the_parent(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(1);
    int status = -1;
    pid_t child;

    (void)state;
    post(multi, s, "/");
    assert_int_equal(wait_for_next(multi).status, 200);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(goes_on_in_a_child(multi, s) ? 0 : 1);
    server_drop_connections(s);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    wps_multi_free(multi);
    server_stop(s);
}

static void nobody_listening_is_said_of_each_request(void **state)
{
    wps_multi *multi = multi_of(2);
    char url[64];
    finished result;
    int i;

    (void)state;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", closed_port());
    for (i = 0; i < 3; i++)
        add(multi, "POST", url, PATIENCE_MS);
    for (i = 0; i < 3; i++) {
        result = wait_for_next(multi);
        assert_status(result.error.status, WPS_CONNECT_FAILED);
        assert_int_equal(result.error.outcome, WPS_NOT_SENT);
    }
    wps_multi_free(multi);
}

/* ---- the descriptor ---- */

static void the_descriptor_is_readable_when_an_answer_is_there(void **state)
{
    static const exchange script[] = {{"", KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(2);

    (void)state;
    assert_false(is_readable(multi, 0));
    post(multi, s, "/");
    poll_until_request(multi, s, 1);
    assert_false(is_readable(multi, 50));
    post(multi, s, "/");
    poll_until_request(multi, s, 2);
    if (wps_multi_count(multi).finished == 0)
        assert_true(is_readable(multi, PATIENCE_MS));
    assert_int_equal(wait_for_next(multi).status, 200);
    assert_false(is_readable(multi, 50));
    wps_multi_free(multi);
    server_stop(s);
}

static void waking_makes_the_descriptor_readable_until_it_is_taken_back(void **state)
{
    wps_multi *multi = multi_of(1);

    (void)state;
    wps_multi_wake(multi, 1);
    wps_multi_wake(multi, 1);
    assert_true(is_readable(multi, 0));
    wps_multi_poll(multi, 0, -1);
    assert_true(is_readable(multi, 0));
    wps_multi_wake(multi, 0);
    assert_false(is_readable(multi, 0));
    wps_multi_free(multi);
}

static void polling_waits_as_long_as_told_and_not_without_a_reason(void **state)
{
    server *s = server_start(NULL, 0);
    wps_multi *multi = multi_of(1);
    int64_t began = monotonic_ms();

    (void)state;
    wps_multi_poll(multi, -1, -1);
    assert_true(monotonic_ms() - began < 1000);
    post(multi, s, "/");
    poll_until_request(multi, s, 1);
    began = monotonic_ms();
    wps_multi_poll(multi, 60, -1);
    assert_in_range(monotonic_ms() - began, 55, 1000);
    wps_multi_free(multi);
    server_stop(s);
}

/* ---- memory ---- */

static wps_status send_three(void *context)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 3);
    wps_request *request = request_of("POST", server_url(s, "/"));
    wps_multi *multi = NULL;
    wps_error error = {WPS_OK, WPS_NOT_SENT, 0, ""};
    wps_status status = wps_multi_new(NULL, 0, &multi, &error);
    int64_t id;
    int i;

    (void)context;
    for (i = 0; i < 3 && status == WPS_OK; i++)
        status = wps_multi_add(multi, request, PATIENCE_MS, &id, &error);
    for (i = 0; i < 3 && status == WPS_OK; i++)
        status = wait_for_next(multi).error.status;
    wps_multi_free(multi);
    wps_request_free(request);
    server_stop(s);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    /* the first two are the request's own, made by an assertion */
    assert_survives_failed_allocations_after(2, send_three, NULL);
}

static void a_response_stays_until_the_next_is_asked_for(void **state)
{
    static const exchange script[] = {{OK, KEEP}, {OK, KEEP}};
    server *s = server_start(script, 2);
    wps_multi *multi = multi_of(1);
    const wps_response *response = NULL;
    const wps_error *error;
    int64_t id, deadline = monotonic_ms() + PATIENCE_MS;

    (void)state;
    post(multi, s, "/");
    while (!wps_multi_next(multi, &id, &response, &error) && monotonic_ms() < deadline)
        wps_multi_poll(multi, 100, -1);
    post(multi, s, "/");
    while (wps_multi_count(multi).finished == 0 && monotonic_ms() < deadline)
        wps_multi_poll(multi, 100, -1);
    assert_view_equal(wps_response_body(response), VIEW("ok"));
    wps_multi_free(multi);
    server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_requests_are_answered_each_under_its_own_id),
        cmocka_unit_test(requests_in_flight_are_bounded_and_the_others_wait),
        cmocka_unit_test(waiting_requests_go_out_in_order),
        cmocka_unit_test(the_request_is_copied_with_its_body),
        cmocka_unit_test(a_budget_of_nothing_does_one_piece_of_work_at_a_time),
        cmocka_unit_test(work_that_is_left_makes_the_timeout_nothing),
        cmocka_unit_test(a_deadline_counts_in_the_queue),
        cmocka_unit_test(a_deadline_counts_in_flight),
        cmocka_unit_test(a_deadline_counts_beside_other_timers),
        cmocka_unit_test(no_time_at_all_is_refused),
        cmocka_unit_test(a_waiting_request_is_cancelled_unsent),
        cmocka_unit_test(a_request_in_flight_is_cancelled_and_its_place_is_free),
        cmocka_unit_test(a_finished_request_is_cancelled_before_anybody_saw_it),
        cmocka_unit_test(a_slow_name_delays_neither_poll_nor_cancel_nor_deadline_nor_free),
        cmocka_unit_test(a_post_lost_on_a_reused_connection_is_not_repeated),
        cmocka_unit_test(bytes_nobody_asked_for_are_no_answer),
        cmocka_unit_test(a_connection_closed_while_idle_costs_nothing),
        cmocka_unit_test(the_end_of_an_idle_connection_shows_only_once),
        cmocka_unit_test(the_copy_in_a_forked_child_is_freed_without_the_parent_noticing),
        cmocka_unit_test(the_copy_in_a_forked_child_can_go_on_in_place_of_the_parent),
        cmocka_unit_test(nobody_listening_is_said_of_each_request),
        cmocka_unit_test(the_descriptor_is_readable_when_an_answer_is_there),
        cmocka_unit_test(waking_makes_the_descriptor_readable_until_it_is_taken_back),
        cmocka_unit_test(polling_waits_as_long_as_told_and_not_without_a_reason),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_response_stays_until_the_next_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
