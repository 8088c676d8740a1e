#include "json.h"
#include "status.h"
#include "view.h"

/* Headers of tokens that this library accepts are short; anything longer is refused before it is decoded. */
enum { HEADER_MAX = 1024, HEADER_DEPTH = 8 };

static int is_base64url(wps_view text)
{
    size_t i;

    for (i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!wps_is_letter(c) && !wps_is_digit(c) && c != '-' && c != '_')
            return 0;
    }
    return text.size > 0;
}

wps_status wps_token_split(wps_view token, wps_token_parts *out, wps_error *error)
{
    size_t first = wps_view_find(token, 0, '.');
    size_t second = wps_view_find(token, first + 1, '.');

    *out = (wps_token_parts){{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (second >= token.size)
        return wps_fail(error, WPS_MALFORMED, "a token has three parts");
    out->header = wps_view_slice(token, 0, first);
    out->claims = wps_view_slice(token, first + 1, second);
    out->signature = wps_view_slice(token, second + 1, token.size);
    out->input = wps_view_slice(token, 0, second);
    if (!is_base64url(out->header) || !is_base64url(out->claims) || !is_base64url(out->signature))
        return wps_fail(error, WPS_MALFORMED, "the parts of a token are base64url text");
    return WPS_OK;
}

/* RFC 7515 section 4: member names are unique; section 4.1.11: an unknown `crit` refuses the token. */
static wps_status check_members(wps_view json, wps_error *error)
{
    wps_json_iterator iterator;
    wps_view name, value, algorithm = {NULL, 0}, raw;

    if (wps_json_begin(json, &iterator) != WPS_OK || iterator.kind != '{')
        return wps_fail(error, WPS_MALFORMED, "the header of the token is no JSON object");
    while (wps_json_next(&iterator, &name, &value) == WPS_OK) {
        if (wps_json_raw_is(name, "crit") || (wps_json_raw_is(name, "alg") && algorithm.data))
            return wps_fail(error, WPS_MALFORMED, "the header of the token has crit, or alg twice");
        if (wps_json_raw_is(name, "alg"))
            algorithm = value;
    }
    if (!wps_json_string_of(algorithm, &raw) || !wps_json_raw_is(raw, "HS256"))
        return wps_fail(error, WPS_BAD_SIGNATURE, "the token is not signed with HS256");
    return WPS_OK;
}

static wps_status check_header(wps_view header, wps_error *error)
{
    char json[HEADER_MAX];
    size_t size;

    if (wps_base64url_decode(header, json, sizeof json, &size) != WPS_OK ||
        wps_json_check((wps_view){json, size}, HEADER_DEPTH, NULL) != WPS_OK)
        return wps_fail(error, WPS_MALFORMED, "the header of the token is no JSON object");
    return check_members((wps_view){json, size}, error);
}

static wps_status check_signature(const wps_token_parts *parts, const wps_mac *mac, wps_error *error)
{
    unsigned char expected[WPS_MAC_SIZE];
    char given[WPS_MAC_SIZE];
    size_t size;
    wps_status status = wps_base64url_decode(parts->signature, given, sizeof given, &size);

    if (status == WPS_MALFORMED)
        return wps_fail(error, status, "the signature of the token is no base64url text");
    if (status != WPS_OK || size != WPS_MAC_SIZE)
        return wps_fail(error, WPS_BAD_SIGNATURE, "the signature of the token has the wrong length");
    status = mac->sign(mac->key, parts->input, expected, error);
    if (status != WPS_OK)
        return status;
    if (!wps_constant_time_equal((wps_view){given, size}, (wps_view){(const char *)expected, sizeof expected}))
        return wps_fail(error, WPS_BAD_SIGNATURE, "the signature of the token does not match");
    return WPS_OK;
}

wps_status wps_token_verify(wps_view token, const wps_mac *mac, wps_error *error)
{
    wps_token_parts parts;
    wps_status status = wps_token_split(token, &parts, error);

    if (status == WPS_OK)
        status = check_header(parts.header, error);
    return status == WPS_OK ? check_signature(&parts, mac, error) : status;
}
