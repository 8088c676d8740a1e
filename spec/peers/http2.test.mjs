// Our library speaks HTTP/2 on request, to Node's own server.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createSecureServer, createServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

// A certificate of its own for localhost; its folder goes with `dispose`.
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "http2-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"].concat(
      ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
    ),
    { stdio: "ignore" },
  );
  return { cert, options: { key: readFileSync(key), cert: readFileSync(cert) }, dispose: () => rmSync(folder, { recursive: true }) };
}

test("a poller shares one TLS connection between many requests over HTTP/2", async () => {
  const made = certificate();
  const server = createSecureServer(made.options);
  const waiting = [];
  let sessions = 0;
  server.on("session", () => sessions++);
  server.on("stream", (stream) => {
    stream.resume();
    stream.on("end", () => {
      // Nobody is answered before all twenty are here, so they were under way at once.
      waiting.push(stream);
      if (waiting.length === 20) {
        for (const each of waiting) {
          each.respond({ ":status": 202 });
          each.end();
        }
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const printed = await runLua(
      "lua5.4",
      `local webpubsub = require "webpubsub"
       local poller = assert(webpubsub.poller {
         http_version = "2", max_connections = 1, max_in_flight = 20, ca_file = "${made.cert}" })
       local hub = assert(webpubsub.client {
         endpoint = "https://localhost:${server.address().port}", hub = "chat", credential = "k", transport = poller })
       local sent = 0
       for i = 1, 20 do
         poller:spawn(function() assert(hub:send_to_all(i)) sent = sent + 1 end)
       end
       poller:run()
       poller:close()
       print(sent)`,
    );
    assert.equal(printed.trim(), "20");
    assert.equal(sessions, 1);
  } finally {
    server.close();
    made.dispose();
  }
});
