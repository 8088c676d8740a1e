// The official WebSocket client, and bare WebSockets, against the emulator.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { once } from "node:events";
import { SignJWT } from "jose";
import WebSocket from "ws";
import { bytesOf, deadline, eventually, officialClient, startEmulator } from "./emulator.mjs";

let emulator;
let service;
let open = [];
const hub = "play";
const key = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH");
const everything = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"];

before(async () => {
  emulator = await startEmulator();
  service = emulator.service(hub);
});

afterEach(() => {
  for (const close of open) close();
  open = [];
});

after(async () => {
  assert.equal(await emulator.stop(), 0);
});

async function connect(tokenOptions = {}, clientOptions = {}) {
  const getClientAccessUrl = async () => (await service.getClientAccessToken(tokenOptions)).url;
  const peer = officialClient({ getClientAccessUrl }, clientOptions);
  peer.id = await peer.connect();
  open.push(() => peer.client.stop());
  return peer;
}

function socket(url, protocols) {
  const one = new WebSocket(url, protocols);
  const frames = [];
  one.on("message", (data, isBinary) => frames.push({ data: Buffer.from(data), isBinary }));
  one.on("error", () => {});
  open.push(() => one.terminate());
  return { one, frames, closed: once(one, "close").then(([code, reason]) => ({ code, reason: String(reason) })) };
}

async function bare(query = "", tokenOptions = {}, protocols = undefined) {
  const { url } = await service.getClientAccessToken(tokenOptions);
  const peer = socket(url + query, protocols);
  await deadline(once(peer.one, "open"), "the WebSocket to open");
  return peer;
}

function token(claims, lifetime = 60) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ exp: now + lifetime, ...claims }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(key);
}

async function refusal(url, protocols) {
  const one = new WebSocket(url, protocols);
  one.on("error", () => {});
  const [, response] = await deadline(once(one, "unexpected-response"), "a refusal");
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, text: Buffer.concat(chunks).toString() };
}

const clientUrl = (path, jwt) => `${emulator.endpoint.replace("http", "ws")}${path}access_token=${jwt}`;
const audience = () => `${emulator.endpoint}/client/hubs/${hub}`;

test("a client joins a group, hears it, leaves it", async () => {
  const talker = await connect({ userId: "ann", roles: everything });
  const listener = await connect({ roles: everything });
  await listener.client.joinGroup("lobby");
  await talker.client.sendToGroup("lobby", "one", "text");
  await listener.heardMessages("group", 1);
  assert.equal(listener.heard.group[0].group, "lobby");
  assert.equal(listener.heard.group[0].fromUserId, "ann");
  assert.equal(listener.heard.group[0].data, "one");
  await listener.client.leaveGroup("lobby");
  await talker.client.sendToGroup("lobby", "two", "text");
  await service.sendToConnection(listener.id, "marker");
  await listener.heardMessages("server", 1);
  assert.equal(listener.heard.group.length, 1);
});

test("JSON, text and binary arrive as they were sent", async () => {
  const talker = await connect({ roles: everything });
  const listener = await connect({ roles: everything });
  await listener.client.joinGroup("kinds");
  const json = { list: [1, -0.5, 1e21, "ü", null, true], nested: { empty: {}, none: [] } };
  const binary = new Uint8Array(Array.from({ length: 65536 }, (_, index) => (index * 7) % 256));
  await talker.client.sendToGroup("kinds", json, "json");
  await talker.client.sendToGroup("kinds", "text ✓ \u0000", "text");
  await talker.client.sendToGroup("kinds", binary.buffer, "binary");
  await listener.heardMessages("group", 3);
  assert.deepEqual(listener.heard.group.map((message) => message.dataType), ["json", "text", "binary"]);
  assert.deepEqual(listener.heard.group[0].data, json);
  assert.equal(listener.heard.group[1].data, "text ✓ \u0000");
  assert.equal(Buffer.compare(bytesOf(listener.heard.group[2].data), Buffer.from(binary)), 0);
});

test("the sender hears its own message unless it says noEcho", async () => {
  const peer = await connect({ roles: everything });
  await peer.client.joinGroup("echo");
  await peer.client.sendToGroup("echo", "quiet", "text", { noEcho: true });
  await peer.client.sendToGroup("echo", "loud", "text");
  await peer.heardMessages("group", 1);
  assert.deepEqual(peer.heard.group.map((message) => message.data), ["loud"]);
});

test("a group named with reserved and non-ASCII characters gets its message", async () => {
  const name = "a b?c#d%e+ü";
  const peer = await connect({ roles: [`webpubsub.joinLeaveGroup.${name}`, `webpubsub.sendToGroup.${name}`] });
  await peer.client.joinGroup(name);
  await peer.client.sendToGroup(name, "from the client", "text");
  await service.group(name).sendToAll("from the service", { contentType: "text/plain" });
  await peer.heardMessages("group", 2);
  assert.deepEqual(peer.heard.group.map((message) => [message.group, message.data]), [
    [name, "from the client"],
    [name, "from the service"],
  ]);
});

