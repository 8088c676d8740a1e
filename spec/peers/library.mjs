// Runs Lua against the working tree, for tests in which our library meets the official packages.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

export const luas = ["lua5.4", "luajit", "lua5.1", "lua5.3"];

// What the chunk printed. `values` are its environment variables.
export async function runLua(lua, chunk, values = {}) {
  const settings = { cwd: root, env: { ...process.env, ...values, LUA: lua }, maxBuffer: 1 << 26 };
  const { stdout } = await run("script/lua", ["-e", chunk], settings);
  return stdout;
}
