#include "spawn.h"

#include "directory.h"
#include "environment.h"

#include "../src/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

void wps_descriptor_close(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Moves a descriptor over 2, since the child's 0, 1 and 2 are about to be replaced, and sets close-on-exec. */
static int lift(int *descriptor)
{
    int lifted = fcntl(*descriptor, F_DUPFD_CLOEXEC, 3);
    int failed = lifted < 0 ? errno : 0;

    close(*descriptor);
    *descriptor = lifted;
    return failed;
}

int wps_pipe_open(int ends[2])
{
    int first, second;

    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return errno;
    }
    first = lift(&ends[0]);
    second = lift(&ends[1]);
    if (first == 0 && second == 0)
        return 0;
    wps_descriptor_close(&ends[0]);
    wps_descriptor_close(&ends[1]);
    return first ? first : second;
}

static int set_streams(posix_spawn_file_actions_t *actions, const wps_process_options *options, int input, int output)
{
    int failed = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);

    if (!failed && output >= 0)
        failed = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (!failed && options->merge_error)
        failed = posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO);
    return failed;
}

/* A host that ignores SIGPIPE or blocks signals must not hand that on. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    int failed;

    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    failed = posix_spawnattr_setsigdefault(attributes, &all);
    if (!failed)
        failed = posix_spawnattr_setsigmask(attributes, &none);
    if (!failed)
        failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return failed;
}

static int spawn_with(const char *const *arguments, const wps_process_options *options,
                      posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, pid_t *pid)
{
    char **environment = wps_environment_with(options->environment);
    int failed;

    if (!environment)
        return ENOMEM;
    failed = wps_spawn_in(options->directory, arguments, environment, actions, attributes, pid);
    wps_memory_free(environment);
    return failed;
}

static int spawn_with_attributes(const char *const *arguments, const wps_process_options *options,
                                 posix_spawn_file_actions_t *actions, pid_t *pid)
{
    posix_spawnattr_t attributes;
    int failed = posix_spawnattr_init(&attributes);

    if (failed)
        return failed;
    failed = set_signals(&attributes);
    if (!failed)
        failed = spawn_with(arguments, options, actions, &attributes, pid);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

int wps_spawn(const char *const *arguments, const wps_process_options *options, int input, int output, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed)
        return failed;
    failed = set_streams(&actions, options, input, output);
    if (!failed)
        failed = spawn_with_attributes(arguments, options, &actions, pid);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}
