#include "request.h"

#include "alloc.h"
#include "buffer.h"
#include "status.h"
#include "view.h"

#include <string.h>

enum {
    TOKEN_LIFETIME = 300, /* seconds; contract: REST tokens live five minutes */
    KEPT_CAPACITY = 65536 /* a copy gives larger memory back */
};

/* Places in wps_request.text, which may move while it grows. */
typedef struct header {
    size_t start, name_size, value_start, value_size;
} header;

struct wps_request {
    wps_buffer text;    /* method NUL url NUL, then the header lines, each with its NUL */
    wps_buffer headers; /* of struct header */
    size_t method_size, url_size;
    wps_view body;
    wps_buffer kept_body; /* what `body` looks at after wps_request_copy */
    int idempotent;
};

static header *header_at(const wps_request *request, size_t index)
{
    return (header *)(void *)request->headers.data + index;
}

static void clear(wps_request *request)
{
    request->text.size = request->headers.size = 0;
    request->method_size = request->url_size = 0;
    request->body = (wps_view){NULL, 0};
    request->idempotent = 0;
}

/* RFC 9110 section 9.2.2; the contract has no effect hidden behind any of these. */
static int is_idempotent_method(wps_view method)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE"};
    size_t i;

    for (i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (wps_view_equal(method, wps_view_of(methods[i])))
            return 1;
    return 0;
}

static wps_status append_texts(wps_buffer *text, const wps_view *parts, size_t count)
{
    size_t size = 0, i;

    for (i = 0; i < count; i++)
        size += parts[i].size;
    if (wps_buffer_reserve(text, size) != WPS_OK)
        return WPS_OUT_OF_MEMORY;
    for (i = 0; i < count; i++) {
        if (parts[i].size > 0)
            memcpy(text->data + text->size, parts[i].data, parts[i].size);
        text->size += parts[i].size;
    }
    return WPS_OK;
}

wps_status wps_request_reset(wps_request *request, wps_view method, wps_view url, wps_error *error)
{
    wps_view parts[4] = {method, {"", 1}, url, {"", 1}};
    wps_status status = wps_check_request_line(method, url, error);

    clear(request);
    if (status != WPS_OK)
        return status;
    if (append_texts(&request->text, parts, 4) != WPS_OK)
        return wps_fail_out_of_memory(error);
    request->method_size = method.size;
    request->url_size = url.size;
    request->idempotent = is_idempotent_method(method);
    return WPS_OK;
}

wps_status wps_request_new(wps_view method, wps_view url, wps_request **out, wps_error *error)
{
    wps_request *request = wps_memory_resize(NULL, sizeof *request);
    wps_status status;

    *out = NULL;
    if (!request)
        return wps_fail_out_of_memory(error);
    memset(request, 0, sizeof *request);
    status = wps_request_reset(request, method, url, error);
    if (status == WPS_OK)
        *out = request;
    else
        wps_request_free(request);
    return status;
}

void wps_request_free(wps_request *request)
{
    if (!request)
        return;
    wps_buffer_free(&request->text);
    wps_buffer_free(&request->headers);
    wps_buffer_free(&request->kept_body);
    wps_memory_free(request);
}

static wps_status copy_buffer(wps_buffer *to, const void *data, size_t size)
{
    if (to->capacity > KEPT_CAPACITY)
        wps_buffer_free(to);
    to->size = 0;
    return wps_buffer_append(to, data, size);
}

wps_status wps_request_copy(wps_request *to, const wps_request *from)
{
    clear(to);
    if (copy_buffer(&to->text, from->text.data, from->text.size) != WPS_OK ||
        copy_buffer(&to->headers, from->headers.data, from->headers.size) != WPS_OK ||
        copy_buffer(&to->kept_body, from->body.data, from->body.size) != WPS_OK) {
        clear(to);
        return WPS_OUT_OF_MEMORY;
    }
    to->method_size = from->method_size;
    to->url_size = from->url_size;
    to->body = (wps_view){to->kept_body.data, to->kept_body.size};
    to->idempotent = from->idempotent;
    return WPS_OK;
}

/* Makes room for the index entry first, so that a header is added whole or not at all. */
static wps_status add_line(wps_request *request, wps_view name, wps_view value)
{
    wps_view separator = value.size > 0 ? wps_view_of(": ") : wps_view_of(";");
    wps_view parts[4] = {name, separator, value, {"", 1}};
    header entry = {request->text.size, name.size, request->text.size + name.size + separator.size, value.size};

    if (wps_buffer_reserve(&request->headers, sizeof entry) != WPS_OK ||
        append_texts(&request->text, parts, 4) != WPS_OK)
        return WPS_OUT_OF_MEMORY;
    return wps_buffer_append(&request->headers, &entry, sizeof entry);
}

wps_status wps_request_add_header(wps_request *request, wps_view name, wps_view value, wps_error *error)
{
    wps_status status = wps_check_header(name, value, error);

    if (status != WPS_OK)
        return status;
    return add_line(request, name, wps_view_trim(value)) == WPS_OK ? WPS_OK : wps_fail_out_of_memory(error);
}

