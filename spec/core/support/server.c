#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTION_MAX = 8, REQUEST_MAX = 16, TEXT_MAX = 8192, WAIT_SECONDS = 10 };

typedef struct connection {
    int socket; /* -1: closed */
    char text[TEXT_MAX];
    size_t size;
} connection;

typedef struct request {
    char text[TEXT_MAX];
    size_t size, connection;
} request;

typedef enum order { RUN, DROP, END } order;

struct server {
    const exchange *script;
    size_t script_count;
    int listener, port, wake[2];
    char url[512];
    pthread_t thread;
    connection connections[CONNECTION_MAX]; /* the thread's own */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    order wanted;
    request requests[REQUEST_MAX];
    size_t request_count, connection_count;
};

static int listen_on_loopback(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return listener;
}

int closed_port(void)
{
    int port;

    close(listen_on_loopback(&port));
    return port;
}

/* ---- the thread ---- */

static void accept_connection(server *s)
{
    int accepted = accept(s->listener, NULL, NULL);
    connection *c;

    if (accepted < 0)
        return;
    pthread_mutex_lock(&s->lock);
    assert_true(s->connection_count < CONNECTION_MAX);
    c = &s->connections[s->connection_count++];
    pthread_mutex_unlock(&s->lock);
    c->socket = accepted;
    c->size = 0;
}

static void close_connection(connection *c, int reset)
{
    struct linger now = {1, 0};

    if (c->socket >= 0 && reset)
        setsockopt(c->socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    else if (c->socket >= 0)
        shutdown(c->socket, SHUT_RDWR); /* a forked child of the test has a copy, which close leaves open */
    if (c->socket >= 0)
        close(c->socket);
    c->socket = -1;
}

/* Header, empty line and as many bytes of body as Content-Length says; 0 while something is missing. */
static size_t whole_request(const connection *c)
{
    static const char name[] = "\r\ncontent-length:";
    const char *end = NULL;
    size_t body = 0, i, total;

    for (i = 0; i + 4 <= c->size && !end; i++) {
        if (memcmp(c->text + i, "\r\n\r\n", 4) == 0)
            end = c->text + i + 4;
        else if (i + sizeof name <= c->size && strncasecmp(c->text + i, name, sizeof name - 1) == 0)
            body = strtoul(c->text + i + sizeof name - 1, NULL, 10);
    }
    if (!end)
        return 0;
    total = (size_t)(end - c->text) + body;
    return total <= c->size ? total : 0;
}

static size_t record(server *s, connection *c, size_t size)
{
    size_t index;
    request *r;

    pthread_mutex_lock(&s->lock);
    index = s->request_count;
    assert_true(index < REQUEST_MAX);
    r = &s->requests[index];
    memcpy(r->text, c->text, size);
    r->size = size;
    r->connection = (size_t)(c - s->connections);
    s->request_count++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    memmove(c->text, c->text + size, c->size - size);
    c->size -= size;
    return index;
}

static void send_all(int socket, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t sent = send(socket, text, left, MSG_NOSIGNAL);
        if (sent < 0)
            return;
        text += sent;
        left -= (size_t)sent;
    }
}

static void answer(server *s, connection *c, size_t index)
{
    if (index >= s->script_count)
        return;
    send_all(c->socket, s->script[index].answer);
    if (s->script[index].then != KEEP)
        close_connection(c, s->script[index].then == RESET);
}

static void read_connection(server *s, connection *c)
{
    ssize_t got = recv(c->socket, c->text + c->size, sizeof c->text - c->size, 0);
    size_t whole;

    if (got <= 0) {
        close_connection(c, 0);
        return;
    }
    c->size += (size_t)got;
    while (c->socket >= 0 && (whole = whole_request(c)) > 0)
        answer(s, c, record(s, c, whole));
}

static void close_all(server *s)
{
    size_t i;

    for (i = 0; i < CONNECTION_MAX; i++)
        close_connection(&s->connections[i], 0);
}

/* Returns whether to go on. */
static int obey(server *s)
{
    order wanted;
    char byte;

    assert_int_equal(read(s->wake[0], &byte, 1), 1);
    close_all(s);
    pthread_mutex_lock(&s->lock);
    wanted = s->wanted;
    s->wanted = RUN;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return wanted != END;
}

static void *serve(void *context)
{
    server *s = context;
    struct pollfd watched[2 + CONNECTION_MAX];
    size_t i;

    do {
        watched[0] = (struct pollfd){s->wake[0], POLLIN, 0};
        watched[1] = (struct pollfd){s->listener, POLLIN, 0};
        for (i = 0; i < CONNECTION_MAX; i++)
            watched[2 + i] = (struct pollfd){s->connections[i].socket, POLLIN, 0};
        if (poll(watched, COUNT_OF(watched), -1) < 0)
            continue;
        if (watched[1].revents)
            accept_connection(s);
        for (i = 0; i < CONNECTION_MAX; i++)
            if (watched[2 + i].revents && s->connections[i].socket >= 0)
                read_connection(s, &s->connections[i]);
    } while (!watched[0].revents || obey(s));
    return NULL;
}

/* ---- the test's side ---- */

server *server_start(const exchange *script, size_t count)
{
    server *s = calloc(1, sizeof *s);
    size_t i;

    assert_non_null(s);
    s->script = script;
    s->script_count = count;
    for (i = 0; i < CONNECTION_MAX; i++)
        s->connections[i].socket = -1;
    s->listener = listen_on_loopback(&s->port);
    assert_int_equal(listen(s->listener, 16), 0);
    assert_int_equal(pipe(s->wake), 0);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    return s;
}

static void order_server(server *s, order wanted)
{
    pthread_mutex_lock(&s->lock);
    s->wanted = wanted;
    assert_int_equal(write(s->wake[1], "x", 1), 1);
    while (s->wanted != RUN)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

void server_drop_connections(server *s)
{
    order_server(s, DROP);
}

void server_stop(server *s)
{
    order_server(s, END);
    pthread_join(s->thread, NULL);
    close(s->listener);
    close(s->wake[0]);
    close(s->wake[1]);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    free(s);
}

int server_port(const server *s)
{
    return s->port;
}

const char *server_url(server *s, const char *path)
{
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d%s", s->port, path);
    return s->url;
}

static size_t guarded_count(server *s, const size_t *count)
{
    size_t value;

    pthread_mutex_lock(&s->lock);
    value = *count;
    pthread_mutex_unlock(&s->lock);
    return value;
}

size_t server_request_count(server *s)
{
    return guarded_count(s, &s->request_count);
}

size_t server_connection_count(server *s)
{
    return guarded_count(s, &s->connection_count);
}

static void wait_for_request(server *s, size_t index)
{
    struct timespec deadline;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += WAIT_SECONDS;
    pthread_mutex_lock(&s->lock);
    while (s->request_count <= index && !late)
        late = pthread_cond_timedwait(&s->changed, &s->lock, &deadline);
    pthread_mutex_unlock(&s->lock);
    assert_int_equal(late, 0);
}

wps_view server_request(server *s, size_t index)
{
    wait_for_request(s, index);
    return (wps_view){s->requests[index].text, s->requests[index].size};
}

size_t server_request_connection(server *s, size_t index)
{
    wait_for_request(s, index);
    return s->requests[index].connection;
}
