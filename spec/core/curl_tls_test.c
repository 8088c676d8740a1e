#include "support/tls_server.h"
#include "support/transfer.h"

#include "../../core/curl/sigpipe.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static tls_server *s;

static int start(void **state)
{
    (void)state;
    s = tls_server_start();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    tls_server_stop(s);
    return 0;
}

static const char *url_of(const char *host)
{
    static char url[64];

    snprintf(url, sizeof url, "https://%s:%d/", host, tls_server_port(s));
    return url;
}

static wps_easy *easy_trusting(const char *ca_file, int verify)
{
    wps_curl_options options;

    wps_curl_options_init(&options);
    options.ca_file = ca_file;
    options.verify = verify;
    return easy_of(&options);
}

static void an_unknown_certificate_is_refused_before_anything_is_sent(void **state)
{
    wps_easy *easy = easy_trusting(NULL, 1);
    outcome result = send_simple(easy, "GET", url_of("localhost"));

    (void)state;
    assert_failure(&result, WPS_TLS_FAILED, WPS_NOT_SENT);
    assert_non_null(strstr(result.error.message, "certificate"));
    assert_int_equal(tls_server_request_count(s), 0);
    wps_easy_free(easy);
}

static void the_ca_file_makes_it_known(void **state)
{
    wps_easy *easy = easy_trusting(tls_server_certificate(s), 1);
    outcome result = send_simple(easy, "GET", url_of("localhost"));

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    wps_easy_free(easy);
}

static void a_certificate_for_another_name_is_refused(void **state)
{
    wps_easy *easy = easy_trusting(tls_server_certificate(s), 1);
    outcome result = send_simple(easy, "GET", url_of("127.0.0.1"));

    (void)state;
    assert_failure(&result, WPS_TLS_FAILED, WPS_NOT_SENT);
    assert_int_equal(tls_server_request_count(s), 0);
    wps_easy_free(easy);
}

static void verify_0_accepts_any_certificate_and_any_name(void **state)
{
    wps_easy *easy = easy_trusting(NULL, 0);
    outcome result = send_simple(easy, "GET", url_of("127.0.0.1"));

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    wps_easy_free(easy);
}

static void a_ca_file_that_is_not_there_is_a_tls_failure(void **state)
{
    wps_easy *easy = easy_trusting("/nonexistent/ca.pem", 1);
    outcome result = send_simple(easy, "GET", url_of("localhost"));

    (void)state;
    assert_failure(&result, WPS_TLS_FAILED, WPS_NOT_SENT);
    wps_easy_free(easy);
}

static void http2_falls_back_to_what_the_server_speaks(void **state)
{
    wps_curl_options options;
    wps_easy *easy;
    outcome result;

    (void)state;
    wps_curl_options_init(&options);
    options.ca_file = tls_server_certificate(s);
    options.http2 = 1;
    easy = easy_of(&options);
    result = send_simple(easy, "GET", url_of("localhost"));
    assert_answer(&result, 200, VIEW("ok"));
    wps_easy_free(easy);
}

/* RFC 9113 section 3.4: the connection preface */
static void http2_on_http_is_spoken_at_once(void **state)
{
    static const exchange nothing[] = {{"", KEEP}};
    server *plain = server_start(nothing, 1);
    wps_curl_options options;
    wps_request *request = request_of("GET", server_url(plain, "/"));
    wps_easy *easy;
    outcome result;

    (void)state;
    wps_curl_options_init(&options);
    options.http2 = 1;
    easy = easy_of(&options);
    result = send_request(easy, request, 200);
    assert_failure(&result, WPS_TIMEOUT, WPS_MAYBE_SENT);
    assert_view_equal(server_request(plain, 0), VIEW("PRI * HTTP/2.0\r\n\r\n"));
    wps_request_free(request);
    wps_easy_free(easy);
    server_stop(plain);
}

/* ---- SIGPIPE ---- */

static volatile sig_atomic_t received;

static void count_signal(int number)
{
    (void)number;
    received++;
}

static void catch_sigpipe(void)
{
    struct sigaction action = {.sa_handler = count_signal};

    received = 0;
    assert_int_equal(sigaction(SIGPIPE, &action, NULL), 0);
}

static int sigpipe_is_pending(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGPIPE);
}

static int sigpipe_is_blocked(void)
{
    sigset_t mask;

    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    return sigismember(&mask, SIGPIPE);
}

static void assert_no_sigpipe(void)
{
    assert_int_equal(received, 0);
    assert_false(sigpipe_is_pending());
    assert_false(sigpipe_is_blocked());
}

static void closing_a_broken_tls_connection_raises_no_sigpipe(void **state)
{
    wps_easy *easy = easy_trusting(tls_server_certificate(s), 1);
    outcome result = send_simple(easy, "GET", url_of("localhost"));

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    tls_server_break_connection(s);
    catch_sigpipe();
    wps_easy_free(easy);
    assert_no_sigpipe();
}

