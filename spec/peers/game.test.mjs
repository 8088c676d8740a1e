// The game example, played by two people in Chromium.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./emulator.mjs";
import { freePort, launch, openPage, picture, startExample } from "./pages.mjs";

let example;
let browser;
let ann;
let bob;

async function play(name, viewport) {
  const visitor = await openPage(browser, example.address, viewport);
  await visitor.page.fill("#name", name);
  await visitor.page.click("#enter button");
  await visitor.page.locator("#status.on").waitFor();
  return visitor;
}

// Where a page sees a player, by name.
async function place({ page }, name) {
  const line = page.locator("#scores li", { hasText: name });
  return (await line.count()) === 1 ? Number(await line.getAttribute("data-x")) : undefined;
}

const seesBoth = (visitor) =>
  eventually(async () => (await place(visitor, "Ann")) && (await place(visitor, "Bob")), "both players are shown");

before(async () => {
  const environment = { GAME_PORT: String(await freePort()), SERVICE_PORT: String(await freePort()), GAME_READY: "1" };
  example = await startExample("examples/game-loop/run", environment);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await example?.stop();
});

test("two players see each other", async () => {
  ann = await play("Ann", { width: 760, height: 640 });
  bob = await play("Bob", { width: 375, height: 667 });
  for (const visitor of [ann, bob]) await seesBoth(visitor);
  const width = await bob.page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 375, `the page is ${width} wide`);
});

test("what one does the other sees: by keys and by touch, and no further than the wall", async () => {
  const began = await place(bob, "Ann");
  await ann.page.keyboard.down("ArrowLeft");
  await eventually(async () => (await place(bob, "Ann")) < began - 30, "Ann is seen to move");
  await eventually(async () => (await place(bob, "Ann")) === 8, "Ann stands at the wall");
  await ann.page.keyboard.up("ArrowLeft");
  const stood = await place(ann, "Bob");
  const button = bob.page.locator("nav button[aria-label=right]");
  await button.dispatchEvent("pointerdown");
  await eventually(async () => (await place(ann, "Bob")) > stood + 30, "Bob is seen to move");
  await button.dispatchEvent("pointerup");
  await picture(ann.page, "game");
});

test("both play on after the service has restarted", async () => {
  process.kill(example.pids.at(-1), "SIGKILL");
  await eventually(() => example.pids.length === 2, "the service has been started again");
  for (const { page } of [ann, bob]) await page.locator("#status.on").waitFor();
  // The connections of before fall silent and are taken out of the world.
  for (const visitor of [ann, bob]) await seesBoth(visitor);
  const began = await place(bob, "Ann");
  await ann.page.keyboard.down("ArrowRight");
  await eventually(async () => (await place(bob, "Ann")) > began + 20, "Ann is seen to move");
  await ann.page.keyboard.up("ArrowRight");
  assert.deepEqual([...ann.complaints, ...bob.complaints], []);
});
