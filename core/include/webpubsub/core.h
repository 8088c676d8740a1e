/* webpubsub/core.h: values, text formats, tokens, requests and responses. Needs libc alone.
 *
 * Conventions of all headers of this library
 *
 * - Text is a wps_view: pointer and byte count, not NUL-terminated. A view never owns; the text it looks at must
 *   outlive it. Parsers return views into the text they were given.
 * - Functions that produce text write it to caller memory: (char *out, size_t capacity, size_t *needed).
 *   *needed is always set to the full length. With capacity < *needed nothing is promised about `out` and the answer is
 *   WPS_BUFFER_TOO_SMALL; so a call with (NULL, 0, &needed) measures. No terminating NUL is written.
 * - Fallible functions return wps_status. Where they take a wps_error it may be NULL; on failure it holds one sentence
 *   that never contains a key, a token or any part of a connection string's values. On success it is left alone.
 * - X_new gives ownership to the caller, X_free(NULL) is fine.
 * - C times are int64_t: "ms" where the name says so, otherwise epoch seconds. Time is a parameter; nothing here reads
 *   a clock.
 * - Thread rules: functions without a handle are reentrant. A handle may move between threads but is used by one at a
 *   time. wps_set_allocator is called once, before anything else, while one thread runs.
 */
#ifndef WEBPUBSUB_CORE_H
#define WEBPUBSUB_CORE_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define WPS_API
#elif defined(__GNUC__)
#define WPS_API __attribute__((visibility("default")))
#else
#define WPS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status and error ---- */

typedef enum wps_status {
    WPS_OK = 0,
    WPS_INVALID_ARGUMENT,   /* the caller's value breaks a rule; nothing was sent */
    WPS_OUT_OF_MEMORY,      /* the allocator returned NULL */
    WPS_BUFFER_TOO_SMALL,   /* capacity < *needed */
    WPS_END,                /* an iteration has no further element */
    WPS_MALFORMED,          /* text that does not follow its format (connection string, token, JSON, base64) */
    WPS_BAD_SIGNATURE,      /* token or webhook signature does not match */
    WPS_EXPIRED,            /* token `exp` is missing or has passed */
    WPS_NOT_YET_VALID,      /* token `nbf` lies in the future */
    WPS_WRONG_AUDIENCE,     /* token `aud` is none of the accepted ones */
    WPS_CRYPTO_FAILED,      /* the crypto library refused */
    WPS_RESOLVE_FAILED,     /* a host name (of the service or the proxy) has no address */
    WPS_CONNECT_FAILED,     /* no connection to the service or the proxy */
    WPS_TLS_FAILED,         /* handshake or certificate check failed */
    WPS_TIMEOUT,            /* the deadline passed */
    WPS_CONNECTION_LOST,    /* the connection ended before the answer was complete */
    WPS_BAD_RESPONSE,       /* the answer is not HTTP that we can read */
    WPS_RESPONSE_TOO_LARGE, /* header or body over its bound */
    WPS_NETWORK_FAILED,     /* any other failure of a transfer */
    WPS_SYSTEM_FAILED       /* the operating system refused (errno in wps_error.native) */
} wps_status;

/* What is known about a request that failed. */
typedef enum wps_outcome {
    WPS_NOT_SENT = 0, /* no byte of the request can have been processed */
    WPS_MAYBE_SENT    /* the request had started; the service may have acted on it */
} wps_outcome;

#define WPS_ERROR_MESSAGE_SIZE 256

/* Owned by the caller; reporting an error never allocates. */
typedef struct wps_error {
    wps_status status;
    wps_outcome outcome;
    int native;                           /* errno or CURLcode behind it, 0 when there is none */
    char message[WPS_ERROR_MESSAGE_SIZE]; /* one sentence, NUL-terminated, cut at the end if longer */
} wps_error;

/* Stable lower-case word, for example "invalid_argument" or "connect_failed". Never NULL. */
WPS_API const char *wps_status_name(wps_status status);

/* ---- memory ---- */

/* realloc(context, NULL, n) allocates; free is never called with NULL. */
typedef struct wps_allocator {
    void *(*realloc)(void *context, void *pointer, size_t size);
    void (*free)(void *context, void *pointer);
    void *context;
} wps_allocator;

