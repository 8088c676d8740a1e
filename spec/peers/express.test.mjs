// The official Express middleware as event handler of the local service, unmodified.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { WebPubSubEventHandler } from "@azure/web-pubsub-express";
import express from "express";
import WebSocket from "ws";
import { deadline, eventually, officialClient, startEmulator } from "./emulator.mjs";

const hub = "Chat";
const key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH";

let emulator;
let service;
let server;
let preflights;
let seen;
let handlers;
let open = [];

const accept = (_, response) => response.success();

before(async () => {
  const app = express();
  app.use((request, _, next) => {
    if (request.method === "OPTIONS") preflights.push(request.headers["webhook-request-origin"]);
    next();
  });
  const handler = new WebPubSubEventHandler(hub, {
    path: "/events",
    handleConnect: (request, response) => {
      seen.push(["connect", request]);
      handlers.connect(request, response);
    },
    handleUserEvent: (request, response) => {
      seen.push(["user", request]);
      handlers.user(request, response);
    },
    onConnected: (request) => seen.push(["connected", request]),
    onDisconnected: (request) => seen.push(["disconnected", request]),
  });
  preflights = [];
  app.use(handler.getMiddleware());
  server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const upstream = `http://127.0.0.1:${server.address().port}/events/{event}?hub={hub}`;
  emulator = await startEmulator("--upstream", upstream);
  service = emulator.service(hub);
});

afterEach(() => {
  for (const close of open) close();
  open = [];
});

after(async () => {
  assert.equal(await emulator.stop(), 0);
  server.closeAllConnections();
  server.close();
});

function fresh() {
  seen = [];
  handlers = { connect: accept, user: (_, response) => response.success() };
}

const kinds = () => seen.map(([kind]) => kind);
const last = (kind) => seen.filter(([one]) => one === kind).at(-1)?.[1];

async function connect(tokenOptions = {}, query = "") {
  const getClientAccessUrl = async () => (await service.getClientAccessToken(tokenOptions)).url + query;
  const peer = officialClient({ getClientAccessUrl });
  peer.id = await peer.connect();
  open.push(() => peer.client.stop());
  return peer;
}

async function bare(tokenOptions = {}, protocols = undefined) {
  const { url } = await service.getClientAccessToken(tokenOptions);
  const one = new WebSocket(url, protocols);
  const frames = [];
  one.on("message", (data, isBinary) => frames.push({ text: data.toString(), isBinary }));
  one.on("error", () => {});
  open.push(() => one.terminate());
  await deadline(once(one, "open"), "the WebSocket to open");
  return { one, frames };
}

async function refusedWith(tokenOptions = {}, protocols = undefined) {
  const { url } = await service.getClientAccessToken(tokenOptions);
  const one = new WebSocket(url, protocols);
  one.on("error", () => {});
  const [, response] = await deadline(once(one, "unexpected-response"), "a refusal");
  response.resume();
  return response.statusCode;
}

test("connect, connected, events and disconnected come in order, with what the client is", async () => {
  fresh();
  const peer = await connect({ userId: "ann", roles: ["webpubsub.sendToGroup.g"] }, "&colour=red&colour=blue");
  await peer.client.sendEvent("one", { n: 1 }, "json");
  await peer.client.sendEvent("two", "text ü", "text");
  await peer.client.sendEvent("three", new Uint8Array([0, 255]).buffer, "binary");
  peer.client.stop();
  await eventually(() => kinds().includes("disconnected"), "the client's end is heard");
  assert.deepEqual(kinds(), ["connect", "connected", "user", "user", "user", "disconnected"]);
  const request = last("connect");
  assert.equal(request.context.userId, "ann");
  assert.equal(request.context.hub, "chat");
  assert.equal(request.context.connectionId, peer.id);
  assert.equal(request.context.eventName, "connect");
  assert.equal(request.context.signature, `sha256=${createHmac("sha256", key).update(peer.id).digest("hex")}`);
  assert.deepEqual(request.queries, { colour: ["red", "blue"] });
  assert.deepEqual(request.subprotocols, ["json.webpubsub.azure.v1"]);
  assert.deepEqual(request.claims.sub, ["ann"]);
  assert.deepEqual(request.claims.role, ["webpubsub.sendToGroup.g"]);
  assert.deepEqual(request.headers.upgrade, ["websocket"]);
  const events = seen.filter(([kind]) => kind === "user").map(([, event]) => event);
  assert.deepEqual(events.map((event) => [event.context.eventName, event.dataType]), [
    ["one", "json"],
    ["two", "text"],
    ["three", "binary"],
  ]);
  assert.deepEqual(events[0].data, { n: 1 });
  assert.equal(events[1].data, "text ü");
  assert.deepEqual([...new Uint8Array(events[2].data)], [0, 255]);
  assert.equal(typeof last("disconnected").reason, "string");
  assert.ok(preflights.length >= 1);
  assert.equal(preflights[0], new URL(emulator.endpoint).host);
});

test("a connect answer gives the user, groups, roles and subprotocol", async () => {
  fresh();
  const roles = ["webpubsub.joinLeaveGroup.won", "webpubsub.sendToGroup.won"];
  handlers.connect = (_, response) =>
    response.success({ userId: "renamed", groups: ["first"], roles, subprotocol: "json.webpubsub.azure.v1" });
  const peer = await connect({ userId: "ann", roles: ["webpubsub.sendToGroup"], groups: ["token"] });
  assert.equal(await service.userExists("renamed"), true);
  assert.equal(await service.userExists("ann"), false);
  assert.equal(await service.groupExists("first"), true);
  assert.equal(await service.groupExists("token"), false);
  await peer.client.joinGroup("won");
  const forbidden = (error) => error.errorDetail?.name === "Forbidden";
  await assert.rejects(peer.client.sendToGroup("other", "x", "text"), forbidden);
  await eventually(() => last("connected")?.context.userId === "renamed", "connected names the new user");
});

