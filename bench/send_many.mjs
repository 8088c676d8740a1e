// Sends of the same message by the official JavaScript package, WIDTH in flight. Prints microseconds per request.
// Usage: send_many.mjs ENDPOINT COUNT WIDTH
import { createRequire } from "node:module";

const require = createRequire(new URL("../spec/peers/package.json", import.meta.url));
const { WebPubSubServiceClient } = require("@azure/web-pubsub");
const [endpoint, count, width] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH";
const service = new WebPubSubServiceClient(`Endpoint=${endpoint};AccessKey=${key};Version=1.0;`, "chat", {
  allowInsecureConnection: true,
});
let left = count;

async function sender() {
  while (left-- > 0) await service.sendToAll({ from: "user1", data: "Hello world" });
}

const began = process.hrtime.bigint();
await Promise.all(Array.from({ length: width }, sender));
console.log((Number(process.hrtime.bigint() - began) / 1000 / count).toFixed(3));
