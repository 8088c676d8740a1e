#include "sockets.h"

#include "mute.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

curl_socket_t wps_sockets_open(void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
    wps_sockets *sockets = userdata;
    curl_socket_t made = socket(address->family, address->socktype, address->protocol);

    (void)purpose;
    if (made == CURL_SOCKET_BAD)
        return made;
    /* A child process must not keep the connection open. */
    fcntl(made, F_SETFD, FD_CLOEXEC);
    if (sockets->count < WPS_SOCKETS_MAX)
        sockets->open[sockets->count++] = made;
    else
        sockets->untracked = 1;
    return made;
}

int wps_sockets_close(void *userdata, curl_socket_t socket)
{
    wps_sockets *sockets = userdata;
    int i;

    for (i = 0; i < sockets->count; i++) {
        if (sockets->open[i] == socket) {
            sockets->open[i] = sockets->open[--sockets->count];
            break;
        }
    }
    return close(socket);
}

void wps_sockets_part(const wps_sockets *sockets)
{
    int i;

    if (sockets->owner == getpid())
        return;
    for (i = 0; i < sockets->count; i++)
        wps_mute(sockets->open[i]);
}

int wps_sockets_disturbed(const wps_sockets *sockets)
{
    struct pollfd polled[WPS_SOCKETS_MAX];
    int i;

    for (i = 0; i < sockets->count; i++) {
        polled[i].fd = sockets->open[i];
        polled[i].events = POLLIN;
    }
    return sockets->untracked || (sockets->count > 0 && poll(polled, (nfds_t)sockets->count, 0) != 0);
}