test("connect answers 401, 400 and 403 refuse the handshake with their status", async () => {
  for (const status of [401, 400, 403]) {
    fresh();
    handlers.connect = (_, response) => response.fail(status, "no");
    assert.equal(await refusedWith(), status);
    assert.equal(kinds().includes("connected"), false);
  }
});

test("an empty 200 and a 204 accept with what the token says", async () => {
  fresh();
  handlers.connect = (_, response) => response.success({});
  await connect({ userId: "plain", groups: ["kept"] });
  assert.equal(await service.groupExists("kept"), true);
});

test("a subprotocol that was not offered, and groups that are none, are 500", async () => {
  fresh();
  handlers.connect = (_, response) => response.success({ subprotocol: "made.up" });
  assert.equal(await refusedWith({}, ["json.webpubsub.azure.v1"]), 500);
  handlers.connect = (_, response) => response.success({ groups: ["  "] });
  assert.equal(await refusedWith(), 500);
  handlers.connect = (_, response) => response.success({ groups: "no list" });
  assert.equal(await refusedWith(), 500);
});

test("the handler may choose a subprotocol that the service does not know", async () => {
  fresh();
  handlers.connect = (_, response) => response.success({ subprotocol: "my.own" });
  const peer = await bare({}, ["json.webpubsub.azure.v1", "my.own"]);
  assert.equal(peer.one.protocol, "my.own");
  handlers.user = (_, response) => response.success("simple", "text");
  peer.one.send("hello");
  await eventually(() => peer.frames.length === 1, "the answer has come");
  assert.deepEqual(peer.frames[0], { text: "simple", isBinary: false });
});

test("state set in connect and in events comes back with each later event", async () => {
  fresh();
  handlers.connect = (_, response) => {
    response.setState("step", 1);
    response.setState("name", "ü");
    response.success();
  };
  handlers.user = (request, response) => {
    if (request.context.eventName === "advance") response.setState("step", 2);
    response.success();
  };
  const peer = await connect();
  await eventually(() => last("connected"), "connected has come");
  assert.deepEqual(last("connected").context.states, { step: 1, name: "ü" });
  await peer.client.sendEvent("advance", "x", "text");
  await peer.client.sendEvent("look", "x", "text");
  assert.deepEqual(last("user").context.states, { step: 2, name: "ü" });
});

test("answers come to a JSON client as messages of the server, before the ack", async () => {
  fresh();
  const peer = await connect();
  const answers = [
    ["text ü", "text"],
    [JSON.stringify({ a: [1] }), "json"],
    [Buffer.from([1, 2, 3]), "binary"],
  ];
  for (const [data, kind] of answers) {
    handlers.user = (_, response) => response.success(data, kind);
    await peer.client.sendEvent("ask", "?", "text");
  }
  assert.deepEqual(peer.heard.server.map((message) => message.dataType), ["text", "json", "binary"]);
  assert.equal(peer.heard.server[0].data, "text ü");
  assert.deepEqual(peer.heard.server[1].data, { a: [1] });
  assert.deepEqual([...new Uint8Array(peer.heard.server[2].data)], [1, 2, 3]);
});

test("answers come to a simple client as frames", async () => {
  fresh();
  const peer = await bare();
  const answers = [
    ["text", "text"],
    ['{"a":1}', "json"],
    [Buffer.from("bytes"), "binary"],
  ];
  for (const [index, [data, kind]] of answers.entries()) {
    handlers.user = (_, response) => response.success(data, kind);
    peer.one.send("ask");
    await eventually(() => peer.frames.length === index + 1, "the answer has come");
  }
  assert.deepEqual(peer.frames, [
    { text: "text", isBinary: false },
    { text: '{"a":1}', isBinary: false },
    { text: "bytes", isBinary: true },
  ]);
  assert.equal(last("user").context.eventName, "message");
});

test("a failing handler is an error ack to a JSON client and the end of a simple one", async () => {
  fresh();
  handlers.user = (_, response) => response.fail(400, "no");
  const peer = await connect();
  const failed = (error) => error.errorDetail?.name === "InternalServerError";
  await assert.rejects(peer.client.sendEvent("bad", "x", "text"), failed);
  assert.equal(await service.connectionExists(peer.id), true);
  const simple = await bare();
  const closed = once(simple.one, "close");
  simple.one.send("bad");
  assert.equal((await deadline(closed, "the close"))[0], 1011);
});

test("a hundred events of a client are heard in the order in which it sent them", async () => {
  fresh();
  const peer = await connect();
  handlers.user = (request, response) => setTimeout(() => response.success(), request.data.n % 3);
  const sent = [];
  for (let n = 0; n < 100; n += 1) sent.push(peer.client.sendEvent("count", { n }, "json"));
  await deadline(Promise.all(sent), "all acks");
  const heard = seen.filter(([kind]) => kind === "user").map(([, request]) => request.data.n);
  assert.deepEqual(heard, Array.from({ length: 100 }, (_, n) => n));
});

test("a client closed by the service is heard of with its reason", async () => {
  fresh();
  const peer = await connect();
  await service.closeConnection(peer.id, { reason: "enough" });
  const own = () => seen.find(([kind, event]) => kind === "disconnected" && event.context.connectionId === peer.id);
  await eventually(own, "disconnected has come");
  assert.equal(own()[1].reason, "enough");
});
