#include "support/memory.h"

#include <webpubsub/process.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 20000 };

#define SHELL(script) ((const char *const[]){"sh", "-c", (script), NULL})

static wps_process *start_with(const char *const *arguments, const wps_process_options *options)
{
    wps_process *process;
    wps_error error;

    if (wps_process_start(arguments, options, &process, &error) != WPS_OK)
        fail_msg("%s", error.message);
    return process;
}

static wps_process *start_captured(const char *script)
{
    wps_process_options options;

    wps_process_options_init(&options);
    options.capture_output = 1;
    options.merge_error = 1;
    return start_with(SHELL(script), &options);
}

/* Everything the process writes until it closes its output. */
static wps_view read_all(wps_process *process)
{
    static char text[300000];
    size_t size = 0, got;
    wps_status status;

    while ((status = wps_process_read(process, text + size, sizeof text - size, LONG_MS, &got, NULL)) == WPS_OK)
        size += got;
    assert_status(status, WPS_END);
    return (wps_view){text, size};
}

static void assert_ends(wps_process *process, int expected_code, int expected_signal)
{
    int code, signal_number;

    assert_status(wps_process_wait(process, LONG_MS, &code, &signal_number, NULL), WPS_OK);
    assert_int_equal(code, expected_code);
    assert_int_equal(signal_number, expected_signal);
}

static void output_is_read_until_it_ends(void **state)
{
    wps_process *process = start_captured("printf 'out\\n'; printf 'err\\n' >&2");
    char byte;
    size_t got;

    (void)state;
    assert_true(wps_process_output(process) > 2);
    assert_view_equal(read_all(process), VIEW("out\nerr\n"));
    assert_int_equal(wps_process_output(process), -1);
    assert_status(wps_process_read(process, &byte, 1, LONG_MS, &got, NULL), WPS_END);
    assert_ends(process, 0, 0);
    wps_process_free(process);
}

static void more_output_than_a_pipe_holds_arrives_whole(void **state)
{
    wps_process *process = start_captured("i=0; while [ $i -lt 20000 ]; do echo 123456789; i=$((i+1)); done");
    wps_view text = read_all(process);

    (void)state;
    assert_int_equal(text.size, 200000);
    assert_memory_equal(text.data + 199990, "123456789\n", 10);
    assert_ends(process, 0, 0);
    wps_process_free(process);
}

static void arguments_arrive_without_a_shell_between(void **state)
{
    static const char *const arguments[] = {"printf", "%s|", "a b", "$HOME", "*", "", NULL};
    wps_process_options options;
    wps_process *process;

    (void)state;
    wps_process_options_init(&options);
    options.capture_output = 1;
    process = start_with(arguments, &options);
    assert_view_equal(read_all(process), VIEW("a b|$HOME|*||"));
    wps_process_free(process);
}

static void exit_code_and_signal_are_told_apart_and_remembered(void **state)
{
    wps_process *process = start_with(SHELL("exit 7"), NULL);

    (void)state;
    assert_ends(process, 7, 0);
    assert_ends(process, 7, 0);
    wps_process_free(process);
    process = start_with(SHELL("kill -9 $$"), NULL);
    assert_ends(process, -1, SIGKILL);
    wps_process_free(process);
}

static void standard_input_ends_when_the_lifeline_is_released(void **state)
{
    static const char *const cat[] = {"cat", NULL};
    wps_process *process = start_with(cat, NULL);
    int code, signal_number;

    (void)state;
    assert_true(wps_process_id(process) > 0);
    assert_status(wps_process_wait(process, 0, &code, &signal_number, NULL), WPS_TIMEOUT);
    assert_int_equal(code, -1);
    assert_int_equal(signal_number, 0);
    wps_process_release(process);
    assert_ends(process, 0, 0);
    wps_process_free(process);
}

static void one_childs_lifeline_is_not_held_by_the_next_child(void **state)
{
    static const char *const cat[] = {"cat", NULL};
    wps_process *first = start_with(cat, NULL), *second = start_with(cat, NULL);

    (void)state;
    wps_process_release(first);
    assert_ends(first, 0, 0);
    wps_process_free(first);
    wps_process_free(second);
}

