/* The open sockets of all handles of a wps_multi, which share connections. Bytes that wait on an idle HTTP/1.1
 * connection are no answer to anything we asked: the next request would take them for its own. libcurl before 8.0 does
 * not look, so we do, when a request is about to be written. */
#ifndef WPS_CURL_CONNECTIONS_H
#define WPS_CURL_CONNECTIONS_H

#include "loop.h"

#include <curl/curl.h>

typedef struct wps_connection {
    curl_socket_t socket;
    int port; /* the local one, by which libcurl names the connection; 0: not asked for yet */
    int used; /* a request went over it */
} wps_connection;

typedef struct wps_connections {
    wps_connection *open;
    size_t count, capacity;
    wps_loop *loop; /* that watches them; told of each one that is opened or closed */
    int starved;    /* one could not be opened for want of memory, which libcurl cannot say */
} wps_connections;

/* Room for so many at least; 0 when there is no memory. */
int wps_connections_reserve(wps_connections *connections, size_t capacity);

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION; userdata is the wps_connections. */
curl_socket_t wps_connections_open(void *userdata, curlsocktype purpose, struct curl_sockaddr *address);
int wps_connections_close(void *userdata, curl_socket_t socket);
void wps_connections_release(wps_connections *connections);

/* A request is about to be written to the connection: was it used before, and has it something to read, or been closed
 * by the peer? */
int wps_connections_disturbed(wps_connections *connections, int local_port);

#endif
