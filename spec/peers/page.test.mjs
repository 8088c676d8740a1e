// The live page in a real browser.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { request } from "node:http";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { chromium } from "playwright-core";
import { startEmulator, eventually } from "./emulator.mjs";

const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
let emulator, browser;

before(async () => {
  emulator = await startEmulator();
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking"] });
});

after(async () => {
  await browser?.close();
  await emulator?.stop();
});

// A page of its own, and what it complained about or asked others for.
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  const seen = { errors: [], elsewhere: [] };
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (line) => line.type() === "error" && seen.errors.push(line.text()));
  page.on("request", (one) => new URL(one.url()).host !== new URL(emulator.endpoint).host && seen.elsewhere.push(one.url()));
  page.on("dialog", (dialog) => seen.errors.push("a dialog: " + dialog.message()) && dialog.dismiss());
  await page.goto(emulator.endpoint + "/");
  await page.getByText("Live at").waitFor();
  return { page, seen, context };
}

async function connect(page, user) {
  await page.getByRole("textbox", { name: "User" }).fill(user);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText("Connected as").waitFor();
}

test("connects, joins, sends, and sees the message arrive", async () => {
  const { page, seen, context } = await open();
  await connect(page, "ann");
  await page.getByRole("button", { name: "Join" }).click();
  await page.locator("#heard li", { hasText: "done" }).waitFor();
  await page.getByRole("textbox", { name: "Message" }).fill("Good morning");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator("#heard li", { hasText: "[lobby] ann Good morning" }).waitFor();
  const passed = page.locator("#journal li.message", { hasText: "Good morning" });
  await passed.getByText("chat → group lobby").waitFor();
  await passed.getByText("1 reached").waitFor();
  await page.locator("#there", { hasText: "chat: 1 connected, 1 groups" }).waitFor();

  await emulator.service("chat").sendToUser("ann", { from: "the official package" });
  await page.locator("#heard li", { hasText: '[server] {"from":"the official package"}' }).waitFor();
  await page.locator("#journal li.request", { hasText: "/api/hubs/chat/users/ann/:send" }).waitFor();

  await page.getByRole("combobox", { name: "Send as" }).selectOption("user");
  await page.getByRole("textbox", { name: "Name" }).fill("ann");
  await page.getByRole("combobox", { name: "Type" }).selectOption("json");
  await page.getByRole("textbox", { name: "Message" }).fill('{"score":3}');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator("#heard li", { hasText: '[server] {"score":3}' }).waitFor();
  if (process.env.SCREENSHOT) {
    await mkdir(dirname(process.env.SCREENSHOT), { recursive: true });
    await page.screenshot({ path: process.env.SCREENSHOT });
  }

  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("Not connected (closed with 1000").waitFor();
  await page.getByText("Nobody is connected.").waitFor();
  assert.deepEqual(seen, { errors: [], elsewhere: [] });
  await context.close();
});

test("shows hostile texts as texts", async () => {
  const { page, seen, context } = await open();
  const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  await connect(page, evil);
  await page.locator("#there", { hasText: evil }).waitFor();
  await emulator.service("chat").sendToAll(evil, { contentType: "text/plain" });
  await emulator.service("chat").group(evil.replaceAll("/", "|")).sendToAll({ html: evil });
  await page.locator("#heard li", { hasText: evil }).waitFor();
  await eventually(async () => (await page.locator("#journal li.message pre", { hasText: evil }).count()) >= 1, "the journal shows it");
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.deepEqual(seen, { errors: [], elsewhere: [] });
  await context.close();
});

test("keeps a bounded history and fits a phone", async () => {
  const { page, seen, context } = await open({ viewport: { width: 360, height: 740 } });
  const service = emulator.service("chat");
  for (let batch = 0; batch < 20; batch += 1) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => service.sendToAll(`m${batch * 20 + index}`, { contentType: "text/plain" })));
  }
  await service.sendToAll("the last one", { contentType: "text/plain" });
  await page.locator("#journal li.message", { hasText: "the last one" }).waitFor();
  assert.ok((await page.locator("#journal li").count()) <= 300);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `the page is ${width} wide`);
  assert.deepEqual(seen, { errors: [], elsewhere: [] });
  await context.close();
});

test("has a name for every control, and its order is that of the keyboard", async () => {
  const { page, context } = await open();
  const nameless = await page.evaluate(() => [...document.querySelectorAll("input, select, textarea, button")]
    .filter((one) => !(one.labels?.length || one.textContent.trim() || one.getAttribute("aria-label"))).map((one) => one.id));
  assert.deepEqual(nameless, []);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "hub");
  await context.close();
});

function get(path, headers) {
  return new Promise((resolve, reject) => {
    const url = new URL(path, emulator.endpoint);
    request(url, { headers }, (answer) => {
      let body = "";
      answer.on("data", (bytes) => (body += bytes));
      answer.on("end", () => resolve({ status: answer.statusCode, body, headers: answer.headers }));
    }).on("error", reject).end();
  });
}

test("gives nothing to another site: neither by a rebound name nor by a request across origins", async () => {
  const rebound = await get("/", { Host: "rebound.example" });
  assert.equal(rebound.status, 403);
  const own = await get("/", {});
  const token = /name="emulator-page" content="([^"]+)"/.exec(own.body)[1];
  assert.ok(!rebound.body.includes(token));
  assert.equal((await get("/_emulator/overview", { "X-Emulator-Page": token })).status, 200);
  assert.equal((await get("/_emulator/overview", { "X-Emulator-Page": token, Origin: "http://evil.example" })).status, 401);
  assert.equal((await get("/_emulator/overview", { "X-Emulator-Page": token, Host: "rebound.example" })).status, 401);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route("http://evil.example/", (route) => route.fulfill({ body: "<!doctype html>", contentType: "text/html" }));
  await page.goto("http://evil.example/");
  const outcome = await page.evaluate(async ([endpoint, header]) => {
    const tries = [fetch(endpoint + "/"), fetch(endpoint + "/_emulator/overview"),
      fetch(endpoint + "/_emulator/overview", { headers: { "X-Emulator-Page": header } })];
    return (await Promise.allSettled(tries)).map((one) => one.status);
  }, [emulator.endpoint, token]);
  assert.deepEqual(outcome, ["rejected", "rejected", "rejected"]);
  await context.close();
});
