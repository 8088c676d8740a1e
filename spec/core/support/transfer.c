#include "transfer.h"

#include <time.h>

int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

wps_easy *easy_of(const wps_curl_options *options)
{
    wps_easy *easy;

    assert_status(wps_easy_new(options, &easy, NULL), WPS_OK);
    return easy;
}

wps_request *request_of(const char *method, const char *url)
{
    wps_request *request;

    assert_status(wps_request_new(wps_view_of(method), wps_view_of(url), &request, NULL), WPS_OK);
    return request;
}

outcome send_request(wps_easy *easy, const wps_request *request, int64_t timeout_ms)
{
    outcome result = {WPS_OK, NULL, {WPS_OK, WPS_NOT_SENT, 0, ""}, 0};
    int64_t start = monotonic_ms();

    result.status = wps_easy_send(easy, request, timeout_ms, &result.response, &result.error);
    result.elapsed_ms = monotonic_ms() - start;
    return result;
}

outcome send_simple(wps_easy *easy, const char *method, const char *url)
{
    wps_request *request = request_of(method, url);
    outcome result = send_request(easy, request, 10000);

    wps_request_free(request);
    return result;
}

void assert_answer(const outcome *result, int status, wps_view body)
{
    if (result->status != WPS_OK)
        fail_msg("%s: %s", wps_status_name(result->status), result->error.message);
    assert_int_equal(wps_response_status(result->response), status);
    assert_view_equal(wps_response_body(result->response), body);
}

void assert_failure(const outcome *result, wps_status status, wps_outcome known)
{
    if (result->status != status || result->error.status != status || result->error.outcome != known)
        fail_msg("%s, outcome %d: %s", wps_status_name(result->status), result->error.outcome, result->error.message);
    assert_null(result->response);
}
