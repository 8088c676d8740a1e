#include "mute.h"

#include <fcntl.h>
#include <unistd.h>

/* Its number stays taken, so that what libcurl still does with it meets nothing else. */
void wps_mute(int socket)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nowhere < 0)
        return;
    dup2(nowhere, socket);
    close(nowhere);
}
