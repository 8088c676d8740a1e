/* The build shows this file more than POSIX.1-2008: posix_spawn_file_actions_addchdir_np is younger. */
#include "directory.h"

#include "../src/alloc.h"

#include <errno.h>
#include <string.h>

/* glibc 2.29, musl 1.1.24, macOS 10.15 */
#if defined(WPS_DIRECTORY_BY_SHELL)
#define BY_SHELL 1
#elif defined(__GLIBC__)
#define BY_SHELL (__GLIBC__ == 2 && __GLIBC_MINOR__ < 29)
#elif defined(__linux__) || defined(__APPLE__)
#define BY_SHELL 0
#else
#define BY_SHELL 1
#endif

#if BY_SHELL

/* The directory and the arguments are words of the shell, which reads no code in them; then it becomes the program. */
static const char *const shell[] = {"sh", "-c", "CDPATH= cd -- \"$0\" && exec \"$@\""};
enum { SHELL_WORDS = sizeof shell / sizeof shell[0] };

static const char **command_of(const char *directory, const char *const *arguments)
{
    size_t count = 0;
    const char **command;

    while (arguments[count])
        count++;
    command = wps_memory_resize(NULL, (SHELL_WORDS + 1 + count + 1) * sizeof *command);
    if (!command)
        return NULL;
    memcpy(command, shell, sizeof shell);
    command[SHELL_WORDS] = directory;
    memcpy(command + SHELL_WORDS + 1, arguments, (count + 1) * sizeof *command);
    return command;
}

int wps_spawn_in(const char *directory, const char *const *arguments, char **environment,
                 posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, pid_t *pid)
{
    const char **command;
    int failed;

    if (!directory)
        return posix_spawnp(pid, arguments[0], actions, attributes, (char *const *)arguments, environment);
    command = command_of(directory, arguments);
    if (!command)
        return ENOMEM;
    failed = posix_spawnp(pid, command[0], actions, attributes, (char *const *)command, environment);
    wps_memory_free(command);
    return failed;
}

#else

int wps_spawn_in(const char *directory, const char *const *arguments, char **environment,
                 posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, pid_t *pid)
{
    int failed = directory ? posix_spawn_file_actions_addchdir_np(actions, directory) : 0;

    return failed ? failed
                  : posix_spawnp(pid, arguments[0], actions, attributes, (char *const *)arguments, environment);
}

#endif
