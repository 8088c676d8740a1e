/* webpubsub.openssl: keyed HMAC-SHA256 and RSA signatures by libcrypto. Not for nginx, which brings its own libcrypto.
 */
#include "lwps.h"

#include <webpubsub/openssl.h>

static const char key_type[] = "webpubsub.openssl.hmac_key";

static wps_hmac_key *check_key(lua_State *L)
{
    wps_hmac_key **box = luaL_checkudata(L, 1, key_type);
    luaL_argcheck(L, *box, 1, "the key is closed");
    return *box;
}

/* key:sign(data) → 32 bytes */
static int sign(lua_State *L)
{
    wps_hmac_key *key = check_key(L);
    unsigned char mac[WPS_MAC_SIZE];
    wps_error error;
    if (wps_hmac_key_sign(key, lwps_check_view(L, 2), mac, &error) != WPS_OK)
        return lwps_push_failure(L, &error);
    lua_pushlstring(L, (const char *)mac, sizeof mac);
    return 1;
}

static int collect(lua_State *L)
{
    wps_hmac_key **box = luaL_checkudata(L, 1, key_type);
    wps_hmac_key_free(*box);
    *box = NULL;
    return 0;
}

static const luaL_Reg methods[] = {{"sign", sign}, {"close", collect}, {NULL, NULL}};

/* hmac_key(secret) → key | nil, sentence */
static int hmac_key(lua_State *L)
{
    wps_view secret = lwps_check_view(L, 1);
    wps_hmac_key **box = lua_newuserdata(L, sizeof *box);
    wps_error error;
    *box = NULL;
    lwps_new_type(L, key_type, methods, collect);
    lua_setmetatable(L, -2);
    return wps_hmac_key_new(secret, box, &error) == WPS_OK ? 1 : lwps_push_failure(L, &error);
}

static const char certificate_type[] = "webpubsub.openssl.certificate";

static wps_certificate *check_certificate(lua_State *L)
{
    wps_certificate **box = luaL_checkudata(L, 1, certificate_type);
    luaL_argcheck(L, *box, 1, "the certificate is closed");
    return *box;
}

static wps_rsa_algorithm check_algorithm(lua_State *L, int argument)
{
    static const char *const names[] = {"RS256", "PS256", NULL};
    return luaL_checkoption(L, argument, NULL, names) == 0 ? WPS_RS256 : WPS_PS256;
}

/* certificate:sign("RS256" or "PS256", data) → signature | nil, sentence */
static int sign_rsa(lua_State *L)
{
    wps_certificate *certificate = check_certificate(L);
    wps_rsa_algorithm algorithm = check_algorithm(L, 2);
    wps_view data = lwps_check_view(L, 3);
    char signature[2048]; /* RSA keys up to 16384 bits, the longest that OpenSSL takes */
    size_t needed;
    wps_error error;
    if (wps_certificate_sign(certificate, algorithm, data, signature, sizeof signature, &needed, &error) != WPS_OK)
        return lwps_push_failure(L, &error);
    lua_pushlstring(L, signature, needed);
    return 1;
}

/* certificate:thumbprint("RS256" or "PS256") → 20 bytes of SHA-1 or 32 of SHA-256, as goes with it | nil, sentence */
static int thumbprint(lua_State *L)
{
    const wps_certificate *certificate = check_certificate(L);
    int old = check_algorithm(L, 2) == WPS_RS256;
    unsigned char hash[WPS_SHA256_SIZE];
    wps_error error;
    wps_status status =
        old ? wps_certificate_sha1(certificate, hash, &error) : wps_certificate_sha256(certificate, hash, &error);
    if (status != WPS_OK)
        return lwps_push_failure(L, &error);
    lua_pushlstring(L, (const char *)hash, old ? WPS_SHA1_SIZE : WPS_SHA256_SIZE);
    return 1;
}

/* certificate:chain() → DER of each certificate, the key's own first | nil, sentence */
static int chain(lua_State *L)
{
    const wps_certificate *certificate = check_certificate(L);
    size_t count = wps_certificate_count(certificate), i, needed;
    wps_error error;
    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        char *der;
        wps_certificate_der(certificate, i, NULL, 0, &needed, NULL);
        der = lua_newuserdata(L, needed);
        if (wps_certificate_der(certificate, i, der, needed, &needed, &error) != WPS_OK)
            return lwps_push_failure(L, &error);
        lua_pushlstring(L, der, needed);
        lua_rawseti(L, -3, (int)i + 1);
        lua_pop(L, 1);
    }
    return 1;
}

static int collect_certificate(lua_State *L)
{
    wps_certificate **box = luaL_checkudata(L, 1, certificate_type);
    wps_certificate_free(*box);
    *box = NULL;
    return 0;
}

static const luaL_Reg certificate_methods[] = {
    {"sign", sign_rsa}, {"thumbprint", thumbprint}, {"chain", chain}, {"close", collect_certificate}, {NULL, NULL}};

/* certificate(PEM text or PFX file, password or nil) → certificate | nil, sentence */
static int certificate(lua_State *L)
{
    wps_view data = lwps_check_view(L, 1);
    wps_view password = lua_isnoneornil(L, 2) ? (wps_view){"", 0} : lwps_check_view(L, 2);
    wps_certificate **box = lua_newuserdata(L, sizeof *box);
    wps_error error;
    *box = NULL;
    lwps_new_type(L, certificate_type, certificate_methods, collect_certificate);
    lua_setmetatable(L, -2);
    return wps_certificate_new(data, password, box, &error) == WPS_OK ? 1 : lwps_push_failure(L, &error);
}

static const luaL_Reg functions[] = {{"certificate", certificate}, {"hmac_key", hmac_key}, {NULL, NULL}};

LWPS_OPEN luaopen_webpubsub_openssl(lua_State *L)
{
    lwps_new_library(L, functions);
    return 1;
}
