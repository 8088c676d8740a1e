#include "alloc.h"
#include "json.h"
#include "status.h"
#include "view.h"

enum { CLAIMS_DEPTH = 64 };

/* Raw values; data is NULL for a claim that is not there. */
typedef struct claims {
    wps_view expires, not_before, audience;
} claims;

static wps_view *claim_named(claims *found, wps_view name)
{
    if (wps_json_raw_is(name, "exp"))
        return &found->expires;
    if (wps_json_raw_is(name, "nbf"))
        return &found->not_before;
    return wps_json_raw_is(name, "aud") ? &found->audience : NULL;
}

static wps_status read_claims(wps_view json, claims *found, wps_error *error)
{
    wps_json_iterator iterator;
    wps_view name, value;

    if (wps_json_check(json, CLAIMS_DEPTH, NULL) != WPS_OK || wps_json_begin(json, &iterator) != WPS_OK ||
        iterator.kind != '{')
        return wps_fail(error, WPS_MALFORMED, "the claims of the token are no JSON object");
    while (wps_json_next(&iterator, &name, &value) == WPS_OK) {
        wps_view *claim = claim_named(found, name);
        /* RFC 7519 section 4: claim names are unique. */
        if (claim && claim->data)
            return wps_fail(error, WPS_MALFORMED, "the token has a claim twice");
        if (claim)
            *claim = value;
    }
    return WPS_OK;
}

/* ---- time: RFC 7519 sections 4.1.4 and 4.1.5 ---- */

static wps_status check_expiry(wps_view value, const wps_token_rules *rules, wps_error *error)
{
    double expires;

    if (!value.data)
        return wps_fail(error, WPS_EXPIRED, "the token has no exp");
    if (!wps_json_number_of(value, &expires))
        return wps_fail(error, WPS_MALFORMED, "exp of the token is no number");
    if ((double)rules->now - (double)rules->leeway >= expires)
        return wps_fail(error, WPS_EXPIRED, "the token has expired");
    return WPS_OK;
}

static wps_status check_start(wps_view value, const wps_token_rules *rules, wps_error *error)
{
    double start;

    if (!value.data)
        return WPS_OK;
    if (!wps_json_number_of(value, &start))
        return wps_fail(error, WPS_MALFORMED, "nbf of the token is no number");
    if ((double)rules->now + (double)rules->leeway < start)
        return wps_fail(error, WPS_NOT_YET_VALID, "the token is not valid yet");
    return WPS_OK;
}

/* ---- audience ---- */

/* Cuts one character off *text, a %XX being one if `decode`. -1 at the end. */
static int take_character(wps_view *text, int decode)
{
    int high, low, value;
    size_t size = 1;

    if (text->size == 0)
        return -1;
    value = (unsigned char)wps_lower(text->data[0]);
    if (decode && text->data[0] == '%' && text->size >= 3) {
        high = wps_hex_value(text->data[1]);
        low = wps_hex_value(text->data[2]);
        if (high >= 0 && low >= 0) {
            value = (unsigned char)wps_lower((char)(high * 16 + low));
            size = 3;
        }
    }
    *text = wps_view_slice(*text, size, text->size);
    return value;
}

static int same_audience(wps_view a, int decode_a, wps_view b, int decode_b)
{
    int left, right;

    do {
        left = take_character(&a, decode_a);
        right = take_character(&b, decode_b);
        if (left != right)
            return 0;
    } while (left >= 0);
    return 1;
}

static int is_accepted(wps_view audience, const wps_token_rules *rules)
{
    size_t i;
    int way;

    for (i = 0; i < rules->audience_count; i++)
        for (way = 0; way < 4; way++)
            if (same_audience(audience, way & 1, rules->audiences[i], way >> 1))
                return 1;
    return 0;
}

/* `room` holds at least raw.size bytes. */
static int is_accepted_raw(wps_view value, char *room, size_t capacity, const wps_token_rules *rules)
{
    wps_view raw;
    size_t size;

    if (!wps_json_string_of(value, &raw) || wps_json_unescape(raw, room, capacity, &size) != WPS_OK)
        return 0;
    return is_accepted((wps_view){room, size}, rules);
}

/* RFC 7519 section 4.1.3: one string, or an array of them. */
static int any_accepted(wps_view value, char *room, const wps_token_rules *rules)
{
    wps_json_iterator iterator;
    wps_view name, element;

    if (value.data[0] != '[')
        return is_accepted_raw(value, room, value.size, rules);
    if (wps_json_begin(value, &iterator) != WPS_OK)
        return 0;
    while (wps_json_next(&iterator, &name, &element) == WPS_OK)
        if (is_accepted_raw(element, room, value.size, rules))
            return 1;
    return 0;
}

static wps_status check_audience(wps_view value, const wps_token_rules *rules, wps_error *error)
{
    char *room;
    int accepted;

    if (rules->audience_count == 0)
        return WPS_OK;
    if (!value.data)
        return wps_fail(error, WPS_WRONG_AUDIENCE, "the token has no aud");
    room = wps_memory_resize(NULL, value.size);
    if (!room)
        return wps_fail_out_of_memory(error);
    accepted = any_accepted(value, room, rules);
    wps_memory_free(room);
    return accepted ? WPS_OK : wps_fail(error, WPS_WRONG_AUDIENCE, "the token was made for another audience");
}

wps_status wps_token_check(wps_view claims_json, const wps_token_rules *rules, wps_error *error)
{
    claims found = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    wps_status status = read_claims(claims_json, &found, error);

    if (status == WPS_OK)
        status = check_expiry(found.expires, rules, error);
    if (status == WPS_OK)
        status = check_start(found.not_before, rules, error);
    return status == WPS_OK ? check_audience(found.audience, rules, error) : status;
}