test("without a role joining and sending are forbidden", async () => {
  const peer = await connect();
  const forbidden = (error) => error.errorDetail?.name === "Forbidden";
  await assert.rejects(peer.client.joinGroup("closed"), forbidden);
  await assert.rejects(peer.client.sendToGroup("closed", "x", "text"), forbidden);
});

test("a repeated ackId is a duplicate, which the official client takes for success", async () => {
  const peer = await connect({ roles: everything });
  await peer.client.joinGroup("dup", { ackId: 7 });
  const result = await peer.client.sendToGroup("dup", "again", "text", { ackId: 7 });
  assert.equal(result.isDuplicated, true);
  await service.group("dup").sendToAll({ marker: true });
  await peer.heardMessages("group", 1);
  assert.deepEqual(peer.heard.group[0].data, { marker: true });
});

test("an event that nobody handles is acknowledged as failed", async () => {
  const peer = await connect();
  const failed = (error) => error.errorDetail?.name === "InternalServerError";
  await assert.rejects(peer.client.sendEvent("shout", { n: 1 }, "json"), failed);
});

test("with the event log an event counts as handled", async () => {
  const other = await startEmulator("--event-log");
  const { url } = await other.service(hub).getClientAccessToken({});
  const peer = officialClient(url);
  await peer.connect();
  const result = await peer.client.sendEvent("shout", { n: 1 }, "json");
  assert.equal(result.isDuplicated, false);
  peer.client.stop();
  await peer.stopped;
  assert.equal(await other.stop(), 0);
});

test("the official client's pings are answered, which keeps it connected", async () => {
  const peer = await connect({}, { keepAliveIntervalInMs: 50, keepAliveTimeoutInMs: 600 });
  const end = Date.now() + 1500;
  await eventually(() => Date.now() > end || peer.heard.disconnected.length > 0, "the keep-alive has run out twice");
  assert.equal(peer.heard.disconnected.length, 0);
  assert.equal(await service.connectionExists(peer.id), true);
});

test("a client that only pings stays connected and hears pongs", async () => {
  const peer = await bare("", {}, "json.webpubsub.azure.v1");
  await eventually(() => peer.frames.length === 1, "the connected message has come");
  const connected = JSON.parse(peer.frames[0].data);
  assert.deepEqual([connected.type, connected.event, connected.userId], ["system", "connected", null]);
  peer.one.send('{"type":"ping"}');
  await eventually(() => peer.frames.length === 2, "the pong has come");
  assert.equal(String(peer.frames[1].data), '{"type":"pong"}');
});

test("JSON goes through as the bytes that were sent, and ids digit for digit", async () => {
  const peer = await bare("", { roles: everything }, "json.webpubsub.azure.v1");
  const sent = '{"b":1.0,"a":12345678901234567890, "e":1E5,"s":"\\u00fc\\/"}';
  peer.one.send('{"type":"joinGroup","group":"raw","ackId":18446744073709551615}');
  peer.one.send(`{"type":"sendToGroup","group":"raw","data":${sent},"ackId":9007199254740993}`);
  await eventually(() => peer.frames.length === 4, "acks and message have come");
  const [, joined, message, acknowledged] = peer.frames.map((frame) => String(frame.data));
  assert.ok(joined.includes('"ackId":18446744073709551615,'), joined);
  assert.ok(message.includes(`"data":${sent}}`) || message.includes(`"data":${sent},`), message);
  assert.ok(acknowledged.includes('"ackId":9007199254740993,'), acknowledged);
});

test("simple clients get payloads bare: text as text frames, bytes as binary frames", async () => {
  const peer = await bare("", { groups: ["plain"] });
  await service.sendToAll("just text", { contentType: "text/plain" });
  await service.group("plain").sendToAll({ a: 1 });
  await service.sendToAll(Buffer.from([0, 255, 1]));
  await eventually(() => peer.frames.length === 3, "three frames have come");
  assert.deepEqual(peer.frames.map((frame) => frame.isBinary), [false, false, true]);
  assert.equal(String(peer.frames[0].data), "just text");
  assert.equal(String(peer.frames[1].data), '{"a":1}');
  assert.equal(Buffer.compare(peer.frames[2].data, Buffer.from([0, 255, 1])), 0);
});

test("a simple client in the mode sendToGroup publishes what it sends", async () => {
  const listener = await connect({ groups: ["wall"] });
  const peer = await bare("&webpubsub_mode=SendToGroup&group=wall&noEcho=TRUE", { roles: everything, groups: ["wall"] });
  peer.one.send("painted");
  peer.one.send(Buffer.from([1, 2, 3]));
  await listener.heardMessages("group", 2);
  assert.deepEqual(listener.heard.group.map((message) => message.dataType), ["text", "binary"]);
  assert.equal(listener.heard.group[0].data, "painted");
  assert.equal(peer.frames.length, 0);
});

test("a simple client whose message nobody handles is dropped with 1011", async () => {
  const peer = await bare();
  peer.one.send("hello?");
  const { code } = await deadline(peer.closed, "the close");
  assert.equal(code, 1011);
});

