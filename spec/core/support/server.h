/* A scripted HTTP server on a thread and a raw socket: the n-th request it receives gets the n-th answer, byte for
 * byte. */
#ifndef WPS_TEST_SERVER_H
#define WPS_TEST_SERVER_H

#include "test.h"

typedef enum after {
    KEEP,  /* leave the connection open */
    CLOSE, /* close it in good order */
    RESET, /* close it with a TCP reset */
} after;

typedef struct exchange {
    const char *answer; /* NULL-terminated; "" sends nothing */
    after then;
} exchange;

typedef struct server server;

/* Listens on 127.0.0.1. Requests beyond the script are answered with nothing and the connection kept. */
server *server_start(const exchange *script, size_t count);
/* Also ends the thread. */
void server_stop(server *s);

int server_port(const server *s);
/* "http://127.0.0.1:PORT" and the path, in a buffer of the server that the next call overwrites. */
const char *server_url(server *s, const char *path);

/* Whole requests received so far, and how many connections were accepted. */
size_t server_request_count(server *s);
size_t server_connection_count(server *s);
/* The bytes of request `index` from 0; waits for it. Valid until stop. */
wps_view server_request(server *s, size_t index);
/* The connection (from 0) that request `index` came on. */
size_t server_request_connection(server *s, size_t index);

/* Closes every open connection and returns when that is done. */
void server_drop_connections(server *s);

/* A port of 127.0.0.1 where nothing listens. */
int closed_port(void);

#endif
