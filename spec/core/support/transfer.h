/* Shorthands for tests of the transport. */
#ifndef WPS_TEST_TRANSFER_H
#define WPS_TEST_TRANSFER_H

#include "server.h"

#include <webpubsub/curl.h>

/* With the defaults, or with `options`. */
wps_easy *easy_of(const wps_curl_options *options);

/* "METHOD" and URL, no headers, no body. */
wps_request *request_of(const char *method, const char *url);

/* Sends method and URL within ten seconds; the result and the error of the last call. */
typedef struct outcome {
    wps_status status;
    const wps_response *response;
    wps_error error;
    int64_t elapsed_ms;
} outcome;
outcome send_request(wps_easy *easy, const wps_request *request, int64_t timeout_ms);
outcome send_simple(wps_easy *easy, const char *method, const char *url);

/* Asserts on the last call; a mismatch prints its error. */
void assert_answer(const outcome *result, int status, wps_view body);
void assert_failure(const outcome *result, wps_status status, wps_outcome known);

int64_t monotonic_ms(void);

#endif
