/* webpubsub.openssl: keyed HMAC-SHA256 by libcrypto. Not for nginx, which brings its own libcrypto. */
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

static const luaL_Reg functions[] = {{"hmac_key", hmac_key}, {NULL, NULL}};

LWPS_OPEN luaopen_webpubsub_openssl(lua_State *L)
{
    lwps_new_library(L, functions);
    return 1;
}
