// Our event handler beside the official Express middleware: the same requests to both.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { WebPubSubEventHandler } from "@azure/web-pubsub-express";
import express from "express";
import { deadline } from "./emulator.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const keys = ["primary-key-0123456789-0123456789-01", "secondary-key-0123456789-0123456789"];
const origin = "name.webpubsub.azure.com";
const sign = (key, id) => "sha256=" + createHmac("sha256", key).update(id).digest("hex");

let ours;
let theirs;
let theirCalls = 0;
let theirStates;

async function startOurs() {
  const settings = { cwd: root, env: { ...process.env, LUA: "luajit" }, stdio: ["ignore", "pipe", "inherit"] };
  const child = spawn("script/lua", ["spec/events/server/site_main.lua", ...keys], settings);
  const [bytes] = await deadline(once(child.stdout, "data"), "the port of our handler");
  return { child, port: Number(bytes.toString()) };
}

async function startTheirs() {
  const handler = new WebPubSubEventHandler("chat", {
    path: "/eventhandler",
    handleConnect: (request, response) => {
      theirCalls += 1;
      theirStates = request.context.states;
      for (const [name, value] of Object.entries(JSON.parse(request.query?.set?.[0] ?? "{}"))) response.setState(name, value);
      response.success();
    },
    handleUserEvent: (request, response) => {
      theirCalls += 1;
      theirStates = request.context.states;
      response.success("", "text");
    },
    onConnected: () => (theirCalls += 1),
    onDisconnected: () => (theirCalls += 1),
  });
  const app = express();
  app.use(handler.getMiddleware());
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: server.address().port };
}

before(async () => {
  [ours, theirs] = await Promise.all([startOurs(), startTheirs()]);
});

after(() => {
  ours.child.kill();
  theirs.server.closeAllConnections();
  theirs.server.close();
});

const names = { connect: "sys.connect", connected: "sys.connected", disconnected: "sys.disconnected" };

function event(name, connection, changes = {}, body = "{}") {
  const headers = {
    "WebHook-Request-Origin": origin,
    "Content-Type": "application/json; charset=utf-8",
    "ce-specversion": "1.0",
    "ce-awpsversion": "1.0",
    "ce-type": `azure.webpubsub.${names[name] ?? `user.${name}`}`,
    "ce-source": `/hubs/chat/client/${connection}`,
    "ce-id": "1",
    "ce-time": "2026-01-02T03:04:05Z",
    "ce-hub": "chat",
    "ce-connectionId": connection,
    "ce-eventName": name,
    "ce-userId": "admin",
    ...changes,
  };
  for (const [header, value] of Object.entries(headers)) if (value === undefined) delete headers[header];
  return { headers, body };
}

function post(to, { headers, body }) {
  return deadline(
    new Promise((resolve, reject) => {
      const settings = { port: to.port, host: "127.0.0.1", path: "/eventhandler", method: "POST", headers, agent: false };
      const request = httpRequest(settings, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() }),
        );
      });
      request.on("error", reject);
      request.end(body);
    }),
    "an answer",
  );
}

const get = async (path) => (await fetch(`http://127.0.0.1:${ours.port}${path}`)).text();

const forgeries = {
  "no signature": undefined,
  "an empty signature": "",
  "a word": "trust me",
  "a hash of zeros": `sha256=${"0".repeat(64)}`,
  "a hash under a guessed key": sign("guess", "c1"),
  "the right hash of another connection": sign(keys[0], "c2"),
  "a cut hash": sign(keys[0], "c1").slice(0, -1),
  "the right digits under another name": sign(keys[0], "c1").replace("sha256", "sha1"),
};

for (const [what, signature] of Object.entries(forgeries)) {
  test(`a forged event with ${what} is accepted by the official middleware and gets 401 here`, async () => {
    for (const name of ["connect", "connected", "disconnected", "message"]) {
      const forged = event(name, "c1", { "ce-signature": signature });
      const [called, notes] = [theirCalls, await get("/notes")];
      const accepted = await post(theirs, forged);
      assert.ok(accepted.status === 200 || accepted.status === 204, String(accepted.status));
      assert.equal(theirCalls, called + 1);
      assert.equal((await post(ours, forged)).status, 401);
      assert.equal(await get("/notes"), notes);
    }
  });
}

test("an event signed with either key reaches our function", async () => {
  for (const key of keys) {
    const notes = await get("/notes");
    const { status } = await post(ours, event("connect", "c1", { "ce-signature": `sha512=00, ${sign(key, "c1")}` }));
    assert.equal(status, 200);
    assert.notEqual(await get("/notes"), notes);
  }
});

const states = [{ a: 1 }, { text: "ü ✓ 𝄞 \n\"", list: [], deep: { er: [1, null, { x: 0.1 }] } }, { visits: 41, big: 2 ** 53 - 1 }];

for (const state of states) {
  test(`a state of the official middleware is read here, and ours there: ${JSON.stringify(state)}`, async () => {
    const signed = { "ce-signature": sign(keys[0], "c9") };
    const body = JSON.stringify({ query: { set: [JSON.stringify(state)] } });
    const made = await post(theirs, event("connect", "c9", signed, body));
    const theirHeader = made.headers["ce-connectionstate"];
    const answer = await post(ours, event("message", "c9", { ...signed, "ce-connectionState": theirHeader }, '"x"'));
    assert.equal(answer.status, 200);
    const seen = JSON.parse((await get("/notes")).split("\n").at(-1));
    for (const [name, value] of Object.entries(state)) {
      // An empty list is an empty table in Lua.
      if (name !== "list" && name !== "deep") assert.deepEqual(seen.states[name], value);
    }
    const ourHeader = answer.headers["ce-connectionstate"];
    await post(theirs, event("message", "c9", { ...signed, "ce-connectionState": ourHeader }, '"x"'));
    assert.deepEqual(theirStates, { ...state, visits: (state.visits ?? 0) + 1 });
  });
}
