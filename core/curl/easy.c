#include "handle.h"
#include "options.h"
#include "sigpipe.h"

#include "../src/alloc.h"
#include "../src/status.h"

#include <unistd.h>

struct wps_easy {
    wps_handle handle;
};

wps_status wps_easy_new(const wps_curl_options *options, wps_easy **out, wps_error *error)
{
    wps_curl_options checked;
    wps_easy *easy;
    wps_status status = wps_curl_options_read(options, &checked, error);

    *out = NULL;
    if (status != WPS_OK)
        return status;
    easy = wps_memory_resize(NULL, sizeof *easy);
    if (!easy)
        return wps_fail_out_of_memory(error);
    status = wps_handle_open(&easy->handle, &checked, error);
    easy->handle.sockets.owner = getpid();
    if (status == WPS_OK)
        *out = easy;
    else
        wps_memory_free(easy);
    return status;
}

/* Closing a TLS connection writes to it. */
void wps_easy_free(wps_easy *easy)
{
    wps_sigpipe signals;

    if (!easy)
        return;
    wps_sockets_part(&easy->handle.sockets);
    wps_sigpipe_block(&signals);
    wps_handle_close(&easy->handle);
    wps_sigpipe_restore(&signals);
    wps_memory_free(easy);
}

/* libcurl writes plain sockets with MSG_NOSIGNAL, so the mask, which costs system calls, is for TLS alone. */
static CURLcode perform(wps_handle *handle)
{
    wps_sigpipe signals;
    CURLcode code;

    if (!handle->may_use_tls)
        return curl_easy_perform(handle->curl);
    wps_sigpipe_block(&signals);
    code = curl_easy_perform(handle->curl);
    wps_sigpipe_restore(&signals);
    return code;
}

int wps_easy_starts(const wps_easy *easy)
{
    return easy->handle.starts;
}

wps_status wps_easy_send(wps_easy *easy, const wps_request *request, int64_t timeout_ms, const wps_response **out,
                         wps_error *error)
{
    wps_status status = wps_handle_prepare(&easy->handle, request, timeout_ms, error);

    *out = NULL;
    if (status != WPS_OK)
        return status;
    status = wps_handle_finish(&easy->handle, perform(&easy->handle), error);
    if (status == WPS_OK)
        *out = &easy->handle.response;
    return status;
}
