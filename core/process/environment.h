#ifndef WPS_PROCESS_ENVIRONMENT_H
#define WPS_PROCESS_ENVIRONMENT_H

/* Where this process keeps its environment. */
char ***wps_environment_place(void);

/* The environment of this process with `changes` (NAME=value texts, NULL-terminated, or NULL) put over it: an array to
 * be freed with wps_memory_free, whose texts belong to the environment and to `changes`. NULL: out of memory. */
char **wps_environment_with(const char *const *changes);

#endif
