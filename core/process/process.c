#include <webpubsub/process.h>

#include "clock.h"
#include "options.h"
#include "spawn.h"

#include "../src/alloc.h"
#include "../src/status.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct wps_process {
    pid_t pid;
    int lifeline, output; /* -1: closed */
    int captured;
    int ended; /* waited for; from here on the pid may belong to somebody else */
    int exit_code, signal_number;
};

/* ---- start ---- */

static wps_status fail_start(wps_error *error, int number)
{
    return number == ENOMEM ? wps_fail_out_of_memory(error)
                            : wps_fail_errno(error, number, "the program could not be started");
}

/* The parent's read end does not block, so that an event loop may watch it. */
static int open_output(int output[2])
{
    int failed = wps_pipe_open(output);

    if (!failed && fcntl(output[0], F_SETFL, O_NONBLOCK) != 0)
        failed = errno;
    return failed;
}

/* Whatever happens, the ends that the child uses are closed here and those of the handle belong to it. */
static int start(wps_process *process, const char *const *arguments, const wps_process_options *options)
{
    int input[2] = {-1, -1}, output[2] = {-1, -1};
    int failed = wps_pipe_open(input);

    if (!failed && options->capture_output)
        failed = open_output(output);
    process->lifeline = input[1];
    process->output = output[0];
    process->captured = options->capture_output;
    if (!failed)
        failed = wps_spawn(arguments, options, input[0], output[1], &process->pid);
    wps_descriptor_close(&input[0]);
    wps_descriptor_close(&output[1]);
    return failed;
}

wps_status wps_process_start(const char *const *arguments, const wps_process_options *options, wps_process **out,
                             wps_error *error)
{
    wps_process_options checked;
    wps_process *process;
    wps_status status = wps_process_options_read(arguments, options, &checked, error);
    int failed;

    *out = NULL;
    if (status != WPS_OK)
        return status;
    process = wps_memory_resize(NULL, sizeof *process);
    if (!process)
        return wps_fail_out_of_memory(error);
    *process = (wps_process){.lifeline = -1, .output = -1, .exit_code = -1};
    failed = start(process, arguments, &checked);
    if (!failed) {
        *out = process;
        return WPS_OK;
    }
    process->ended = 1; /* there is no child */
    wps_process_free(process);
    return fail_start(error, failed);
}

/* ---- output and lifeline ---- */

int64_t wps_process_id(const wps_process *process)
{
    return process->pid;
}

int wps_process_output(const wps_process *process)
{
    return process->output;
}

void wps_process_release(wps_process *process)
{
    wps_descriptor_close(&process->lifeline);
}

static int poll_timeout(int64_t left)
{
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Waits until there is something to read. */
static wps_status wait_readable(int descriptor, int64_t deadline, wps_error *error)
{
    struct pollfd wanted = {descriptor, POLLIN, 0};
    int ready;

    do {
        int64_t left = wps_time_left(deadline);
        ready = poll(&wanted, 1, poll_timeout(left));
        if (ready == 0 && left <= INT_MAX)
            return wps_fail(error, WPS_TIMEOUT, "the process wrote nothing in time");
    } while (ready == 0 || (ready < 0 && errno == EINTR));
    return ready > 0 ? WPS_OK : wps_fail_errno(error, errno, "the output of the process could not be read");
}

static wps_status take_output(wps_process *process, char *buffer, size_t capacity, size_t *got, wps_error *error)
{
    ssize_t count;

    do
        count = read(process->output, buffer, capacity);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return wps_fail_errno(error, errno, "the output of the process could not be read");
    *got = (size_t)count;
    if (count > 0)
        return WPS_OK;
    wps_descriptor_close(&process->output);
    return WPS_END;
}

wps_status wps_process_read(wps_process *process, char *buffer, size_t capacity, int64_t timeout_ms, size_t *got,
                            wps_error *error)
{
    wps_status status;

    *got = 0;
    if (!process->captured || capacity == 0)
        return wps_fail(error, WPS_INVALID_ARGUMENT,
                        "the output of the process is not captured, or there is no room for it");
    if (process->output < 0)
        return WPS_END;
    status = wait_readable(process->output, wps_deadline_after(timeout_ms), error);
    return status == WPS_OK ? take_output(process, buffer, capacity, got, error) : status;
}

/* ---- end ---- */

static void note_end(wps_process *process, int status)
{
    process->ended = 1;
    process->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    process->signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* One look; with flags 0 it waits. 0, or an errno. A host that ignores SIGCHLD or waits for every child leaves nothing
 * to wait for: the child has ended, nobody knows how. */
static int collect(wps_process *process, int flags)
{
    int status = 0, failed;
    pid_t pid;

    if (process->ended)
        return 0;
    do
        pid = waitpid(process->pid, &status, flags);
    while (pid < 0 && errno == EINTR);
    failed = pid < 0 ? errno : 0;
    if (pid == process->pid)
        note_end(process, status);
    if (failed == ECHILD)
        process->ended = 1;
    return failed;
}

static void pause_for(int64_t ms)
{
    struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

/* No SIGCHLD handler, which would be the host's business, and no pidfd, which only Linux has: short looks that grow
 * longer. */
static int collect_until(wps_process *process, int64_t deadline)
{
    enum { LONGEST_PAUSE = 16 };
    int64_t interval = 1, left;
    int failed;

    while ((failed = collect(process, WNOHANG)) == 0 && !process->ended && (left = wps_time_left(deadline)) > 0) {
        pause_for(left < interval ? left : interval);
        interval = interval < LONGEST_PAUSE ? interval * 2 : LONGEST_PAUSE;
    }
    return failed;
}

wps_status wps_process_wait(wps_process *process, int64_t timeout_ms, int *exit_code, int *signal_number,
                            wps_error *error)
{
    int64_t deadline = wps_deadline_after(timeout_ms);
    int failed = deadline < 0 ? collect(process, 0) : collect_until(process, deadline);

    *exit_code = process->exit_code;
    *signal_number = process->signal_number;
    if (failed)
        return wps_fail_errno(error, failed, "the end of the process could not be learned");
    return process->ended ? WPS_OK : wps_fail(error, WPS_TIMEOUT, "the process did not end in time");
}

wps_status wps_process_kill(wps_process *process, int signal_number, wps_error *error)
{
    collect(process, WNOHANG);
    if (process->ended || kill(process->pid, signal_number) == 0)
        return WPS_OK;
    return wps_fail_errno(error, errno, "the process could not be signalled");
}

void wps_process_free(wps_process *process)
{
    if (!process)
        return;
    wps_descriptor_close(&process->lifeline);
    wps_descriptor_close(&process->output);
    collect(process, WNOHANG);
    if (!process->ended) {
        kill(process->pid, SIGKILL);
        collect(process, 0);
    }
    wps_memory_free(process);
}
