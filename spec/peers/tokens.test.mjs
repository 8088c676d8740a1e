// Our tokens, read and verified by another implementation (npm package jose).
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { luas, runLua } from "./library.mjs";

const key = "a key with ü, = and / that is no base64";
const endpoint = "https://name.webpubsub.azure.com";
const opening = `
  local webpubsub = require "webpubsub"
  local hub = assert(webpubsub.client { endpoint = "${endpoint}:443/", hub = "chat", credential = "${key}" })
`;

function verify(token, audience) {
  return jwtVerify(token, new TextEncoder().encode(key), { audience, algorithms: ["HS256"] });
}

for (const lua of luas) {
  test(`the token of a REST call verifies, on ${lua}`, async () => {
    const printed = await runLua(
      lua,
      `${opening}
      local made = assert(hub:prepare("send_to_group", "ü+.. %2F", "x", { excluded = { "a", "b" } }))
      print(made.url) print(made.headers[2])`,
    );
    const [url, authorization] = printed.trim().split("\n");
    const { payload, protectedHeader } = await verify(authorization.replace("Bearer ", ""), url);
    assert.deepEqual(protectedHeader, { alg: "HS256", typ: "JWT" });
    assert.deepEqual(Object.keys(payload).sort(), ["aud", "exp", "iat"]);
    assert.equal(payload.exp - payload.iat, 300);
    assert.ok(Math.abs(payload.iat - Date.now() / 1000) < 10);
    assert.equal(
      url,
      `${endpoint}/api/hubs/chat/groups/%C3%BC%2B..%20%252F/:send?api-version=2024-12-01&excluded=a&excluded=b`,
    );
  });

  test(`a client access token verifies with users, roles, groups and headers, on ${lua}`, async () => {
    const printed = await runLua(
      lua,
      `${opening}
      local access = assert(hub:get_client_access_token {
        user_id = 'ann "ü"', roles = { "webpubsub.joinLeaveGroup", "webpubsub.sendToGroup.a" }, groups = { "g/1", "g 2" },
        minutes_to_expire = 5, jwt_headers = { kid = "k1", n = 1 } })
      print(access.url) print(access.token) print(access.base_url)`,
    );
    const [url, token, baseUrl] = printed.trim().split("\n");
    const { payload, protectedHeader } = await verify(token, `${endpoint}/client/hubs/chat`);
    assert.deepEqual(protectedHeader, { alg: "HS256", kid: "k1", n: 1, typ: "JWT" });
    assert.equal(payload.sub, 'ann "ü"');
    assert.deepEqual(payload.role, ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup.a"]);
    assert.deepEqual(payload["webpubsub.group"], ["g/1", "g 2"]);
    assert.equal(payload.exp - payload.iat, 300);
    assert.equal(baseUrl, "wss://name.webpubsub.azure.com/client/hubs/chat");
    assert.equal(url, `${baseUrl}?access_token=${token}`);
  });

  test(`a token for everybody lives an hour and has no other claim, on ${lua}`, async () => {
    const printed = await runLua(
      lua,
      `${opening}
      for _, protocol in ipairs { "default", "mqtt", "SocketIO" } do
        print(assert(hub:get_client_access_token { roles = {}, groups = {}, client_protocol = protocol }).url)
      end`,
    );
    const paths = ["/client/hubs/chat", "/clients/mqtt/hubs/chat", "/clients/socketio/hubs/chat"];
    const urls = printed.trim().split("\n");
    assert.equal(urls.length, 3);
    for (const [i, text] of urls.entries()) {
      const url = new URL(text);
      assert.equal(url.pathname, paths[i]);
      const token = url.searchParams.get("access_token");
      const { payload } = await verify(token, endpoint + paths[i]);
      assert.deepEqual(Object.keys(payload).sort(), ["aud", "exp", "iat"]);
      assert.equal(payload.exp - payload.iat, 3600);
      assert.equal(decodeProtectedHeader(token).alg, "HS256");
    }
  });
}
