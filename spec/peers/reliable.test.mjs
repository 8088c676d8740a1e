// The official client with its default, reliable protocol, over connections that break.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { once } from "node:events";
import { connect as connectSocket, createServer } from "node:net";
import { WebPubSubServiceClient } from "@azure/web-pubsub";
import WebSocket from "ws";
import { WebPubSubJsonReliableProtocol } from "@azure/web-pubsub-client";
import { deadline, eventually, officialClient, startEmulator } from "./emulator.mjs";

const hub = "reliable";
const subprotocol = "json.reliable.webpubsub.azure.v1";
const everything = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"];

let emulator;
let service;
let proxy;
let open = [];

// Passes bytes on, and cuts the connections that go through it: RST, without a word of WebSocket.
async function startProxy(port) {
  const pairs = new Set();
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) return near.resetAndDestroy();
    const far = connectSocket(port, "127.0.0.1");
    const pair = { near, far };
    pairs.add(pair);
    for (const [one, other] of [[near, far], [far, near]]) {
      one.on("error", () => {});
      one.on("close", () => {
        pairs.delete(pair);
        other.destroy();
      });
      one.pipe(other);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    count: () => pairs.size,
    // How many connections it has cut.
    cut() {
      const count = pairs.size;
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
      pairs.clear();
      return count;
    },
    refuse(value) {
      refusing = value;
    },
    close() {
      this.cut();
      server.close();
    },
  };
}

before(async () => {
  emulator = await startEmulator();
  service = emulator.service(hub);
  proxy = await startProxy(new URL(emulator.endpoint).port);
});

afterEach(() => {
  for (const close of open) close();
  open = [];
  proxy.refuse(false);
});

after(async () => {
  assert.equal(await emulator.stop(), 0);
  proxy.close();
});

// A client URL through the proxy.
async function urlOf(through, tokenOptions) {
  const endpoint = `http://127.0.0.1:${through.port}`;
  const options = { allowInsecureConnection: true };
  const here = new WebPubSubServiceClient(emulator.connectionString.replace(emulator.endpoint, endpoint), hub, options);
  return (await here.getClientAccessToken(tokenOptions)).url;
}

async function connect(tokenOptions = {}, clientOptions = {}) {
  const getClientAccessUrl = () => urlOf(proxy, tokenOptions);
  const options = { protocol: WebPubSubJsonReliableProtocol(), autoReconnect: true, ...clientOptions };
  const peer = officialClient({ getClientAccessUrl }, options);
  peer.id = await peer.connect();
  open.push(() => peer.client.stop());
  return peer;
}

function raw(url) {
  const one = new WebSocket(url, subprotocol);
  const messages = [];
  one.on("message", (data) => messages.push(JSON.parse(data)));
  one.on("error", () => {});
  open.push(() => one.terminate());
  return { one, messages, closed: once(one, "close").then(([code]) => code) };
}

async function rawConnected() {
  const { url } = await service.getClientAccessToken({ userId: "raw" });
  const peer = raw(url);
  await eventually(() => peer.messages.length > 0, "connected has come");
  return { ...peer, connected: peer.messages[0] };
}

const base = () => `${emulator.endpoint.replace("http", "ws")}/client/hubs/${hub}`;
const recovery = (id, token) => raw(`${base()}?awps_connection_id=${id}&awps_reconnection_token=${encodeURIComponent(token)}`);

test("a hundred cuts in mid-stream lose nothing, repeat nothing and keep the order", async () => {
  const peer = await connect({ userId: "stream" });
  const rounds = 100;
  const perRound = 10;
  let sent = 0;
  let cuts = 0;
  for (let round = 0; round < rounds; round += 1) {
    const burst = [];
    for (let index = 0; index < perRound; index += 1) {
      burst.push(await service.sendToUser("stream", { n: sent }));
      sent += 1;
      if (index === perRound >> 1) cuts += proxy.cut();
    }
    await eventually(() => proxy.count() > 0, "the client is back");
  }
  await deadline(peer.heardMessages("server", sent), "all messages", 30000);
  assert.deepEqual(peer.heard.server.map((message) => message.data.n), Array.from({ length: sent }, (_, n) => n));
  assert.equal(cuts, rounds);
  assert.equal(peer.heard.disconnected.length, 0);
  assert.equal(await service.connectionExists(peer.id), true);
});

test("groups, roles and permissions outlive a cut, and requests on their way are answered", async () => {
  const peer = await connect({ roles: everything }, { messageRetryOptions: { maxRetries: 10, retryDelayInMs: 50 } });
  await peer.client.joinGroup("kept");
  await service.grantPermission(peer.id, "sendToGroup", { targetName: "granted" });
  await service.revokePermission(peer.id, "sendToGroup", { targetName: "revoked" });
  const sends = [];
  for (let n = 0; n < 20; n += 1) sends.push(peer.client.sendToGroup("kept", { n }, "json"));
  proxy.cut();
  await deadline(Promise.all(sends), "all acks", 30000);
  await peer.heardMessages("group", 20);
  const heard = peer.heard.group.map((message) => message.data.n).sort((a, b) => a - b);
  assert.deepEqual(heard, Array.from({ length: 20 }, (_, n) => n));
  const forbidden = (error) => error.errorDetail?.name === "Forbidden";
  await assert.rejects(peer.client.sendToGroup("revoked", "x", "text"), forbidden);
});

