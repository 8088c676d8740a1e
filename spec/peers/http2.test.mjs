// Our library speaks HTTP/2 on request, to Node's own server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import { test } from "node:test";
import { runLua } from "./library.mjs";

for (const lua of ["lua5.4", "luajit"]) {
  test(`http_version = "2" sends over HTTP/2, on ${lua}`, async () => {
    const seen = [];
    const server = createServer();
    server.on("stream", (stream, headers) => {
      const chunks = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => {
        seen.push({ headers, body: Buffer.concat(chunks).toString() });
        stream.respond({ ":status": 202 });
        stream.end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await runLua(
        lua,
        `local hub = assert(require "webpubsub".client {
           endpoint = "http://127.0.0.1:${server.address().port}", hub = "chat", credential = "k", http_version = "2" })
         assert(hub:send_to_all { n = 1 }) assert(hub:send_to_all { n = 2 })`,
      );
      assert.deepEqual(seen.map((one) => one.body), ['{"n":1}', '{"n":2}']);
      assert.equal(seen[0].headers[":path"], "/api/hubs/chat/:send?api-version=2024-12-01");
      assert.equal(seen[0].headers[":method"], "POST");
    } finally {
      server.close();
    }
  });
}
