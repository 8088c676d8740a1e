/* The bare limit: one libcurl easy handle, reused, POSTs the same message again and again. Prints microseconds per
 * request. Usage: easy_loop URL COUNT AUTHORIZATION */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t discard(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct curl_slist *headers_with(const char *authorization)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    headers = curl_slist_append(headers, "User-Agent: webpubsub-lua/0.1.0 (Lua 5.4)");
    headers = curl_slist_append(headers, "x-ms-client-request-id: 75bbf9fe-2301-4501-9bb6-6c14f3011f44");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    return curl_slist_append(headers, authorization);
}

static void check(CURL *easy, CURLcode result)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK && status == 202)
        return;
    fprintf(stderr, "easy_loop: %s, status %ld\n", curl_easy_strerror(result), status);
    exit(1);
}

int main(int count, char **arguments)
{
    static const char body[] = "{\"data\":\"Hello world\",\"from\":\"user1\"}";
    long i, requests = count == 4 ? atol(arguments[2]) : 0;
    CURL *easy = curl_easy_init();
    struct curl_slist *headers;
    double began;
    if (requests < 1 || !easy)
        return 2;
    headers = headers_with(arguments[3]);
    curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)sizeof body - 1);
    check(easy, curl_easy_perform(easy));
    began = now();
    for (i = 0; i < requests; i++)
        check(easy, curl_easy_perform(easy));
    printf("%.3f\n", (now() - began) / (double)requests * 1e6);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    return 0;
}