test("connected carries a token to come back with, and another one after that", async () => {
  const peer = await rawConnected();
  peer.one.terminate();
  const again = recovery(peer.connected.connectionId, peer.connected.reconnectionToken);
  await eventually(() => again.messages.length > 0, "connected has come again");
  assert.equal(again.messages[0].event, "connected");
  assert.equal(again.messages[0].connectionId, peer.connected.connectionId);
  assert.equal(again.messages[0].userId, "raw");
  assert.notEqual(again.messages[0].reconnectionToken, peer.connected.reconnectionToken);
});

test("what was not acknowledged comes again in order, what was acknowledged does not", async () => {
  const peer = await rawConnected();
  for (let n = 1; n <= 4; n += 1) await service.sendToUser("raw", { n });
  await eventually(() => peer.messages.length === 5, "four messages have come");
  assert.deepEqual(peer.messages.slice(1).map((message) => message.sequenceId), [1, 2, 3, 4]);
  peer.one.send('{"type":"sequenceAck","sequenceId":2}');
  peer.one.send('{"type":"ping"}');
  await eventually(() => peer.messages.at(-1).type === "pong", "the ack is read");
  peer.one.terminate();
  await service.sendToUser("raw", { n: 5 });
  const again = recovery(peer.connected.connectionId, peer.connected.reconnectionToken);
  await eventually(() => again.messages.length === 4, "three messages have come");
  assert.deepEqual(again.messages.slice(1).map((message) => [message.sequenceId, message.data.n]), [[3, 3], [4, 4], [5, 5]]);
});

test("wrong ids and tokens, and a session that is over, are closed with 1008", async () => {
  const peer = await rawConnected();
  const other = await rawConnected();
  const { connectionId, reconnectionToken } = peer.connected;
  for (const [id, token] of [
    ["unknown", reconnectionToken],
    [connectionId, "nonsense"],
    [connectionId, other.connected.reconnectionToken],
    [connectionId, `${reconnectionToken}x`],
  ]) {
    assert.equal(await deadline(recovery(id, token).closed, "the close"), 1008);
  }
  peer.one.close(1000);
  await peer.closed;
  assert.equal(await deadline(recovery(connectionId, reconnectionToken).closed, "the close"), 1008);
  await service.closeConnection(other.connected.connectionId);
  await other.closed;
  const late = recovery(other.connected.connectionId, other.connected.reconnectionToken);
  assert.equal(await deadline(late.closed, "the close"), 1008);
});

test("an ackId that has succeeded before the cut is a duplicate after it", async () => {
  const peer = await rawConnected();
  const event = '{"type":"event","event":"e","data":1,"ackId":3}';
  peer.one.send('{"type":"joinGroup","group":"none","ackId":1}');
  peer.one.send(event);
  await eventually(() => peer.messages.length === 3, "two acks have come");
  await service.grantPermission(peer.connected.connectionId, "joinLeaveGroup", { targetName: "none" });
  peer.one.send('{"type":"joinGroup","group":"none","ackId":2}');
  await eventually(() => peer.messages.length === 4, "the ack has come");
  assert.equal(peer.messages[3].success, true);
  peer.one.terminate();
  const again = recovery(peer.connected.connectionId, peer.connected.reconnectionToken);
  await eventually(() => again.messages.length > 0, "connected has come again");
  again.one.send('{"type":"joinGroup","group":"none","ackId":2}');
  await eventually(() => again.messages.length === 2, "the ack has come");
  assert.equal(again.messages[1].error.name, "Duplicate");
});

test("after a window of no time there is nothing to come back to, and the client starts anew and joins again", async () => {
  const config = new URL("./reliable.config.json", import.meta.url).pathname;
  const other = await startEmulator("--config", config);
  const through = await startProxy(new URL(other.endpoint).port);
  const getClientAccessUrl = () => urlOf(through, { roles: everything });
  const peer = officialClient({ getClientAccessUrl }, { protocol: WebPubSubJsonReliableProtocol(), autoReconnect: true });
  const first = await peer.connect();
  await peer.client.joinGroup("again");
  const connected = new Promise((resolve) => peer.client.on("connected", resolve));
  through.refuse(true);
  through.cut();
  await eventually(async () => !(await other.service(hub).connectionExists(first)), "the session is over");
  through.refuse(false);
  const { connectionId } = await deadline(connected, "a new connection");
  assert.notEqual(connectionId, first);
  await eventually(() => other.service(hub).groupExists("again"), "the client has joined again");
  peer.client.stop();
  assert.equal(await other.stop(), 0);
  through.close();
});

test("a message that expires while the client is away never comes", async () => {
  const peer = await rawConnected();
  peer.one.terminate();
  await service.sendToUser("raw", "short", { contentType: "text/plain", messageTtlSeconds: 1 });
  await service.sendToUser("raw", "long", { contentType: "text/plain", messageTtlSeconds: 300 });
  const sentAt = Date.now();
  await eventually(() => Date.now() > sentAt + 1100, "the message has expired");
  const again = recovery(peer.connected.connectionId, peer.connected.reconnectionToken);
  await eventually(() => again.messages.length > 1, "a message has come");
  assert.deepEqual(again.messages.slice(1).map((message) => [message.data, message.sequenceId]), [["long", 2]]);
});
