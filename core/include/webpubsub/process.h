/* webpubsub/process.h: child processes without a shell, POSIX. Conventions: webpubsub/core.h. */
#ifndef WEBPUBSUB_PROCESS_H
#define WEBPUBSUB_PROCESS_H

#include <webpubsub/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A child started by posix_spawnp. Its standard input is the read end of a lifeline pipe: it sees end of file when this
 * process ends in whatever way, or when the handle is freed. One thread at a time. */
typedef struct wps_process wps_process;

typedef struct wps_process_options {
    size_t struct_size; /* set by init */
    const char *const
        *environment;      /* NULL-terminated NAME=value texts put over the inherited environment; NULL: none */
    int capture_output;    /* 1: standard output is a pipe read with wps_process_read; default 0: inherited */
    int merge_error;       /* 1: standard error goes where standard output goes; default 0: inherited */
    const char *directory; /* the child's working directory; NULL: this process's */
} wps_process_options;

WPS_API void wps_process_options_init(wps_process_options *options);

/* arguments[0] is looked up in PATH. NULL-terminated. WPS_INVALID_ARGUMENT (no arguments), WPS_OUT_OF_MEMORY,
 * WPS_SYSTEM_FAILED (native = errno; ENOENT: no such program). Descriptors of this process are not inherited (those
 * without close-on-exec excepted); the child starts with default signal handling and an empty mask. A directory that
 * cannot be entered counts as a missing program; where posix_spawn cannot change it (not glibc from 2.29, musl or
 * macOS) sh does, and a directory or program that is not there shows in the child's exit code. */
WPS_API wps_status wps_process_start(const char *const *arguments, const wps_process_options *options,
                                     wps_process **out, wps_error *error);

/* Replaces this process by the program, with the same look-up and environment rules; of the options only `environment`
 * counts. Returns only when it fails: WPS_INVALID_ARGUMENT, WPS_OUT_OF_MEMORY, WPS_SYSTEM_FAILED. */
WPS_API wps_status wps_process_exec(const char *const *arguments, const wps_process_options *options, wps_error *error);

/* Closes lifeline and output; a child that still runs gets SIGKILL and is waited for. */
WPS_API void wps_process_free(wps_process *process);

WPS_API int64_t wps_process_id(const wps_process *process);
/* The output pipe's descriptor for event loops, -1 when output is not captured or has been closed. */
WPS_API int wps_process_output(const wps_process *process);

/* Reads what is there, waiting at most timeout_ms (0: not at all; negative: without limit). WPS_OK with *got > 0;
 * WPS_END at end of output; WPS_TIMEOUT; WPS_SYSTEM_FAILED. */
WPS_API wps_status wps_process_read(wps_process *process, char *buffer, size_t capacity, int64_t timeout_ms,
                                    size_t *got, wps_error *error);

/* Closes the lifeline early: the child sees end of file on standard input. */
WPS_API void wps_process_release(wps_process *process);

/* WPS_OK also when the child has already ended. */
WPS_API wps_status wps_process_kill(wps_process *process, int signal_number, wps_error *error);

/* Waits at most timeout_ms as in read. WPS_OK with *exit_code (or -1) and *signal_number (or 0); remembered afterwards.
 */
WPS_API wps_status wps_process_wait(wps_process *process, int64_t timeout_ms, int *exit_code, int *signal_number,
                                    wps_error *error);

#ifdef __cplusplus
}
#endif

#endif
