#include "connections.h"

#include "mute.h"

#include "../src/alloc.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int wps_connections_reserve(wps_connections *connections, size_t capacity)
{
    wps_connection *open;

    if (capacity <= connections->capacity)
        return 1;
    open = wps_memory_resize(connections->open, capacity * sizeof *open);
    if (!open)
        return 0;
    connections->open = open;
    connections->capacity = capacity;
    return 1;
}

/* 0: no memory. */
static int take_up(wps_connections *connections, curl_socket_t socket)
{
    if (connections->count == connections->capacity &&
        !wps_connections_reserve(connections, connections->capacity * 2 + 2))
        return 0;
    if (!wps_loop_keep(connections->loop, socket))
        return 0;
    connections->open[connections->count++] = (wps_connection){socket, 0, 0};
    return 1;
}

curl_socket_t wps_connections_open(void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
    wps_connections *connections = userdata;
    curl_socket_t made;

    (void)purpose;
    made = socket(address->family, address->socktype, address->protocol);
    if (made == CURL_SOCKET_BAD)
        return made;
    if (!take_up(connections, made)) {
        connections->starved = 1;
        close(made);
        return CURL_SOCKET_BAD;
    }
    connections->starved = 0;
    /* A child process must not keep the connection open. */
    fcntl(made, F_SETFD, FD_CLOEXEC);
    return made;
}

int wps_connections_close(void *userdata, curl_socket_t socket)
{
    wps_connections *connections = userdata;
    size_t i;

    for (i = 0; i < connections->count; i++) {
        if (connections->open[i].socket == socket) {
            connections->open[i] = connections->open[--connections->count];
            break;
        }
    }
    wps_loop_forget(connections->loop, socket);
    return close(socket);
}

void wps_connections_mute(const wps_connections *connections)
{
    size_t i;

    for (i = 0; i < connections->count; i++)
        wps_mute(connections->open[i].socket);
}

void wps_connections_release(wps_connections *connections)
{
    wps_memory_free(connections->open);
    *connections = (wps_connections){NULL, 0, 0, NULL, 0};
}

static int port_of(curl_socket_t socket)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;

    if (getsockname(socket, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
    return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port) : 0;
}

static wps_connection *find(wps_connections *connections, int local_port)
{
    wps_connection *each = connections->open, *end = each + connections->count;

    for (; each < end; each++) {
        if (each->port == 0)
            each->port = port_of(each->socket);
        if (each->port == local_port)
            return each;
    }
    return NULL;
}

int wps_connections_disturbed(wps_connections *connections, int local_port)
{
    wps_connection *connection = connections->count > 0 ? find(connections, local_port) : NULL;
    struct pollfd polled;

    if (!connection)
        return 0;
    if (!connection->used) {
        connection->used = 1;
        return 0;
    }
    polled = (struct pollfd){connection->socket, POLLIN, 0};
    return poll(&polled, 1, 0) != 0;
}
