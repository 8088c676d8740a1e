/* The bare limit of many at once: a curl_multi with an epoll of its own keeps WIDTH POSTs of the same message in
 * flight, with the options the poller sets. Prints microseconds per request. "parsed": libcurl gets the URL parsed, as
 * the poller gives it, and not as a text for each request. Usage: multi_loop URL COUNT WIDTH AUTHORIZATION [parsed] */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

enum { EVENTS = 64, HEADERS = 5 };

static int queue;
static double timer = -1;
static CURLM *multi;
static long to_start, done;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t discard(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

static int started(void *user, char *peer, char *local, int peer_port, int local_port)
{
    (void)user, (void)peer, (void)local, (void)peer_port, (void)local_port;
    return CURL_PREREQFUNC_OK;
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *user, void *known)
{
    struct epoll_event event = {0};
    (void)easy;
    (void)user;
    if (what == CURL_POLL_REMOVE)
        return epoll_ctl(queue, EPOLL_CTL_DEL, socket, &event), 0;
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    event.data.fd = socket;
    epoll_ctl(queue, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(multi, socket, &queue);
    return 0;
}

static int set_timer(CURLM *curl, long milliseconds, void *user)
{
    (void)curl;
    (void)user;
    timer = milliseconds < 0 ? -1 : now() + (double)milliseconds / 1000;
    return 0;
}

static struct curl_slist *headers_with(const char *authorization)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    headers = curl_slist_append(headers, "User-Agent: webpubsub-lua/0.1.0 (Lua 5.4)");
    headers = curl_slist_append(headers, "x-ms-client-request-id: 75bbf9fe-2301-4501-9bb6-6c14f3011f44");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    return curl_slist_append(headers, authorization);
}

static CURLU *parse(const char *url)
{
    CURLU *parts = curl_url();
    curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS);
    return parts;
}

static CURL *easy_for(const char *url, int parsed, struct curl_slist *headers)
{
    static const char body[] = "{\"data\":\"Hello world\",\"from\":\"user1\"}";
    CURL *easy = curl_easy_init();
    if (parsed)
        curl_easy_setopt(easy, CURLOPT_CURLU, parse(url));
    else
        curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, started);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, discard);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)sizeof body - 1);
    return easy;
}

static void start(CURL *easy)
{
    if (to_start-- > 0)
        curl_multi_add_handle(multi, easy);
}

static void collect(void)
{
    CURLMsg *message;
    CURL *easy;
    long status;
    int left;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        easy = message->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (message->data.result != CURLE_OK || status != 202) {
            fprintf(stderr, "multi_loop: %s, status %ld\n", curl_easy_strerror(message->data.result), status);
            exit(1);
        }
        curl_multi_remove_handle(multi, easy);
        done++;
        start(easy);
    }
}

static int wait_ms(void)
{
    double left = timer < 0 ? -1 : timer - now();
    return timer < 0 ? -1 : left > 0 ? (int)(left * 1000) + 1 : 0;
}

static void turn(void)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(queue, events, EVENTS, wait_ms()), running, i;
    for (i = 0; i < count; i++)
        curl_multi_socket_action(multi, events[i].data.fd,
                                 (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                                     (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0),
                                 &running);
    if (timer >= 0 && timer <= now()) {
        timer = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    collect();
}

int main(int count, char **arguments)
{
    long requests = count >= 5 ? atol(arguments[2]) : 0, width = count >= 5 ? atol(arguments[3]) : 0, i;
    struct curl_slist *headers;
    double began;
    if (requests < 1 || width < 1)
        return 2;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    queue = epoll_create1(0);
    multi = curl_multi_init();
    headers = headers_with(arguments[4]);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, width);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, width);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    to_start = requests;
    began = now();
    for (i = 0; i < width; i++)
        start(easy_for(arguments[1], count > 5, headers));
    while (done < requests)
        turn();
    printf("%.3f\n", (now() - began) / (double)requests * 1e6);
    return 0;
}
