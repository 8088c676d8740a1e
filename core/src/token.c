#include "encode.h"
#include "json.h"
#include "status.h"
#include "view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Contract: access-key tokens are HS256 with typ JWT. */
static const char header_json[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

static void put_number(wps_writer *writer, const char *name, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    wps_writer_put_text(writer, name);
    wps_writer_put_text(writer, text);
}

static wps_status put_list(wps_writer *writer, const char *name, const wps_view *items, size_t count)
{
    size_t i;

    if (count == 0)
        return WPS_OK;
    wps_writer_put_text(writer, name);
    for (i = 0; i < count; i++) {
        wps_writer_put_char(writer, i == 0 ? '[' : ',');
        if (wps_json_put_string(writer, items[i]) != WPS_OK)
            return WPS_INVALID_ARGUMENT;
    }
    wps_writer_put_char(writer, ']');
    return WPS_OK;
}

static wps_status put_text(wps_writer *writer, const char *name, wps_view text)
{
    if (!text.data)
        return WPS_OK;
    wps_writer_put_text(writer, name);
    return wps_json_put_string(writer, text) == WPS_OK ? WPS_OK : WPS_INVALID_ARGUMENT;
}

static wps_status put_claims(wps_writer *writer, const wps_token_claims *claims)
{
    wps_status status;

    if (claims->audience.size == 0)
        return WPS_INVALID_ARGUMENT;
    status = put_text(writer, "{\"aud\":", claims->audience);
    if (claims->issued_at >= 0)
        put_number(writer, ",\"iat\":", claims->issued_at);
    put_number(writer, ",\"exp\":", claims->expires_at);
    if (status == WPS_OK)
        status = put_text(writer, ",\"sub\":", claims->subject);
    if (status == WPS_OK)
        status = put_list(writer, ",\"role\":", claims->roles, claims->role_count);
    if (status == WPS_OK)
        status = put_list(writer, ",\"webpubsub.group\":", claims->groups, claims->group_count);
    wps_writer_put_char(writer, '}');
    return status;
}

wps_status wps_token_claims_write(const wps_token_claims *claims, char *out, size_t capacity, size_t *needed)
{
    wps_writer writer = wps_writer_of(out, capacity);
    wps_status status = put_claims(&writer, claims);
    wps_status fits = wps_writer_finish(&writer, needed);

    return status == WPS_OK ? fits : status;
}

wps_status wps_token_input(wps_view header, wps_view claims, char *out, size_t capacity, size_t *needed)
{
    size_t header_size = wps_base64url_size(header.size);

    *needed = header_size + 1 + wps_base64url_size(claims.size);
    if (capacity < *needed)
        return WPS_BUFFER_TOO_SMALL;
    wps_base64url_put(header.data, header.size, out);
    out[header_size] = '.';
    wps_base64url_put(claims.data, claims.size, out + header_size + 1);
    return WPS_OK;
}

/* Writes the claims of json_size bytes at the end of their base64url room and encodes them in place, so that a token
 * needs no memory but its own. */
static size_t put_input(const wps_token_claims *claims, size_t json_size, char *out)
{
    size_t header_size = wps_base64url_size(sizeof header_json - 1);
    size_t claims_size = wps_base64url_size(json_size);
    char *room = out + header_size + 1;
    wps_writer writer = wps_writer_of(room + claims_size - json_size, json_size);

    wps_base64url_put(header_json, sizeof header_json - 1, out);
    out[header_size] = '.';
    put_claims(&writer, claims);
    wps_base64url_put(room + claims_size - json_size, json_size, room);
    return header_size + 1 + claims_size;
}

wps_status wps_token_create(const wps_token_claims *claims, const wps_mac *mac, char *out, size_t capacity,
                            size_t *needed, wps_error *error)
{
    unsigned char signature[WPS_MAC_SIZE];
    size_t json_size, input_size;
    wps_status status = wps_token_claims_write(claims, NULL, 0, &json_size);

    *needed = 0;
    if (status == WPS_INVALID_ARGUMENT)
        return wps_fail(error, status, "a token needs an audience, and its texts must be UTF-8");
    *needed = wps_base64url_size(sizeof header_json - 1) + 1 + wps_base64url_size(json_size) + 1 +
              wps_base64url_size(WPS_MAC_SIZE);
    if (capacity < *needed)
        return wps_fail(error, WPS_BUFFER_TOO_SMALL, "the token needs %zu bytes", *needed);
    input_size = put_input(claims, json_size, out);
    status = mac->sign(mac->key, (wps_view){out, input_size}, signature, error);
    if (status != WPS_OK)
        return status;
    out[input_size] = '.';
    wps_base64url_put((const char *)signature, sizeof signature, out + input_size + 1);
    return WPS_OK;
}
