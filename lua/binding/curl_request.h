/* What both kinds of client of webpubsub.curl share: options and requests in, responses and failures out. */
#ifndef LWPS_CURL_REQUEST_H
#define LWPS_CURL_REQUEST_H

#include "lwps.h"

#include <webpubsub/curl.h>

/* The options table at index 1. Its values are checked in Lua; here a field of the wrong type counts as absent. The
 * texts stay alive in the table. */
wps_curl_options lwps_check_curl_options(lua_State *L);
/* A number of that table. */
lua_Number lwps_number_field(lua_State *L, const char *field, lua_Number otherwise);

/* (self, method, url, headers, body, seconds, idempotent) into *request, which is made on first use. The body is a view
 * of the string on the stack. Raises on a wrong type. */
wps_status lwps_fill_request(lua_State *L, wps_request **request, wps_error *error);

/* Pushes status, header block and body: 0; or, when there is no memory, the error instead: not 0. Never raises, so that
 * the caller can put itself in order first. */
int lwps_push_response(lua_State *L, const wps_response *response);
/* nil, sentence, word, outcome → 4 */
int lwps_push_transfer_failure(lua_State *L, const wps_error *error);

/* multi { …, max_connections, max_in_flight } → client | nil, sentence */
int lwps_curl_multi(lua_State *L);

#endif
