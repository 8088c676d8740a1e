/* RTLD_NEXT is not in POSIX.1-2008. */
#define _GNU_SOURCE

#include "resolver.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int held, running, begun;

void resolver_hold(void)
{
    pthread_mutex_lock(&lock);
    held = 1;
    pthread_mutex_unlock(&lock);
}

void resolver_release(void)
{
    pthread_mutex_lock(&lock);
    held = 0;
    pthread_cond_broadcast(&changed);
    while (running > 0)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

int resolver_slow_count(void)
{
    int count;

    pthread_mutex_lock(&lock);
    count = begun;
    pthread_mutex_unlock(&lock);
    return count;
}

static void wait_for_release(void)
{
    pthread_mutex_lock(&lock);
    begun++;
    running++;
    while (held)
        pthread_cond_wait(&changed, &lock);
    running--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static int ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

typedef int (*resolver)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    resolver next;
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

    if (name && ends_with(name, "slow.test"))
        wait_for_release();
    if (name && ends_with(name, ".test"))
        return EAI_NONAME;
    /* ISO C has no cast from an object pointer to a function pointer. */
    memcpy(&next, &symbol, sizeof next);
    return next(name, service, hints, out);
}
