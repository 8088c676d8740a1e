/* What a pure module needs of the machine: clocks and randomness. Callers pass the values on, so tests can replace
 * them. */
#include "core_text.h"
#include "lwps.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

/* → seconds since an arbitrary moment; only ever goes forward */
static int monotonic(lua_State *L)
{
    lua_pushnumber(L, lwps_monotonic());
    return 1;
}

/* → epoch seconds with fractions */
static int epoch_time(lua_State *L)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return luaL_error(L, "no clock");
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

/* Random bytes are taken from the system in handfuls. A thread has its own, and a forked child drops what it inherited,
 * so no byte is used twice. */
#define HANDFUL 256

static __thread unsigned char random_bytes[HANDFUL];
static __thread size_t random_left;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void drop_random_bytes(void)
{
    random_left = 0;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, drop_random_bytes);
}

static int take_random(unsigned char *out, size_t size)
{
    if (random_left < size) {
        pthread_once(&fork_once, watch_forks);
        if (getentropy(random_bytes, sizeof random_bytes) != 0)
            return 0;
        random_left = sizeof random_bytes;
    }
    random_left -= size;
    memcpy(out, random_bytes + random_left, size);
    return 1;
}

/* → a random UUID (RFC 9562 version 4) */
static int uuid(lua_State *L)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    char text[36];
    int i, at = 0;
    if (!take_random(bytes, sizeof bytes))
        return luaL_error(L, "no random numbers from the system");
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = digits[bytes[i] >> 4];
        text[at++] = digits[bytes[i] & 15];
    }
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

const luaL_Reg lwps_world_functions[] = {
    {"monotonic", monotonic},
    {"time", epoch_time},
    {"uuid", uuid},
    {NULL, NULL},
};
