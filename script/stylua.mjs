// Formats Lua files by stylua.toml (npm package @johnnymorganz/stylua).
//   node script/stylua.mjs --check FILE…   says which files are not formatted; exit code 1 if any
//   node script/stylua.mjs FILE…           formats them in place
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../spec/peers/package.json", import.meta.url));
const stylua = require("@johnnymorganz/stylua");

const settings = readFileSync(new URL("../stylua.toml", import.meta.url), "utf8");

function setting(name) {
  return new RegExp(`^${name} = "?([^"\\n]*)"?$`, "m").exec(settings)[1];
}

// A call of formatCode consumes its configuration.
function newConfig() {
  const config = stylua.Config.new();
  config.syntax = stylua.LuaVersion[setting("syntax")];
  config.column_width = Number(setting("column_width"));
  config.indent_type = stylua.IndentType[setting("indent_type")];
  config.indent_width = Number(setting("indent_width"));
  config.quote_style = stylua.QuoteStyle[setting("quote_style")];
  config.call_parentheses = stylua.CallParenType[setting("call_parentheses")];
  return config;
}

const check = process.argv[2] === "--check";
const files = process.argv.slice(check ? 3 : 2);
let wrong = 0;

for (const file of files) {
  const text = readFileSync(file, "utf8");
  const first = /^#!.*\n/.exec(text)?.[0] ?? ""; // stylua knows no interpreter line
  const formatted = first + stylua.formatCode(text.slice(first.length), newConfig(), undefined, stylua.OutputVerification.None);
  if (formatted === text) continue;
  wrong++;
  if (check) console.log(`${file}: not formatted; run node script/stylua.mjs ${file}`);
  else writeFileSync(file, formatted);
}

process.exit(check && wrong > 0 ? 1 : 0);
