// Our library sends through the emulator; the official WebSocket client receives.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bytesOf, officialClient, startEmulator } from "./emulator.mjs";
import { luas, runLua } from "./library.mjs";

const oddGroup = "a b?c#d%e+ü";
let emulator;

before(async () => {
  emulator = await startEmulator();
});

after(async () => {
  assert.equal(await emulator.stop(), 0);
});

const opening = `
  local webpubsub = require "webpubsub"
  local hub = assert(webpubsub.from_connection_string(os.getenv "CONNECTION", os.getenv "HUB"))
`;

function library(lua, hub, chunk) {
  return runLua(lua, opening + chunk, { CONNECTION: emulator.connectionString, HUB: hub });
}

for (const lua of luas) {
  test(`the official client gets what our library sends on ${lua}`, async () => {
    const hub = `from_${lua.replace(".", "_")}`;
    const url = (
      await library(
        lua,
        hub,
        `io.write(assert(hub:get_client_access_token {
          user_id = "ann", roles = { "webpubsub.joinLeaveGroup", "webpubsub.sendToGroup" } }).url)`,
      )
    ).trim();
    const peer = officialClient(url);
    const id = await peer.connect();
    await peer.client.joinGroup(oddGroup);

    await library(
      lua,
      hub,
      `
      local text, bytes = { content_type = "text/plain" }, { content_type = "application/octet-stream" }
      assert(hub:send_to_all { from = "user1", data = "Hello world", n = 2 ^ 53, list = { 1.5, webpubsub.null } })
      assert(hub:send_to_user("ann", "text ü", text))
      assert(hub:send_to_connection("${id}", "\\0\\1\\254\\255", bytes))
      assert(hub:send_to_group("${oddGroup}", { hi = true }))
      assert(hub:send_to_group("${oddGroup}", "grüße", text))
      assert(hub:send_to_group("${oddGroup}", "\\255\\0", bytes))
    `,
    );
    await peer.heardMessages("server", 3);
    await peer.heardMessages("group", 3);

    const [all, user, connection] = peer.heard.server;
    assert.deepEqual(all.data, { from: "user1", data: "Hello world", n: 9007199254740992, list: [1.5, null] });
    assert.equal(user.data, "text ü");
    assert.deepEqual(bytesOf(connection.data), Buffer.from([0, 1, 254, 255]));
    const [json, text, bytes] = peer.heard.group;
    assert.equal(json.group, oddGroup);
    assert.deepEqual(json.data, { hi: true });
    assert.equal(text.data, "grüße");
    assert.deepEqual(bytesOf(bytes.data), Buffer.from([255, 0]));
    peer.client.stop();
    await peer.stopped;
  });
}

test("our library and the official one see the same service", async () => {
  const service = emulator.service("shared");
  const peer = officialClient({ getClientAccessUrl: async () => (await service.getClientAccessToken({ userId: "ben" })).url });
  const id = await peer.connect();
  const said = await library(
    "luajit",
    "shared",
    `
    assert(hub:add_connection_to_group("lobby", "${id}"))
    local page = assert(hub:list_connections "lobby")
    print(hub:user_exists "ben", hub:group_exists "lobby", page[1].connection_id, page[1].user_id)
  `,
  );
  assert.equal(said.trim(), ["true", "true", id, "ben"].join("\t"));
  assert.equal(await service.groupExists("lobby"), true);
  await service.group("lobby").sendToAll("from JavaScript", { contentType: "text/plain" });
  await peer.heardMessages("group", 1);
  assert.equal(peer.heard.group[0].data, "from JavaScript");
  peer.client.stop();
  await peer.stopped;
});