static void sending_after_a_tls_connection_broke_raises_no_sigpipe(void **state)
{
    wps_easy *easy = easy_trusting(tls_server_certificate(s), 1);
    outcome result = send_simple(easy, "GET", url_of("localhost"));

    (void)state;
    assert_answer(&result, 200, VIEW("ok"));
    tls_server_break_connection(s);
    catch_sigpipe();
    result = send_simple(easy, "GET", url_of("localhost"));
    assert_answer(&result, 200, VIEW("ok"));
    assert_no_sigpipe();
    wps_easy_free(easy);
    assert_no_sigpipe();
}

static void write_to_a_broken_pipe(void)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1);
    close(ends[1]);
}

static void a_sigpipe_raised_in_between_is_swallowed(void **state)
{
    wps_sigpipe guard;

    (void)state;
    catch_sigpipe();
    wps_sigpipe_block(&guard);
    write_to_a_broken_pipe();
    assert_true(sigpipe_is_pending());
    wps_sigpipe_restore(&guard);
    assert_no_sigpipe();
}

static void a_sigpipe_that_was_pending_before_stays_the_hosts(void **state)
{
    sigset_t blocked;
    wps_sigpipe guard;

    (void)state;
    catch_sigpipe();
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    write_to_a_broken_pipe();
    wps_sigpipe_block(&guard);
    write_to_a_broken_pipe();
    wps_sigpipe_restore(&guard);
    assert_true(sigpipe_is_pending());
    pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
    assert_int_equal(received, 1);
}

/* ---- forked children ---- */

/* Ends a child that did its part, by a signal: at an exit Valgrind would miss what the server's thread, which a child
 * has not, still holds. */
static void end_child(void)
{
    kill(getpid(), SIGKILL);
}

static void await_child(pid_t child)
{
    int status = -1;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A goodbye of the child's would end the parent's connection. */
static void the_copy_in_a_forked_child_says_no_goodbye(void **state)
{
    wps_easy *easy = easy_trusting(tls_server_certificate(s), 1);
    outcome result = send_simple(easy, "POST", url_of("localhost"));
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        wps_easy_free(easy);
        end_child();
    }
    await_child(child);
    assert_answer(&result, 200, VIEW("ok"));
    result = send_simple(easy, "POST", url_of("localhost"));
    assert_answer(&result, 200, VIEW("ok"));
    assert_int_equal(tls_server_connection_count(s), 1);
    wps_easy_free(easy);
}

static int post_by(wps_multi *multi)
{
    wps_request *request = request_of("POST", url_of("localhost"));
    const wps_response *response = NULL;
    const wps_error *error;
    int64_t id;

    assert_status(wps_multi_add(multi, request, 10000, &id, NULL), WPS_OK);
    wps_request_free(request);
    while (!wps_multi_next(multi, &id, &response, &error))
        wps_multi_poll(multi, 100, -1);
    return response ? wps_response_status(response) : 0;
}

static void the_copy_of_a_multi_in_a_forked_child_says_no_goodbye(void **state)
{
    wps_curl_options options;
    wps_multi *multi;
    pid_t child;

    (void)state;
    wps_curl_options_init(&options);
    options.ca_file = tls_server_certificate(s);
    assert_status(wps_multi_new(&options, 0, &multi, NULL), WPS_OK);
    assert_int_equal(post_by(multi), 200);
    child = fork();
    if (child == 0) {
        wps_multi_free(multi);
        end_child();
    }
    await_child(child);
    assert_int_equal(post_by(multi), 200);
    assert_int_equal(tls_server_connection_count(s), 1);
    wps_multi_free(multi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_unknown_certificate_is_refused_before_anything_is_sent, start, stop),
        cmocka_unit_test_setup_teardown(the_ca_file_makes_it_known, start, stop),
        cmocka_unit_test_setup_teardown(a_certificate_for_another_name_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(verify_0_accepts_any_certificate_and_any_name, start, stop),
        cmocka_unit_test_setup_teardown(a_ca_file_that_is_not_there_is_a_tls_failure, start, stop),
        cmocka_unit_test_setup_teardown(http2_falls_back_to_what_the_server_speaks, start, stop),
        cmocka_unit_test(http2_on_http_is_spoken_at_once),
        cmocka_unit_test_setup_teardown(closing_a_broken_tls_connection_raises_no_sigpipe, start, stop),
        cmocka_unit_test_setup_teardown(sending_after_a_tls_connection_broke_raises_no_sigpipe, start, stop),
        cmocka_unit_test_setup_teardown(the_copy_in_a_forked_child_says_no_goodbye, start, stop),
        cmocka_unit_test_setup_teardown(the_copy_of_a_multi_in_a_forked_child_says_no_goodbye, start, stop),
        cmocka_unit_test(a_sigpipe_raised_in_between_is_swallowed),
        cmocka_unit_test(a_sigpipe_that_was_pending_before_stays_the_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
