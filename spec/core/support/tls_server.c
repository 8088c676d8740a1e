#include "tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

struct tls_server {
    SSL_CTX *context;
    int listener, port;
    char certificate[64];
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    int connection; /* -1: none */
    int ending;
    size_t request_count, connection_count;
};

/* ---- certificate ---- */

static EVP_PKEY *make_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    EVP_PKEY *key = NULL;

    assert_true(EVP_PKEY_keygen_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) > 0);
    assert_true(EVP_PKEY_keygen(context, &key) > 0);
    EVP_PKEY_CTX_free(context);
    return key;
}

static void add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_subject_alt_name, "DNS:localhost");
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void write_certificate(tls_server *s, X509 *certificate)
{
    FILE *file;
    int descriptor;

    snprintf(s->certificate, sizeof s->certificate, "/tmp/webpubsub-test-XXXXXX");
    descriptor = mkstemp(s->certificate);
    assert_true(descriptor >= 0);
    file = fdopen(descriptor, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    fclose(file);
}

static void make_context(tls_server *s)
{
    EVP_PKEY *key = make_key();
    X509 *certificate = make_certificate(key);

    s->context = SSL_CTX_new(TLS_server_method());
    assert_non_null(s->context);
    assert_int_equal(SSL_CTX_use_certificate(s->context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(s->context, key), 1);
    write_certificate(s, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* ---- the thread ---- */

/* OpenSSL writes with plain write(); the thread must not disturb what the test observes. */
static void block_sigpipe(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void set_connection(tls_server *s, int connection)
{
    pthread_mutex_lock(&s->lock);
    s->connection = connection;
    s->connection_count += connection >= 0;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void converse(tls_server *s, SSL *ssl)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    char text[4096];
    int size = 0, got;

    while ((got = SSL_read(ssl, text + size, (int)sizeof text - 1 - size)) > 0) {
        size += got;
        text[size] = '\0';
        if (!strstr(text, "\r\n\r\n"))
            continue;
        size = 0;
        pthread_mutex_lock(&s->lock);
        s->request_count++;
        pthread_mutex_unlock(&s->lock);
        SSL_write(ssl, answer, sizeof answer - 1);
    }
}

static void serve_connection(tls_server *s, int connection)
{
    struct linger now = {1, 0};
    SSL *ssl = SSL_new(s->context);

    SSL_set_fd(ssl, connection);
    set_connection(s, connection);
    if (SSL_accept(ssl) == 1)
        converse(s, ssl);
    SSL_free(ssl);
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(connection);
    set_connection(s, -1);
}

static int is_ending(tls_server *s)
{
    int ending;

    pthread_mutex_lock(&s->lock);
    ending = s->ending;
    pthread_mutex_unlock(&s->lock);
    return ending;
}

static void *serve(void *context)
{
    tls_server *s = context;

    block_sigpipe();
    for (;;) {
        int connection = accept(s->listener, NULL, NULL);
        if (is_ending(s)) {
            close(connection);
            return NULL;
        }
        if (connection >= 0)
            serve_connection(s, connection);
    }
}

/* ---- the test's side ---- */

static void listen_on_loopback(tls_server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(listen(s->listener, 4), 0);
    s->port = ntohs(address.sin_port);
}

tls_server *tls_server_start(void)
{
    tls_server *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->connection = -1;
    make_context(s);
    listen_on_loopback(s);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    return s;
}

void tls_server_break_connection(tls_server *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->connection >= 0)
        shutdown(s->connection, SHUT_RDWR);
    while (s->connection >= 0)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

/* A connection of its own wakes the thread from accept. */
static void knock(const tls_server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port)};
    int knocking = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(knocking, (struct sockaddr *)&address, sizeof address), 0);
    close(knocking);
}

void tls_server_stop(tls_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->ending = 1;
    pthread_mutex_unlock(&s->lock);
    tls_server_break_connection(s);
    knock(s);
    pthread_join(s->thread, NULL);
    close(s->listener);
    unlink(s->certificate);
    SSL_CTX_free(s->context);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    free(s);
}

int tls_server_port(const tls_server *s)
{
    return s->port;
}

const char *tls_server_certificate(const tls_server *s)
{
    return s->certificate;
}

size_t tls_server_request_count(tls_server *s)
{
    size_t count;

    pthread_mutex_lock(&s->lock);
    count = s->request_count;
    pthread_mutex_unlock(&s->lock);
    return count;
}

size_t tls_server_connection_count(tls_server *s)
{
    size_t count;

    pthread_mutex_lock(&s->lock);
    count = s->connection_count;
    pthread_mutex_unlock(&s->lock);
    return count;
}
