// Starts an example by its command and opens pages of it in Chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { deadline } from "./emulator.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// `pids` grows with every start of the service; `address` is what the command tells to open.
export async function startExample(command, environment) {
  const settings = { cwd: root, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] };
  const child = spawn(command, settings);
  const example = { child, pids: [], errors: "" };
  child.stderr.on("data", (bytes) => (example.errors += bytes));
  const ready = new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += bytes;
      example.pids = [...text.matchAll(/^service: pid (\d+)$/gm)].map((match) => Number(match[1]));
      const address = /^\w+: (http:\S+)/m.exec(text);
      if (address) resolve(address[1]);
    });
    child.on("exit", (code) => reject(new Error(`${command} ended with ${code}: ${example.errors}`)));
  });
  example.address = await deadline(ready, command, 60000);
  example.stop = async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await deadline(ended, `the end of ${command}`);
  };
  return example;
}

export function launch() {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking"],
  });
}

// A page of its own context; what its console complains of is collected.
export async function openPage(browser, address, viewport) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A lost connection is what the test is about.
    if (message.type() === "error" && !/WebSocket|ERR_|Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(address);
  return { page, complaints };
}

// Where WEBPUBSUB_SCREENSHOTS names a folder, the picture goes there.
export async function picture(page, name) {
  const folder = process.env.WEBPUBSUB_SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
