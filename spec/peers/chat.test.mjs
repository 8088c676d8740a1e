// The chat example, played by two people in Chromium.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./emulator.mjs";
import { freePort, launch, openPage, picture, startExample } from "./pages.mjs";

let example;
let browser;
let ann;
let bob;

const people = ({ page }) => page.locator("#people li").allTextContents();
const messages = ({ page }) => page.locator("#messages li span").allTextContents();
const has = (visitor, text) => visitor.page.locator("#messages li span", { hasText: text }).waitFor();
const isConnected = ({ page }) => page.locator("#status.on").waitFor();

async function join(name, viewport) {
  const visitor = await openPage(browser, example.address, viewport);
  await visitor.page.fill("#name", name);
  await visitor.page.click("#enter button");
  await isConnected(visitor);
  return visitor;
}

async function say(visitor, text) {
  await visitor.page.fill("#text", text);
  await visitor.page.press("#text", "Enter");
}

before(async () => {
  const environment = { CHAT_PORT: String(await freePort()), SERVICE_PORT: String(await freePort()), CHAT_READY: "1" };
  example = await startExample("examples/openresty-chat/run", environment);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await example?.stop();
});

test("two people join and see each other, one on a phone", async () => {
  ann = await join("Ann", { width: 900, height: 620 });
  bob = await join("Bob", { width: 375, height: 667 });
  for (const visitor of [ann, bob]) {
    await eventually(async () => (await people(visitor)).join() === "Ann,Bob", "both are shown");
  }
  const width = await bob.page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 375, `the page is ${width} wide`);
});

test("what one says both read", async () => {
  await say(ann, "Hello Bob, are you in already?");
  await has(bob, "are you in already?");
  await say(bob, "Just came in. The train was late, so I am typing this on my phone.");
  await has(ann, "The train was late");
  assert.equal((await messages(ann)).length, 2);
});

test("a typing hint shows and goes", async () => {
  await bob.page.locator("#text").pressSequentially("hm");
  await ann.page.locator("#typing", { hasText: "Bob is typing" }).waitFor();
  await picture(ann.page, "chat");
  await bob.page.fill("#text", "");
  await eventually(async () => (await ann.page.textContent("#typing")) === "", "the hint is gone");
});

test("both find back after the service has restarted, and lose nothing that was said", async () => {
  process.kill(example.pids.at(-1), "SIGKILL");
  await eventually(() => example.pids.length === 2, "the service has been started again");
  for (const visitor of [ann, bob]) await isConnected(visitor);
  for (const visitor of [ann, bob]) {
    await eventually(async () => (await people(visitor)).join() === "Ann,Bob", "both are shown again");
  }
  await say(ann, "Still here?");
  await has(bob, "Still here?");
  assert.equal((await messages(bob)).length, 3);
  await picture(bob.page, "chat-phone");
});

test("what looks like markup is shown as the text that it is", async () => {
  const markup = "<img src=x onerror=document.title='owned'> & <b>bold</b>";
  await say(bob, markup);
  await has(ann, "onerror");
  assert.equal((await messages(ann)).at(-1), markup);
  assert.equal(await ann.page.title(), "Lobby");
  assert.equal(await ann.page.locator("#messages img, #messages b").count(), 0);
});

test("a newcomer reads what was said; who leaves is gone from the list", async () => {
  const eve = await join("Eve", { width: 900, height: 620 });
  await has(eve, "Still here?");
  assert.equal((await messages(eve)).length, 4);
  await eventually(async () => (await people(ann)).length === 3, "three are shown");
  await eve.page.context().close();
  await eventually(async () => (await people(ann)).join() === "Ann,Bob", "the third is gone");
});

test("forged events are refused, and no page complained", async () => {
  const forged = await fetch(`${example.address}/eventhandler`, {
    method: "POST",
    headers: {
      "WebHook-Request-Origin": "localhost",
      "Content-Type": "application/json",
      "ce-specversion": "1.0",
      "ce-type": "azure.webpubsub.user.say",
      "ce-hub": "chat",
      "ce-id": "1",
      "ce-connectionId": "x",
      "ce-userId": "Ann",
    },
    body: '{"text":"not me"}',
  });
  assert.equal(forged.status, 401);
  assert.deepEqual([...ann.complaints, ...bob.complaints], []);
  assert.match((await fetch(example.address)).headers.get("content-security-policy"), /default-src 'none'/);
});