/* Replaces malloc for everything this library allocates itself (not for libcurl or OpenSSL). NULL restores libc's.
 * Copied. Call before any handle exists. */
WPS_API void wps_set_allocator(const wps_allocator *allocator);

/* ---- text ---- */

typedef struct wps_view {
    const char *data;
    size_t size;
} wps_view;

WPS_API wps_view wps_view_of(const char *text); /* NUL-terminated text; NULL gives an empty view */

/* Standard (RFC 4648 section 4, padded) and URL alphabet (section 5, unpadded, as RFC 7515 wants).
 * Decoders are strict: no white space, no foreign character, no non-zero trailing bits; padding is required by base64
 * and refused by base64url. Failures: WPS_MALFORMED, WPS_BUFFER_TOO_SMALL. */
WPS_API wps_status wps_base64_encode(wps_view in, char *out, size_t capacity, size_t *needed);
WPS_API wps_status wps_base64_decode(wps_view in, char *out, size_t capacity, size_t *needed);
WPS_API wps_status wps_base64url_encode(wps_view in, char *out, size_t capacity, size_t *needed);
WPS_API wps_status wps_base64url_decode(wps_view in, char *out, size_t capacity, size_t *needed);

/* Everything but RFC 3986 unreserved characters becomes %XX (upper-case digits). For path segments and query values
 * alike. */
WPS_API wps_status wps_percent_encode(wps_view in, char *out, size_t capacity, size_t *needed);
/* One round; a '+' stays a '+'; a '%' without two hexadecimal digits is WPS_MALFORMED. */
WPS_API wps_status wps_percent_decode(wps_view in, char *out, size_t capacity, size_t *needed);

/* Counts Unicode characters of well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
 * Returns WPS_MALFORMED with *count = byte offset of the first bad byte. */
WPS_API wps_status wps_utf8_length(wps_view text, size_t *count);

/* The inside of a JSON string, without the quotes: RFC 8259 section 7. Escapes '"', '\\' and U+0000..U+001F (short
 * forms where there are any); everything else is copied. WPS_MALFORMED if the text is not UTF-8. */
WPS_API wps_status wps_json_escape(wps_view text, char *out, size_t capacity, size_t *needed);
/* The way back, from raw (still escaped) text between the quotes. A lone surrogate escape is WPS_MALFORMED. */
WPS_API wps_status wps_json_unescape(wps_view raw, char *out, size_t capacity, size_t *needed);

/* ---- JSON, read without decoding ---- */

/* Checks that the whole text is one JSON value (RFC 8259, UTF-8, nesting up to max_depth, which counts at most 1024).
 * A lone surrogate escape follows the grammar and passes; it is unescaping that refuses it. The sentence of the error
 * names the byte offset, not the content. */
WPS_API wps_status wps_json_check(wps_view text, int max_depth, wps_error *error);

/* Walks the members of one object or the elements of one array and gives their raw texts, so that a value can be passed
 * on as the bytes that arrived. `text` must have passed wps_json_check; on other text the answers are WPS_MALFORMED or
 * meaningless views inside the text, never undefined behaviour. */
typedef struct wps_json_iterator {
    wps_view text;
    size_t position;
    char kind; /* '{' or '[' */
} wps_json_iterator;

/* WPS_MALFORMED when text (after white space) starts neither object nor array. */
WPS_API wps_status wps_json_begin(wps_view text, wps_json_iterator *iterator);
/* *name (raw, without quotes; empty for arrays) and *value (raw, without outer white space). WPS_END after the last
 * one. */
WPS_API wps_status wps_json_next(wps_json_iterator *iterator, wps_view *name, wps_view *value);

/* ---- connection string ---- */

/* `Endpoint=…;AccessKey=…;Version=1.0;Port=…;`, any order, names in any case, spaces around names and
 * values cut, empty parts ignored, unknown names ignored. Views into the given text. */
typedef struct wps_connection_string {
    wps_view endpoint;   /* as written */
    wps_view access_key; /* as written; the text itself is the key, it is not base64-decoded */
    wps_view version;    /* empty when absent */
    int port;            /* 1..65535, 0 when absent */
} wps_connection_string;

