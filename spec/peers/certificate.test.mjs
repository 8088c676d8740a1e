// The assertion of a certificate, verified by the npm package jose with what its own x5c says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { importX509, jwtVerify } from "jose";
import { luas, runLua } from "./library.mjs";

const password = "päss wörd";
const folder = mkdtempSync(join(tmpdir(), "webpubsub-"));
const at = (name) => join(folder, name);
const openssl = (...words) => execFileSync("openssl", words, { stdio: ["ignore", "pipe", "pipe"] });
const forms = [];
let server;

before(async () => {
  for (const name of ["own", "issuer"]) {
    const files = ["-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)];
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`, "-days", "2", ...files);
  }
  const pair = ["-in", at("own.crt"), "-inkey", at("own.key"), "-certfile", at("issuer.crt")];
  openssl("pkcs12", "-export", ...pair, "-passout", `pass:${password}`, "-out", at("own.pfx"));
  const locked = ["-in", at("own.key"), "-passout", `pass:${password}`, "-out", at("locked.key")];
  openssl("pkcs8", "-topk8", ...locked);
  const parts = ["issuer.crt", "locked.key", "own.crt"].map((name) => readFileSync(at(name)));
  writeFileSync(at("own.pem"), Buffer.concat(parts));
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    forms.push(new URLSearchParams(body));
    response.end('{"access_token":"abc","expires_in":3600}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});

after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

for (const [index, lua] of luas.entries()) {
  const algorithm = index % 2 ? "RS256" : "PS256";
  for (const file of ["own.pfx", "own.pem"]) {
    test(`jose verifies the ${algorithm} assertion of ${file}, on ${lua}`, async () => {
      const authority = `http://127.0.0.1:${server.address().port}`;
      await runLua(
        lua,
        `local webpubsub = require "webpubsub"
        local hub = assert(webpubsub.client {
          endpoint = "https://name.webpubsub.azure.com", hub = "chat",
          credential = assert(webpubsub.certificate_credential {
            tenant_id = "t", client_id = "the-client", certificate_path = os.getenv "FILE", password = os.getenv "WORD",
            send_certificate_chain = true, algorithm = "${algorithm}",
            authority = "${authority}", allow_insecure_connection = true,
          }),
        })
        assert(hub:prepare("send_to_all", "x"))`,
        { FILE: at(file), WORD: password, no_proxy: "*" },
      );
      const assertion = forms.pop().get("client_assertion");
      const [own, issuer] = ["own.crt", "issuer.crt"].map((name) => new X509Certificate(readFileSync(at(name))));
      const { payload, protectedHeader } = await jwtVerify(
        assertion,
        ({ x5c }) => importX509(new X509Certificate(Buffer.from(x5c[0], "base64")).toString(), algorithm),
        { algorithms: [algorithm], audience: `${authority}/t/oauth2/v2.0/token`, issuer: "the-client" },
      );
      assert.equal(payload.sub, "the-client");
      assert.deepEqual(
        protectedHeader.x5c,
        [own, issuer].map((certificate) => certificate.raw.toString("base64")),
      );
      const [member, hash] = algorithm === "PS256" ? ["x5t#S256", own.fingerprint256] : ["x5t", own.fingerprint];
      assert.equal(Buffer.from(protectedHeader[member], "base64url").toString("hex"), hash.replaceAll(":", "").toLowerCase());
    });
  }
}
