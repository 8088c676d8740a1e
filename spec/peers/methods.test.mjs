// The public methods of the official packages: every one is called somewhere in these tests.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { WebPubSubServiceClient } from "@azure/web-pubsub";
import { WebPubSubClient } from "@azure/web-pubsub-client";
import { WebPubSubEventHandler } from "@azure/web-pubsub-express";

const folder = new URL(".", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".mjs") && name !== "methods.test.mjs");
const code = files.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");

const methodsOf = (object) =>
  Object.getOwnPropertyNames(object).filter((name) => name !== "constructor" && !name.startsWith("_") && typeof object[name] === "function");

const service = new WebPubSubServiceClient("http://h", { key: "k".repeat(32) }, "hub");
const all = {
  service: methodsOf(WebPubSubServiceClient.prototype),
  group: methodsOf(Object.getPrototypeOf(service.group("g"))),
  client: methodsOf(WebPubSubClient.prototype),
  express: methodsOf(WebPubSubEventHandler.prototype),
};

for (const [kind, names] of Object.entries(all)) {
  test(`every method of ${kind} is called`, () => {
    assert.ok(names.length > 0);
    const missing = names.filter((name) => !new RegExp(`\\.${name}\\(`).test(code));
    assert.deepEqual(missing, []);
  });
}
