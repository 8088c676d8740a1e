/* The open sockets of one easy handle. Bytes that wait on an idle HTTP/1.1 connection are no answer to anything we
 * asked: the next request would take them for its own. libcurl before 8.0 does not look, so we do. */
#ifndef WPS_CURL_SOCKETS_H
#define WPS_CURL_SOCKETS_H

#include <curl/curl.h>
#include <sys/types.h>

enum { WPS_SOCKETS_MAX = 64 };

typedef struct wps_sockets {
    curl_socket_t open[WPS_SOCKETS_MAX];
    int count;
    int untracked; /* more were open than there is room for */
    pid_t owner;   /* a forked child has copies, whose connections are not its own */
} wps_sockets;

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION; userdata is the wps_sockets. */
curl_socket_t wps_sockets_open(void *userdata, curlsocktype purpose, struct curl_sockaddr *address);
int wps_sockets_close(void *userdata, curl_socket_t socket);

/* To be called before the handle is closed. */
void wps_sockets_part(const wps_sockets *sockets);

/* Is there a connection with something to read, or closed by the peer? To be asked while no transfer runs. */
int wps_sockets_disturbed(const wps_sockets *sockets);

#endif
