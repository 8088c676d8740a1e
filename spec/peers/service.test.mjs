// The official service client drives every operation of the emulator.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { AzureKeyCredential, odata, WebPubSubServiceClient } from "@azure/web-pubsub";
import { bytesOf, eventually, officialClient, startEmulator } from "./emulator.mjs";

let emulator;
let service;
let open = [];
const hub = "Chat";

before(async () => {
  emulator = await startEmulator();
  service = emulator.service(hub);
});

afterEach(() => {
  for (const peer of open) peer.client.stop();
  open = [];
});

after(async () => {
  assert.equal(await emulator.stop(), 0);
});

async function connect(tokenOptions = {}) {
  const access = await service.getClientAccessToken(tokenOptions);
  const peer = officialClient(access.url);
  peer.id = await peer.connect();
  open.push(peer);
  return peer;
}

const status = (code) => (error) => error.statusCode === code;

test("a broadcast reaches every client of the hub as the JSON that was sent", async () => {
  const peers = [await connect({ userId: "ann" }), await connect()];
  await service.sendToAll({ from: "user1", data: ["Hello world", 1.5, null, { ü: "✓" }] });
  for (const peer of peers) {
    await peer.heardMessages("server", 1);
    assert.deepEqual(peer.heard.server[0].data, { from: "user1", data: ["Hello world", 1.5, null, { ü: "✓" }] });
    assert.equal(peer.heard.server[0].dataType, "json");
  }
});

test("a plain string without content type arrives as a JSON string", async () => {
  const peer = await connect();
  await service.sendToAll("Hello world");
  await peer.heardMessages("server", 1);
  assert.equal(peer.heard.server[0].dataType, "json");
  assert.equal(peer.heard.server[0].data, "Hello world");
});

test("text and binary arrive to the byte", async () => {
  const peer = await connect({ userId: "bob" });
  const text = 'line\nquote " backslash \\ ü ✓ 𝄞';
  const binary = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
  await service.sendToConnection(peer.id, text, { contentType: "text/plain" });
  await service.sendToUser("bob", binary);
  await peer.heardMessages("server", 2);
  assert.equal(peer.heard.server[0].dataType, "text");
  assert.equal(peer.heard.server[0].data, text);
  assert.equal(peer.heard.server[1].dataType, "binary");
  assert.equal(Buffer.compare(bytesOf(peer.heard.server[1].data), binary), 0);
});

test("excluded connections do not hear a broadcast", async () => {
  const kept = await connect();
  const excluded = [await connect(), await connect()];
  await service.sendToAll({ n: 1 }, { excludedConnections: excluded.map((peer) => peer.id) });
  await service.sendToAll({ n: 2 });
  await kept.heardMessages("server", 2);
  for (const peer of excluded) {
    await peer.heardMessages("server", 1);
    assert.deepEqual(peer.heard.server.map((message) => message.data.n), [2]);
  }
});

test("a send with a time to live inside the range is accepted, outside refused", async () => {
  await service.sendToAll({ n: 1 }, { messageTtlSeconds: 300 });
  await assert.rejects(service.sendToAll({ n: 1 }, { messageTtlSeconds: 301 }), status(400));
});

test("a filter chooses who hears a message and who joins, and a bad one is refused", async () => {
  const ann = await connect({ userId: "filtered" });
  const other = await connect({ userId: "it's" });
  await service.sendToAll({ n: 1 }, { filter: "userId eq 'filtered'" });
  await service.sendToAll({ n: 2 }, { filter: odata`userId eq ${"it's"}` });
  await ann.heardMessages("server", 1);
  await other.heardMessages("server", 1);
  assert.deepEqual([ann.heard.server[0].data, other.heard.server[0].data], [{ n: 1 }, { n: 2 }]);
  await service.addConnectionsToGroups(["bulk"], "userId eq 'filtered'");
  await service.group("bulk").sendToAll({ n: 3 });
  await service.sendToAll({ marker: true });
  await other.heardMessages("server", 2);
  await ann.heardMessages("group", 1);
  assert.equal(other.heard.group.length, 0);
  await service.removeConnectionsFromGroups(["bulk"], "'bulk' in groups");
  assert.equal(await service.groupExists("bulk"), false);
  await assert.rejects(service.sendToAll({ n: 1 }, { filter: "userId gt 5" }), status(400));
});

test("existence questions are answered with true and false", async () => {
  const peer = await connect({ userId: "carol", groups: ["present"] });
  assert.equal(await service.connectionExists(peer.id), true);
  assert.equal(await service.connectionExists("nobody"), false);
  assert.equal(await service.userExists("carol"), true);
  assert.equal(await service.userExists("nobody"), false);
  assert.equal(await service.groupExists("present"), true);
  assert.equal(await service.groupExists("absent"), false);
});

test("membership changes through connection, user and hub", async () => {
  const peer = await connect({ userId: "dora" });
  const group = service.group("members");
  const hears = async (expected) => {
    peer.heard.group.length = 0;
    await group.sendToAll({ in: true });
    await service.sendToConnection(peer.id, "end", { contentType: "text/plain" });
    await eventually(() => peer.heard.server.pop(), "the marker behind the group message has come");
    assert.equal(peer.heard.group.length, expected ? 1 : 0);
  };
  await group.addConnection(peer.id);
  await hears(true);
  await group.removeConnection(peer.id);
  await hears(false);
  await group.addUser("dora");
  await hears(true);
  await group.removeUser("dora");
  await hears(false);
  await service.addConnectionsToGroups(["members", "others"], "");
  await hears(true);
  await service.removeConnectionsFromGroups(["members"], "");
  await hears(false);
  assert.equal(await service.groupExists("others"), true);
  await service.removeConnectionFromAllGroups(peer.id);
  assert.equal(await service.groupExists("others"), false);
  await group.addUser("dora");
  await service.removeUserFromAllGroups("dora");
  await hears(false);
});