test("a simple client hears the reason as close reason", async () => {
  const peer = await bare("", { userId: "simple" });
  await service.closeUserConnections("simple", { reason: "bye ü" });
  assert.deepEqual(await deadline(peer.closed, "the close"), { code: 1000, reason: "bye ü" });
});

test("a message that does not fit the format ends the connection with 1007", async () => {
  const peer = await bare("", {}, "json.webpubsub.azure.v1");
  peer.one.send("not JSON");
  const { code } = await deadline(peer.closed, "the close");
  assert.equal(code, 1007);
  const last = JSON.parse(peer.frames.at(-1).data);
  assert.deepEqual([last.type, last.event], ["system", "disconnected"]);
});

test("tokens of an independent library are accepted on all three endpoints", async () => {
  const jwt = await token({ aud: audience(), sub: "joe", role: "webpubsub.sendToGroup", "webpubsub.group": "one" });
  for (const path of [`/client/hubs/${hub}?`, `/client?hub=${hub}&`, `/client/?hub=${hub}&`]) {
    const peer = socket(clientUrl(path, jwt), "json.webpubsub.azure.v1");
    await eventually(() => peer.frames.length === 1, "the connected message has come");
    assert.equal(JSON.parse(peer.frames[0].data).userId, "joe");
  }
  assert.equal(await service.groupExists("one"), true);
});

test("a token may come in the Authorization header", async () => {
  const jwt = await token({ aud: audience() });
  const url = `${emulator.endpoint.replace("http", "ws")}/client/hubs/${hub}`;
  const one = new WebSocket(url, { headers: { Authorization: `Bearer ${jwt}` } });
  await deadline(once(one, "open"), "the WebSocket to open");
  one.terminate();
});

test("expired tokens, wrong audiences and wrong keys are refused with 401", async () => {
  const path = `/client/hubs/${hub}?`;
  const wrongKey = new SignJWT({ aud: audience(), exp: 4102444800 }).setProtectedHeader({ alg: "HS256" });
  const tokens = [
    await token({ aud: audience() }, -301),
    await token({ aud: `${emulator.endpoint}/client/hubs/other` }),
    await wrongKey.sign(new TextEncoder().encode("0123456789012345678901234567890123456789")),
    "not-a-token",
  ];
  for (const jwt of tokens) assert.equal((await refusal(clientUrl(path, jwt))).status, 401);
});

test("bad groups, modes and hubs are refused with 400", async () => {
  const good = await token({ aud: audience() });
  const blank = await token({ aud: audience(), "webpubsub.group": ["fine", "  "] });
  const other = await token({ aud: `${emulator.endpoint}/client/hubs/1abc` });
  const path = `/client/hubs/${hub}?`;
  assert.equal((await refusal(clientUrl(path, blank))).status, 400);
  assert.equal((await refusal(clientUrl(`${path}webpubsub_mode=shout&`, good))).status, 400);
  assert.equal((await refusal(clientUrl(`${path}webpubsub_mode=sendToGroup&`, good))).status, 400);
  assert.equal((await refusal(clientUrl("/client/hubs/1abc?", other))).status, 400);
});

test("subprotocols that are known but not built are refused with 501", async () => {
  const jwt = await token({ aud: audience() });
  const path = `/client/hubs/${hub}?`;
  for (const name of ["protobuf.webpubsub.azure.v1", "protobuf.reliable.webpubsub.azure.v1"]) {
    const answer = await refusal(clientUrl(path, jwt), name);
    assert.equal(answer.status, 501);
    assert.match(answer.text, /not built/);
  }
  assert.equal((await refusal(clientUrl(`/clients/mqtt/hubs/${hub}?`, jwt), "mqtt")).status, 501);
});

test("of several offers the built subprotocol is chosen", async () => {
  const peer = await bare("", {}, ["unknown.protocol", "protobuf.webpubsub.azure.v1", "json.webpubsub.azure.v1"]);
  assert.equal(peer.one.protocol, "json.webpubsub.azure.v1");
});

test("invocations and streams to groups, which the service here has not, fail with an error and not in silence", async () => {
  const peer = await connect({ roles: everything });
  await assert.rejects(peer.client.invokeEvent("ask", "x", "text"), /not built/);
  peer.client.onGroupStream(() => {});
  const failed = (async () => {
    const stream = await peer.client.openGroupStream("g");
    await new Promise((_, reject) => stream.onError(reject));
  })();
  await assert.rejects(deadline(failed, "the stream's error"), /not built/);
});

test("a listener that was taken off hears nothing more", async () => {
  const peer = await connect({ userId: "deaf" });
  let calls = 0;
  const listener = () => {
    calls += 1;
  };
  peer.client.on("server-message", listener);
  await service.sendToUser("deaf", "one");
  await peer.heardMessages("server", 1);
  peer.client.off("server-message", listener);
  await service.sendToUser("deaf", "two");
  await peer.heardMessages("server", 2);
  assert.equal(calls, 1);
});