void wps_request_set_body(wps_request *request, wps_view body)
{
    request->body = body;
}

void wps_request_set_idempotent(wps_request *request, int idempotent)
{
    request->idempotent = idempotent != 0;
}

const char *wps_request_method_text(const wps_request *request)
{
    return request->text.size > 0 ? request->text.data : "";
}

const char *wps_request_url_text(const wps_request *request)
{
    return request->text.size > 0 ? request->text.data + request->method_size + 1 : "";
}

char *wps_request_header_line(const wps_request *request, size_t index)
{
    return request->text.data + header_at(request, index)->start;
}

wps_view wps_request_method(const wps_request *request)
{
    return (wps_view){wps_request_method_text(request), request->method_size};
}

wps_view wps_request_url(const wps_request *request)
{
    return (wps_view){wps_request_url_text(request), request->url_size};
}

wps_view wps_request_body(const wps_request *request)
{
    return request->body;
}

int wps_request_idempotent(const wps_request *request)
{
    return request->idempotent;
}

size_t wps_request_header_count(const wps_request *request)
{
    return request->headers.size / sizeof(header);
}

void wps_request_header(const wps_request *request, size_t index, wps_view *name, wps_view *value)
{
    const header *entry;

    *name = *value = (wps_view){NULL, 0};
    if (index >= wps_request_header_count(request))
        return;
    entry = header_at(request, index);
    *name = (wps_view){request->text.data + entry->start, entry->name_size};
    *value = (wps_view){request->text.data + entry->value_start, entry->value_size};
}

/* ---- authorization ---- */

static void remove_header(wps_request *request, size_t index)
{
    size_t count = wps_request_header_count(request), start = header_at(request, index)->start, end, i;
    char *text = request->text.data;

    end = index + 1 < count ? header_at(request, index + 1)->start : request->text.size;
    memmove(text + start, text + end, request->text.size - end);
    request->text.size -= end - start;
    for (i = index; i + 1 < count; i++) {
        *header_at(request, i) = *header_at(request, i + 1);
        header_at(request, i)->start -= end - start;
        header_at(request, i)->value_start -= end - start;
    }
    request->headers.size -= sizeof(header);
}

static void remove_headers(wps_request *request, wps_view wanted)
{
    size_t i = wps_request_header_count(request);
    wps_view name, value;

    while (i-- > 0) {
        wps_request_header(request, i, &name, &value);
        if (wps_view_equal_ignoring_case(name, wanted))
            remove_header(request, i);
    }
}

/* Room for the whole line and its index entry. The URL that the audience may look at moves with the text. */
static wps_status reserve_bearer(wps_request *request, wps_token_claims *claims, size_t line_size)
{
    int own = claims->audience.data == wps_request_url_text(request);

    if (wps_buffer_reserve(&request->headers, sizeof(header)) != WPS_OK ||
        wps_buffer_reserve(&request->text, line_size) != WPS_OK)
        return WPS_OUT_OF_MEMORY;
    if (own)
        claims->audience.data = wps_request_url_text(request);
    return WPS_OK;
}

/* Appends `Authorization: Bearer <token>`; the token is made where it stays. */
static wps_status add_bearer(wps_request *request, wps_token_claims *claims, const wps_mac *mac, wps_error *error)
{
    static const char prefix[] = "Authorization: Bearer ";
    enum {
        NAME_SIZE = sizeof "Authorization" - 1,
        SCHEME_SIZE = sizeof "Bearer " - 1,
        PREFIX_SIZE = sizeof prefix - 1
    };
    size_t start = request->text.size, token_size;
    wps_status status = wps_token_create(claims, mac, NULL, 0, &token_size, NULL);
    header entry = {start, NAME_SIZE, start + NAME_SIZE + 2, SCHEME_SIZE + token_size};
    char *line;

    if (status != WPS_BUFFER_TOO_SMALL)
        return wps_token_create(claims, mac, NULL, 0, &token_size, error);
    if (reserve_bearer(request, claims, PREFIX_SIZE + token_size + 1) != WPS_OK)
        return wps_fail_out_of_memory(error);
    line = request->text.data + start;
    memcpy(line, prefix, PREFIX_SIZE);
    status = wps_token_create(claims, mac, line + PREFIX_SIZE, token_size, &token_size, error);
    if (status != WPS_OK)
        return status;
    line[PREFIX_SIZE + token_size] = '\0';
    request->text.size += PREFIX_SIZE + token_size + 1;
    return wps_buffer_append(&request->headers, &entry, sizeof entry);
}

wps_status wps_request_authorize(wps_request *request, wps_view audience, const wps_mac *mac, int64_t now,
                                 wps_error *error)
{
    wps_token_claims claims = {0};

    claims.audience = audience.size > 0 ? audience : wps_request_url(request);
    claims.issued_at = now;
    claims.expires_at = now + TOKEN_LIFETIME;
    remove_headers(request, wps_view_of("Authorization"));
    return add_bearer(request, &claims, mac, error);
}
