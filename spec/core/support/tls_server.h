/* A TLS server on a thread, with a certificate for localhost that it signed itself. Answers every request with 200 and
 * "ok". */
#ifndef WPS_TEST_TLS_SERVER_H
#define WPS_TEST_TLS_SERVER_H

#include "test.h"

typedef struct tls_server tls_server;

tls_server *tls_server_start(void);
void tls_server_stop(tls_server *s);

int tls_server_port(const tls_server *s);
/* A PEM file with the certificate. */
const char *tls_server_certificate(const tls_server *s);
/* Requests that came through TLS. */
size_t tls_server_request_count(tls_server *s);
/* Connections that were accepted. */
size_t tls_server_connection_count(tls_server *s);
/* Ends the open connection without a TLS goodbye, first in good order, then by reset: the next write to it raises
 * SIGPIPE. */
void tls_server_break_connection(tls_server *s);

#endif