/* The process in the middle is killed: nothing of it is cleaned up by us. */
static void the_lifeline_ends_with_the_process_that_holds_it(void **state)
{
    char script[64], text[8] = "";
    struct pollfd readable;
    int ends[2], status;
    pid_t middle;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(script, sizeof script, "cat; echo gone >&%d", ends[1]);
    middle = fork();
    if (middle == 0) {
        wps_process *process;
        if (wps_process_start(SHELL(script), NULL, &process, NULL) != WPS_OK)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    close(ends[1]);
    assert_int_equal(waitpid(middle, &status, 0), middle);
    assert_true(WIFSIGNALED(status));
    readable = (struct pollfd){ends[0], POLLIN, 0};
    assert_int_equal(poll(&readable, 1, LONG_MS), 1);
    assert_int_equal(read(ends[0], text, sizeof text), 5);
    assert_string_equal(text, "gone\n");
    close(ends[0]);
}

static void a_program_that_is_not_there_is_reported(void **state)
{
    static const char *const missing[] = {"webpubsub-no-such-program", NULL};
    static const char *const nothing[] = {NULL};
    static const char *const nameless[] = {"", NULL};
    wps_process *process = (wps_process *)(uintptr_t)1;
    wps_error error;

    (void)state;
    assert_status(wps_process_start(missing, NULL, &process, &error), WPS_SYSTEM_FAILED);
    assert_null(process);
    assert_int_equal(error.native, ENOENT);
    assert_int_equal(error.outcome, WPS_NOT_SENT);
    assert_status(wps_process_start(nothing, NULL, &process, &error), WPS_INVALID_ARGUMENT);
    assert_status(wps_process_start(nameless, NULL, &process, &error), WPS_INVALID_ARGUMENT);
    assert_status(wps_process_start(NULL, NULL, &process, &error), WPS_INVALID_ARGUMENT);
}

static void options_that_were_not_initialised_are_refused(void **state)
{
    wps_process_options options = {0};
    wps_process *process;

    (void)state;
    assert_status(wps_process_start(SHELL("true"), &options, &process, NULL), WPS_INVALID_ARGUMENT);
    assert_status(wps_process_exec(SHELL("true"), &options, NULL), WPS_INVALID_ARGUMENT);
}

static void the_environment_is_inherited_and_put_over(void **state)
{
    static const char *const changes[] = {"WPS_B=two", "WPS_C=a=b", "WPS_A_LONGER=x", NULL};
    wps_process_options options;
    wps_process *process;

    (void)state;
    setenv("WPS_A", "one", 1);
    setenv("WPS_B", "one", 1);
    wps_process_options_init(&options);
    options.capture_output = 1;
    options.environment = changes;
    process = start_with(SHELL("env | grep ^WPS_ | sort"), &options);
    assert_view_equal(read_all(process), VIEW("WPS_A=one\nWPS_A_LONGER=x\nWPS_B=two\nWPS_C=a=b\n"));
    assert_string_equal(getenv("WPS_B"), "one");
    wps_process_free(process);
}

static void the_child_starts_in_its_directory(void **state)
{
    static const char *const pwd[] = {"sh", "-c", "pwd -P; printf '%s|' \"$@\"", "x", "a b", "$HOME", "", NULL};
    wps_process_options options;
    wps_process *process;
    char before[4096], after[4096];
    int code = 0, signal_number;

    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    wps_process_options_init(&options);
    options.capture_output = options.merge_error = 1;
    options.directory = "/";
    process = start_with(pwd, &options);
    assert_view_equal(read_all(process), VIEW("/\na b|$HOME||"));
    wps_process_free(process);
    assert_string_equal(getcwd(after, sizeof after), before);
    options.directory = "/no/such $(directory)";
    if (wps_process_start(pwd, &options, &process, NULL) == WPS_OK)
        wps_process_wait(process, LONG_MS, &code, &signal_number, NULL);
    assert_true(!process || code > 0);
    wps_process_free(process);
}

static void the_child_starts_with_default_signals_and_an_empty_mask(void **state)
{
    sigset_t blocked, before;
    wps_process *process;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    process = start_with(SHELL("kill -PIPE $$; exit 3"), NULL);
    assert_ends(process, -1, SIGPIPE);
    wps_process_free(process);
    process = start_with(SHELL("kill -TERM $$; exit 3"), NULL);
    assert_ends(process, -1, SIGTERM);
    wps_process_free(process);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
}

/* What a daemon does to itself. cmocka must not be reached from the child. */
static int works_with_closed_streams(void)
{
    wps_process_options options;
    wps_process *process;
    char text[16];
    size_t got = 0;
    int code, signal_number;

    close(0);
    close(1);
    close(2);
    wps_process_options_init(&options);
    options.capture_output = options.merge_error = 1;
    if (wps_process_start(SHELL("cat; echo out; echo err >&2"), &options, &process, NULL) != WPS_OK)
        return 1;
    wps_process_release(process);
    if (wps_process_wait(process, LONG_MS, &code, &signal_number, NULL) != WPS_OK || code != 0)
        return 2;
    if (wps_process_read(process, text, sizeof text, LONG_MS, &got, NULL) != WPS_OK)
        return 3;
    wps_process_free(process);
    return got == 8 && memcmp(text, "out\nerr\n", 8) == 0 ? 0 : 4;
}

static void a_host_without_standard_streams_can_start_processes(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0)
        _exit(works_with_closed_streams());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void killing_sends_the_signal_and_is_fine_after_the_end(void **state)
{
    static const char *const cat[] = {"cat", NULL};
    wps_process *process = start_with(cat, NULL);

    (void)state;
    assert_status(wps_process_kill(process, SIGTERM, NULL), WPS_OK);
    assert_ends(process, -1, SIGTERM);
    assert_status(wps_process_kill(process, SIGTERM, NULL), WPS_OK);
    wps_process_free(process);
}

static void a_signal_that_does_not_exist_is_reported(void **state)
{
    static const char *const cat[] = {"cat", NULL};
    wps_process *process = start_with(cat, NULL);
    wps_error error;

    (void)state;
    assert_status(wps_process_kill(process, 12345, &error), WPS_SYSTEM_FAILED);
    assert_int_equal(error.native, EINVAL);
    wps_process_free(process);
}

static void freeing_kills_a_child_that_does_not_listen(void **state)
{
    wps_process *process = start_captured("trap '' TERM; echo ready; exec sleep 1000 </dev/null");
    char text[8];
    size_t got;
    pid_t pid = (pid_t)wps_process_id(process);

    (void)state;
    assert_status(wps_process_read(process, text, sizeof text, LONG_MS, &got, NULL), WPS_OK);
    wps_process_free(process);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    wps_process_free(NULL);
}

static void waiting_and_reading_end_at_their_timeout(void **state)
{
    wps_process *process = start_captured("cat");
    char byte;
    size_t got;
    int code, signal_number;
    wps_error error;

    (void)state;
    assert_status(wps_process_read(process, &byte, 1, 0, &got, &error), WPS_TIMEOUT);
    assert_status(wps_process_read(process, &byte, 1, 30, &got, &error), WPS_TIMEOUT);
    assert_status(error.status, WPS_TIMEOUT);
    assert_int_equal(got, 0);
    assert_status(wps_process_wait(process, 30, &code, &signal_number, &error), WPS_TIMEOUT);
    wps_process_free(process);
}

static void reading_what_is_not_captured_is_refused(void **state)
{
    wps_process *process = start_with(SHELL("exit 0"), NULL);
    char byte;
    size_t got;

    (void)state;
    assert_int_equal(wps_process_output(process), -1);
    assert_status(wps_process_read(process, &byte, 1, 0, &got, NULL), WPS_INVALID_ARGUMENT);
    assert_ends(process, 0, 0);
    wps_process_free(process);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms++;
}

/* A timer of the host goes off every 2 ms while we wait. */
static void interruptions_by_signals_do_not_show(void **state)
{
    struct sigaction action = {.sa_handler = count_alarm}, before;
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    wps_process *process;
    int code, signal_number;

    (void)state;
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &often, NULL);
    process = start_captured("sleep 0.2; echo late");
    assert_view_equal(read_all(process), VIEW("late\n"));
    wps_process_free(process);
    process = start_with(SHELL("sleep 0.2; exit 4"), NULL);
    assert_status(wps_process_wait(process, -1, &code, &signal_number, NULL), WPS_OK);
    assert_int_equal(code, 4);
    wps_process_free(process);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_true(alarms > 10);
}