/* WPS_MALFORMED with a sentence that names the part (never its value) for: a part without '=', the same part twice, a
 * missing or empty Endpoint or AccessKey, a Port that is no whole number from 1 to 65535, control characters. */
WPS_API wps_status wps_connection_string_parse(wps_view text, wps_connection_string *out, wps_error *error);

/* `scheme://host[:port][/path]`: scheme and host in lower case, "https://" put in front where no scheme is written,
 * default port of the scheme dropped, trailing slashes cut. `port` other than 0 replaces the port of the text.
 * WPS_INVALID_ARGUMENT for: a scheme other than http and https, user info, query, fragment, an empty host, white space,
 * control characters or bytes outside ASCII, any other character that RFC 3986 does not let stand in a host or path,
 * a bad port, a '.' or '..' path segment (also written with %2E). */
WPS_API wps_status wps_endpoint_normalize(wps_view text, int port, char *out, size_t capacity, size_t *needed,
                                          wps_error *error);

/* ---- signing and tokens ---- */

#define WPS_MAC_SIZE 32 /* HMAC-SHA256 */

/* A keyed HMAC-SHA256, supplied by whoever has the crypto (webpubsub/openssl.h, or the host). */
typedef struct wps_mac {
    wps_status (*sign)(void *key, wps_view data, unsigned char out[WPS_MAC_SIZE], wps_error *error);
    void *key;
} wps_mac;

/* Constant time in the content; sizes are not secret. Returns 1 or 0. */
WPS_API int wps_constant_time_equal(wps_view a, wps_view b);

/* Claims of a REST or client access token. Views with data == NULL and counts of 0 are left out of the token. */
typedef struct wps_token_claims {
    wps_view audience;     /* required */
    int64_t issued_at;     /* `iat`, epoch seconds; negative: left out */
    int64_t expires_at;    /* `exp`, epoch seconds; required */
    wps_view subject;      /* `sub`, the user id */
    const wps_view *roles; /* `role`, array */
    size_t role_count;
    const wps_view *groups; /* `webpubsub.group`, array */
    size_t group_count;
} wps_token_claims;

/* The claims as a JSON object, in the order of the struct. WPS_INVALID_ARGUMENT when a text is not UTF-8. */
WPS_API wps_status wps_token_claims_write(const wps_token_claims *claims, char *out, size_t capacity, size_t *needed);

/* `base64url(header) . base64url(claims)`, what gets signed (RFC 7515 section 5.1). The JSON is taken as it is. */
WPS_API wps_status wps_token_input(wps_view header_json, wps_view claims_json, char *out, size_t capacity,
                                   size_t *needed);

/* A whole compact token: header {"alg":"HS256","typ":"JWT"}, the claims, the signature. */
WPS_API wps_status wps_token_create(const wps_token_claims *claims, const wps_mac *mac, char *out, size_t capacity,
                                    size_t *needed, wps_error *error);

/* The parts of a compact token, still base64url text. */
typedef struct wps_token_parts {
    wps_view header, claims, signature;
    wps_view input; /* header '.' claims */
} wps_token_parts;

/* WPS_MALFORMED unless there are exactly three non-empty parts of base64url characters. */
WPS_API wps_status wps_token_split(wps_view token, wps_token_parts *out, wps_error *error);

/* Header `alg` must be exactly HS256 (RFC 8725 section 3.1), anything else is WPS_BAD_SIGNATURE; `crit`, `alg` twice
 * and a header over 1024 bytes are WPS_MALFORMED. The signature is compared in constant time. Otherwise WPS_MALFORMED,
 * WPS_BAD_SIGNATURE, or what mac->sign answered. */
WPS_API wps_status wps_token_verify(wps_view token, const wps_mac *mac, wps_error *error);

typedef struct wps_token_rules {
    int64_t now;               /* epoch seconds */
    int64_t leeway;            /* seconds of clock skew allowed on both sides; the service's emulator uses 300 */
    const wps_view *audiences; /* accepted `aud` values; 0 of them: not checked */
    size_t audience_count;
} wps_token_rules;

