// Starts the local service for a test file and the official packages' clients against it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WebPubSubServiceClient } from "@azure/web-pubsub";
import { WebPubSubClient, WebPubSubJsonProtocol } from "@azure/web-pubsub-client";

const command = fileURLToPath(new URL("../../lua/bin/webpubsub", import.meta.url));
const waitMilliseconds = 15000;

export function deadline(promise, what, milliseconds = waitMilliseconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Repeats a check until it holds.
export async function eventually(check, what) {
  const end = Date.now() + waitMilliseconds;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function greeting(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += bytes;
      const endpoint = /^endpoint: +(\S+)$/m.exec(text);
      const connectionString = /^connection string: +(\S+)$/m.exec(text);
      const client = /^client to try: +(\S+)$/m.exec(text);
      if (client) resolve({ endpoint: endpoint[1], connectionString: connectionString[1], clientUrl: client[1] });
    });
    child.on("exit", (code) => reject(new Error(`the emulator ended with ${code}: ${text}`)));
  });
}

// The child ends with this process: its lifeline is our end of its standard input.
export async function startEmulator(...options) {
  const settings = { stdio: ["pipe", "pipe", "inherit"] };
  const arguments_ = [command, "emulator", "--port", "0", "--log-level", "warn", "--lifeline", ...options];
  const child = spawn("luajit", arguments_, settings);
  const found = await deadline(greeting(child), "the emulator");
  return {
    ...found,
    process: child,
    service: (hub) => new WebPubSubServiceClient(found.connectionString, hub, { allowInsecureConnection: true }),
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await deadline(ended, "the emulator's end");
      return code;
    },
  };
}

// The official client with its non-reliable protocol, and what it has heard. `connect()` gives the connection id. Its keep-alive
// is off: its timers cannot be cancelled and would hold the process for 40 seconds after the last test.
export function officialClient(credential, options = {}) {
  const client = new WebPubSubClient(credential, {
    protocol: WebPubSubJsonProtocol(),
    autoReconnect: false,
    keepAliveIntervalInMs: 0,
    keepAliveTimeoutInMs: 0,
    messageRetryOptions: { maxRetries: 0 },
    ...options,
  });
  const heard = { group: [], server: [], disconnected: [] };
  client.on("group-message", (event) => heard.group.push(event.message));
  client.on("server-message", (event) => heard.server.push(event.message));
  client.on("disconnected", (event) => heard.disconnected.push(event.message));
  const stopped = new Promise((resolve) => client.on("stopped", resolve));
  return {
    client,
    heard,
    stopped,
    async connect() {
      const connected = new Promise((resolve) => client.on("connected", resolve));
      await client.start();
      const event = await deadline(connected, "the connected event");
      return event.connectionId;
    },
    heardMessages(kind, count) {
      return eventually(() => heard[kind].length >= count, `${count} ${kind} messages have come`);
    },
  };
}

export const bytesOf = (data) => Buffer.from(data);
