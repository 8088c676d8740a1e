#ifndef WPS_PROCESS_DIRECTORY_H
#define WPS_PROCESS_DIRECTORY_H

#include <spawn.h>

/* posix_spawnp in a working directory, or in this process's (NULL). May add to the actions. 0, or an errno. */
int wps_spawn_in(const char *directory, const char *const *arguments, char **environment,
                 posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, pid_t *pid);

#endif