/* POSIX: with SIGCHLD ignored, children leave nothing to wait for. */
static void a_host_that_ignores_sigchld_is_told_that_the_end_is_unknown(void **state)
{
    wps_process *process;
    wps_error error;
    int code, signal_number;

    (void)state;
    signal(SIGCHLD, SIG_IGN);
    process = start_with(SHELL("exit 5"), NULL);
    assert_status(wps_process_wait(process, LONG_MS, &code, &signal_number, &error), WPS_SYSTEM_FAILED);
    assert_int_equal(error.native, ECHILD);
    assert_int_equal(code, -1);
    assert_status(wps_process_kill(process, SIGTERM, NULL), WPS_OK);
    wps_process_free(process);
    signal(SIGCHLD, SIG_DFL);
}

static wps_status start_and_free(void *context)
{
    wps_process_options options;
    wps_process *process;
    wps_status status;

    (void)context;
    wps_process_options_init(&options);
    options.capture_output = 1;
    options.directory = "/";
    status = wps_process_start(SHELL("exit 0"), &options, &process, NULL);
    wps_process_free(process);
    return status;
}

static void a_start_survives_failed_allocations(void **state)
{
    (void)state;
    assert_survives_failed_allocations(start_and_free, NULL);
}

static void exec_replaces_the_process_with_the_changed_environment(void **state)
{
    static const char *const changes[] = {"WPS_CODE=9", NULL};
    wps_process_options options;
    int status;
    pid_t child;

    (void)state;
    wps_process_options_init(&options);
    options.environment = changes;
    child = fork();
    if (child == 0) {
        wps_process_exec(SHELL("exit $WPS_CODE"), &options, NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 9);
}

static wps_status exec_missing(void *context)
{
    static const char *const missing[] = {"webpubsub-no-such-program", NULL};
    wps_process_options options;
    wps_status status;
    wps_error error;

    (void)context;
    wps_process_options_init(&options);
    options.environment = (const char *const[]){"WPS_ONLY_THERE=1", NULL};
    status = wps_process_exec(missing, &options, &error);
    assert_status(error.status, status);
    return status == WPS_SYSTEM_FAILED && error.native == ENOENT ? WPS_OK : status;
}

static void a_failed_exec_returns_and_leaves_the_environment(void **state)
{
    (void)state;
    assert_survives_failed_allocations(exec_missing, NULL);
    assert_null(getenv("WPS_ONLY_THERE"));
    assert_non_null(getenv("PATH"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_read_until_it_ends),
        cmocka_unit_test(more_output_than_a_pipe_holds_arrives_whole),
        cmocka_unit_test(arguments_arrive_without_a_shell_between),
        cmocka_unit_test(exit_code_and_signal_are_told_apart_and_remembered),
        cmocka_unit_test(standard_input_ends_when_the_lifeline_is_released),
        cmocka_unit_test(one_childs_lifeline_is_not_held_by_the_next_child),
        cmocka_unit_test(the_lifeline_ends_with_the_process_that_holds_it),
        cmocka_unit_test(a_program_that_is_not_there_is_reported),
        cmocka_unit_test(options_that_were_not_initialised_are_refused),
        cmocka_unit_test(the_environment_is_inherited_and_put_over),
        cmocka_unit_test(the_child_starts_in_its_directory),
        cmocka_unit_test(the_child_starts_with_default_signals_and_an_empty_mask),
        cmocka_unit_test(a_host_without_standard_streams_can_start_processes),
        cmocka_unit_test(killing_sends_the_signal_and_is_fine_after_the_end),
        cmocka_unit_test(a_signal_that_does_not_exist_is_reported),
        cmocka_unit_test(freeing_kills_a_child_that_does_not_listen),
        cmocka_unit_test(waiting_and_reading_end_at_their_timeout),
        cmocka_unit_test(reading_what_is_not_captured_is_refused),
        cmocka_unit_test(interruptions_by_signals_do_not_show),
        cmocka_unit_test(a_host_that_ignores_sigchld_is_told_that_the_end_is_unknown),
        cmocka_unit_test(a_start_survives_failed_allocations),
        cmocka_unit_test(exec_replaces_the_process_with_the_changed_environment),
        cmocka_unit_test(a_failed_exec_returns_and_leaves_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
