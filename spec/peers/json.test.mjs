// Our JSON encoder beside JSON.stringify.
import assert from "node:assert/strict";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { luas, runLua } from "./library.mjs";

// A fixed sequence (xorshift), so that a failure can be repeated.
function* bits(seed) {
  let state = seed;
  for (;;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

function doubles(count) {
  const view = new DataView(new ArrayBuffer(8));
  const source = bits(0x9e3779b9);
  const list = [];
  for (let exponent = -1074; exponent <= 1023; exponent++) {
    list.push(2 ** exponent, -(2 ** exponent) * 3);
  }
  for (const [mantissa, digits] of [[1, 25], [5, 25], [123456789, 30]]) {
    for (let shift = -digits; shift <= digits; shift++) list.push(Number(`${mantissa}e${shift}`));
  }
  while (list.length < count) {
    view.setUint32(0, source.next().value);
    view.setUint32(4, source.next().value);
    list.push(view.getFloat64(0));
  }
  return list.filter((value) => Number.isFinite(value) && value !== 0);
}

for (const lua of luas) {
  test(`numbers are written as JSON.stringify writes them, on ${lua}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "webpubsub-"));
    try {
      const values = doubles(30000);
      const file = join(folder, "numbers");
      // toPrecision(17) reads back exactly.
      writeFileSync(file, values.map((value) => value.toPrecision(17)).join("\n"));
      const printed = await runLua(
        lua,
        `local core, out = require "webpubsub.core", {}
         for line in io.lines(os.getenv "FILE") do out[#out + 1] = core.json_encode(tonumber(line) + 0.0) end
         print(table.concat(out, "\\n"))`,
        { FILE: file },
      );
      const lines = printed.trim().split("\n");
      assert.equal(lines.length, values.length);
      for (const [i, value] of values.entries()) assert.equal(lines[i], JSON.stringify(value));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test(`texts are escaped as JSON.stringify escapes them, on ${lua}`, async () => {
    let text = "";
    for (let code = 0; code < 0x3000; code++) text += String.fromCodePoint(code);
    text += "\u{1F600}\u{10FFFF}";
    const printed = await runLua(
      lua,
      `local core = require "webpubsub.core"
       io.write(core.json_encode(core.base64_decode(os.getenv "TEXT")))`,
      { TEXT: Buffer.from(text).toString("base64") },
    );
    assert.equal(printed, JSON.stringify(text));
  });
}
