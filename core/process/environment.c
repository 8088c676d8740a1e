#include "environment.h"

#include "../src/alloc.h"

#include <string.h>

#if defined(__APPLE__)
#include <crt_externs.h>
#else
extern char **environ;
#endif

char ***wps_environment_place(void)
{
#if defined(__APPLE__)
    return _NSGetEnviron();
#else
    return &environ;
#endif
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;

    while (texts && texts[count])
        count++;
    return count;
}

static int same_name(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");
    return strncmp(a, b, length) == 0 && b[length] == '=';
}

static int is_changed(const char *text, const char *const *changes)
{
    for (; changes && *changes; changes++)
        if (same_name(*changes, text))
            return 1;
    return 0;
}

char **wps_environment_with(const char *const *changes)
{
    char **old = *wps_environment_place(), **texts;
    size_t used = 0, i;

    texts = wps_memory_resize(NULL, (count_texts((const char *const *)old) + count_texts(changes) + 1) * sizeof *texts);
    if (!texts)
        return NULL;
    for (i = 0; old && old[i]; i++)
        if (!is_changed(old[i], changes))
            texts[used++] = old[i];
    /* posix_spawn and execve want char * and promise not to write. */
    for (i = 0; changes && changes[i]; i++)
        memcpy(&texts[used++], &changes[i], sizeof changes[i]);
    texts[used] = NULL;
    return texts;
}
