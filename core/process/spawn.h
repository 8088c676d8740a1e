#ifndef WPS_PROCESS_SPAWN_H
#define WPS_PROCESS_SPAWN_H

#include <webpubsub/process.h>

#include <sys/types.h>

/* Both ends close-on-exec and above standard error; 0, or an errno. */
int wps_pipe_open(int ends[2]);

/* Closes *descriptor unless it is -1, and makes it -1. */
void wps_descriptor_close(int *descriptor);

/* Starts the program with `input` as standard input and, unless it is -1, `output` as standard output. 0, or an errno.
 */
int wps_spawn(const char *const *arguments, const wps_process_options *options, int input, int output, pid_t *pid);

#endif
