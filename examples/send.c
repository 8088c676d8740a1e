/* Sends a text to every client of a hub:
 *
 *     WEBPUBSUB_CONNECTION_STRING='Endpoint=…;AccessKey=…;' ./send chat 'Hello world'
 *
 * cc send.c $(pkg-config --cflags --libs webpubsub-openssl webpubsub-curl) -o send
 */
#include <webpubsub/core.h>
#include <webpubsub/curl.h>
#include <webpubsub/openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static wps_status make_url(const wps_connection_string *resource, const char *hub, char *url, size_t capacity,
                           wps_error *error)
{
    char endpoint[256], name[512];
    size_t endpoint_size, name_size;
    wps_status status =
        wps_endpoint_normalize(resource->endpoint, resource->port, endpoint, sizeof endpoint, &endpoint_size, error);

    if (status == WPS_OK)
        status = wps_percent_encode(wps_view_of(hub), name, sizeof name, &name_size);
    if (status == WPS_OK)
        snprintf(url, capacity, "%.*s/api/hubs/%.*s/:send?api-version=2024-12-01", (int)endpoint_size, endpoint,
                 (int)name_size, name);
    return status;
}

/* A broadcast: one POST, signed for its own URL. */
static wps_status send_text(wps_easy *easy, wps_hmac_key *key, const char *url, const char *text, wps_error *error)
{
    wps_request *request;
    const wps_response *response;
    wps_mac mac = wps_hmac_key_mac(key);
    wps_status status = wps_request_new(wps_view_of("POST"), wps_view_of(url), &request, error);

    if (status != WPS_OK)
        return status;
    wps_request_set_body(request, wps_view_of(text));
    status = wps_request_add_header(request, wps_view_of("Content-Type"), wps_view_of("text/plain"), error);
    if (status == WPS_OK)
        status = wps_request_authorize(request, (wps_view){NULL, 0}, &mac, (int64_t)time(NULL), error);
    if (status == WPS_OK)
        status = wps_easy_send(easy, request, 30000, &response, error);
    if (status == WPS_OK)
        printf("status %d\n", wps_response_status(response));
    wps_request_free(request);
    return status;
}

static wps_status run(const char *connection_string, const char *hub, const char *text, wps_error *error)
{
    char url[1024];
    wps_connection_string resource;
    wps_hmac_key *key = NULL;
    wps_easy *easy = NULL;
    wps_status status = wps_connection_string_parse(wps_view_of(connection_string), &resource, error);

    if (status == WPS_OK)
        status = make_url(&resource, hub, url, sizeof url, error);
    if (status == WPS_OK)
        status = wps_hmac_key_new(resource.access_key, &key, error);
    if (status == WPS_OK)
        status = wps_easy_new(NULL, &easy, error);
    if (status == WPS_OK)
        status = send_text(easy, key, url, text, error);
    wps_easy_free(easy);
    wps_hmac_key_free(key);
    return status;
}

int main(int argc, char **argv)
{
    const char *connection_string = getenv("WEBPUBSUB_CONNECTION_STRING");
    wps_error error = {WPS_OK, WPS_NOT_SENT, 0, "the hub name is too long"};
    wps_status status;

    if (argc != 3 || !connection_string) {
        fprintf(stderr, "usage: WEBPUBSUB_CONNECTION_STRING=… %s HUB TEXT\n", argv[0]);
        return 2;
    }
    status = run(connection_string, argv[1], argv[2], &error);
    if (status != WPS_OK)
        fprintf(stderr, "%s: %s (%s)\n", wps_status_name(status), error.message,
                error.outcome == WPS_NOT_SENT ? "not sent" : "maybe sent");
    return status == WPS_OK ? 0 : 1;
}