test("adding who is not there is refused with the service's codes", async () => {
  const group = service.group("g");
  await assert.rejects(group.addConnection("nobody"), (error) => {
    assert.equal(error.statusCode, 404);
    assert.equal(error.code, "Error.Connection.NotExisted");
    return true;
  });
  await assert.rejects(group.addUser("nobody"), (error) => {
    assert.equal(error.statusCode, 404);
    assert.equal(error.code, "Warning.User.NotExisted");
    return true;
  });
});

test("a group named with reserved and non-ASCII characters gets its message", async () => {
  const name = "a b?c#d%e+ü";
  const peer = await connect({ groups: [name] });
  await service.group(name).sendToAll({ to: name });
  await peer.heardMessages("group", 1);
  assert.equal(peer.heard.group[0].group, name);
  assert.deepEqual(peer.heard.group[0].data, { to: name });
});

test("permissions are granted, checked and revoked", async () => {
  const peer = await connect();
  const target = { targetName: "rights" };
  assert.equal(await service.hasPermission(peer.id, "joinLeaveGroup", target), false);
  await assert.rejects(peer.client.joinGroup("rights"), (error) => error.errorDetail.name === "Forbidden");
  await service.grantPermission(peer.id, "joinLeaveGroup", target);
  assert.equal(await service.hasPermission(peer.id, "joinLeaveGroup", target), true);
  await peer.client.joinGroup("rights");
  await service.revokePermission(peer.id, "joinLeaveGroup", target);
  assert.equal(await service.hasPermission(peer.id, "joinLeaveGroup", target), false);
  await assert.rejects(service.grantPermission(peer.id, "sendToGroup"), status(400));
  await assert.rejects(service.grantPermission("nobody", "sendToGroup", target), (error) => {
    assert.equal(error.code, "Info.Connection.NotExisted");
    return error.statusCode === 404;
  });
});

test("closing tells the reason to the client", async () => {
  const peer = await connect();
  await service.closeConnection(peer.id, { reason: "the game is over" });
  await peer.stopped;
  assert.equal(peer.heard.disconnected[0].message, "the game is over");
  assert.equal(await service.connectionExists(peer.id), false);
  await service.closeConnection("nobody");
});

test("users, groups and hubs are closed, each with its reason", async () => {
  const first = await connect({ userId: "eve", groups: ["closing"] });
  const second = await connect({ groups: ["closing"] });
  const third = await connect();
  await service.closeUserConnections("eve", { reason: "user" });
  await first.stopped;
  assert.equal(await service.connectionExists(second.id), true);
  await service.group("closing").closeAllConnections({ reason: "group" });
  await second.stopped;
  assert.equal(await service.connectionExists(third.id), true);
  await service.closeAllConnections({ reason: "all" });
  await third.stopped;
  const reasons = [first, second, third].map((peer) => peer.heard.disconnected[0].message);
  assert.deepEqual(reasons, ["user", "group", "all"]);
});

test("a group is listed page by page", async () => {
  const peers = [];
  for (let index = 0; index < 5; index += 1) {
    peers.push(await connect({ userId: index < 2 ? `user${index}` : undefined, groups: ["listed"] }));
  }
  const expected = peers.map((peer) => peer.id).sort();
  const pages = [];
  const listed = await service.group("listed").listConnections({ maxPageSize: 2 });
  for await (const page of listed.byPage()) pages.push(page);
  assert.deepEqual(pages.map((page) => page.length), [2, 2, 1]);
  assert.deepEqual(pages.flat().map((item) => item.connectionId), expected);
  const some = [];
  for await (const item of await service.group("listed").listConnections({ top: 3 })) some.push(item.connectionId);
  assert.deepEqual(some, expected.slice(0, 3));
  const users = pages.flat().filter((item) => item.userId);
  assert.deepEqual(users.map((item) => item.userId).sort(), ["user0", "user1"]);
});

test("an empty group lists nobody", async () => {
  const items = [];
  for await (const item of await service.group("empty").listConnections()) items.push(item);
  assert.deepEqual(items, []);
});

test("a wrong key is refused", async () => {
  const wrong = new AzureKeyCredential("0123456789012345678901234567890123456789");
  const stranger = new WebPubSubServiceClient(emulator.endpoint, wrong, hub, { allowInsecureConnection: true });
  await assert.rejects(stranger.sendToAll({}), status(401));
});

test("a body of 1 MiB is taken, one byte more is refused", async () => {
  const peer = await connect();
  const largest = Buffer.alloc(1048576, 7);
  await service.sendToConnection(peer.id, largest);
  await peer.heardMessages("server", 1);
  assert.equal(Buffer.compare(bytesOf(peer.heard.server[0].data), largest), 0);
  await assert.rejects(service.sendToAll(Buffer.alloc(1048577)), status(400));
});