/* Checks decoded claims (JSON text): `exp` present and not passed, `nbf` (if any) reached, `aud` (a string, or one of
 * an array) equal to one of the accepted ones without regard to ASCII case, as given or percent-decoded once on either
 * side (contract of the service, audience string). WPS_MALFORMED also when one of these claims stands there twice;
 * WPS_OUT_OF_MEMORY. */
WPS_API wps_status wps_token_check(wps_view claims_json, const wps_token_rules *rules, wps_error *error);

/* Webhook `ce-signature`: comma-separated `sha256=<64 hex digits>` entries. Accepted when any entry equals any of the
 * expected MACs (each the HMAC-SHA256 of the connection id under one access key). All pairs are compared, in constant
 * time; entries of another form are passed over. WPS_BAD_SIGNATURE otherwise, also for an empty or malformed header. */
WPS_API wps_status wps_signature_check(wps_view header, const unsigned char (*expected)[WPS_MAC_SIZE], size_t count);

/* ---- request and response ---- */

/* A request owns copies of method, URL and headers. The body is a view that must outlive its use. */
typedef struct wps_request wps_request;

/* The size limit of a message body, bytes (contract: REST message body 1 MiB). */
#define WPS_MESSAGE_MAX 1048576

/* WPS_INVALID_ARGUMENT: method not an HTTP token (RFC 9110 section 5.6.2), URL empty or with a control character, space
 * or byte over 0x7E. WPS_OUT_OF_MEMORY. */
WPS_API wps_status wps_request_new(wps_view method, wps_view url, wps_request **out, wps_error *error);
WPS_API void wps_request_free(wps_request *request);
/* As new, on an existing one: drops headers and body, keeps its memory for reuse. On failure the request is empty. */
WPS_API wps_status wps_request_reset(wps_request *request, wps_view method, wps_view url, wps_error *error);
/* Name an HTTP token; value without CR, LF, NUL and other control characters but tab. Order and repetitions are kept,
 * white space around the value is cut. Content-Length and Transfer-Encoding belong to the transport, which leaves these
 * out and writes its own. */
WPS_API wps_status wps_request_add_header(wps_request *request, wps_view name, wps_view value, wps_error *error);
WPS_API void wps_request_set_body(wps_request *request, wps_view body);
/* May the request be repeated without a second effect? By default 1 for GET, HEAD, PUT, DELETE, otherwise 0. */
WPS_API void wps_request_set_idempotent(wps_request *request, int idempotent);

WPS_API wps_view wps_request_method(const wps_request *request);
WPS_API wps_view wps_request_url(const wps_request *request);
WPS_API wps_view wps_request_body(const wps_request *request);
WPS_API int wps_request_idempotent(const wps_request *request);
WPS_API size_t wps_request_header_count(const wps_request *request);
/* index 0 … count-1; out of range gives empty views. */
WPS_API void wps_request_header(const wps_request *request, size_t index, wps_view *name, wps_view *value);

/* Puts `Authorization: Bearer <token>` in place of any Authorization header, for one attempt: `iat` = now, `exp` =
 * now + 300, `aud` = audience (an empty view: the request's URL; of the request's own texts only the URL may be given).
 */
WPS_API wps_status wps_request_authorize(wps_request *request, wps_view audience, const wps_mac *mac, int64_t now,
                                         wps_error *error);

/* The same rules as a check without a request, for hosts that carry bytes themselves. */
WPS_API wps_status wps_check_request_line(wps_view method, wps_view url, wps_error *error);
WPS_API wps_status wps_check_header(wps_view name, wps_view value, wps_error *error);

/* A response is filled by a transport and read by its owner. */
typedef struct wps_response wps_response;
WPS_API void wps_response_free(wps_response *response);
WPS_API int wps_response_status(const wps_response *response); /* 100..599 */
WPS_API wps_view wps_response_body(const wps_response *response);
/* All header lines as received, `Name: value\r\n` each, without status line and final empty line. */
WPS_API wps_view wps_response_header_block(const wps_response *response);
/* Name compared without regard to case; the first such header, white space around the value cut. 1 if there is one. */
WPS_API int wps_response_header(const wps_response *response, wps_view name, wps_view *value);

#ifdef __cplusplus
}
#endif

#endif
