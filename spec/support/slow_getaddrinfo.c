/* Preloaded: a getaddrinfo that takes three seconds and then knows no name, but for addresses and localhost, which go
 * to libc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int (*resolver)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    resolver next;

    if (name && strstr(name, "slow.test")) {
        sleep(3);
        return EAI_NONAME;
    }
    memcpy(&next, &symbol, sizeof next);
    return next(name, service, hints, out);
}
