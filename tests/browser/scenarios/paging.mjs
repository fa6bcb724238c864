// The endless list: every row once, nothing moves under a reader, and the keyboard is enough.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

export async function everyRowComesOnceWhileScrolling(browser, site) {
  const audit = await open(browser, site);
  const first = await audit.ids();
  const asked = [];
  audit.page.on("request", (request) => asked.push(request.url()));
  const rows = await audit.allRows();
  assert.equal(rows.length, site.events, "every event once");
  const times = rows.map(({ exact }) => exact);
  assert.deepEqual(times, times.toSorted().toReversed(), "newest first");
  const cursors = asked.filter((url) => url.includes("cursor="));
  assert.ok(cursors.length > 0);
  assert.equal(new Set(cursors).size, cursors.length, "each page is asked for once");
  await audit.page.$eval("annals-table .scroller", (scroller) => (scroller.scrollTop = 0));
  await audit.page.waitForSelector(`annals-table tr[data-event-id="${first[0]}"]`);
  assert.deepEqual(await audit.ids(), first, "back at the top are the same rows");
  await audit.close();
}

export async function aNewFilterStartsAtTheTop(browser, site) {
  const audit = await open(browser, site);
  await audit.scrollOn();
  await audit.choose("actor", "u0");
  assert.deepEqual(audit.parameters(), ["actor=u0"]);
  const top = await audit.page.$eval("annals-table .scroller", (scroller) => scroller.scrollTop);
  assert.equal(top, 0);
  assert.equal((await audit.allRows()).length, site.events / 3);
  await audit.close();
}

export async function newEventsAreAnnouncedAndMoveNothing(browser, site) {
  const audit = await open(browser, site);
  const before = await audit.ids();
  const event = { workspace_id: site.workspace, action: "segment.updated" };
  const sent = await fetch(`${site.address}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${site.writeOnlyToken}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(event),
  });
  assert.equal(sent.status, 202);
  const [{ event_id: id }] = (await sent.json()).items;
  const announced = audit.page.locator("annals-log .arrived");
  await announced.waitFor();
  assert.equal(await announced.innerText(), "1 new event");
  assert.deepEqual(await audit.ids(), before, "no row has moved");
  await audit.after(() => announced.click());
  assert.equal((await audit.ids())[0], id);
  assert.equal(await announced.count(), 0);
  await audit.close();
}

export async function theKeyboardIsEnough(browser, site) {
  const audit = await open(browser, site);
  const { page } = audit;
  const press = async (key, times = 1) => {
    for (let time = 0; time < times; time += 1) await page.keyboard.press(key);
  };
  const table = page.locator("annals-table");
  /** The row that has the focus, or null. */
  const row = () => table.evaluate((one) => one.shadowRoot.activeElement?.dataset.index ?? null);
  const isOn = async (index) => {
    const has = page.locator(`annals-table tr[data-index="${index}"]:focus`);
    await has.waitFor();
  };
  await page.focus("annals-search input");
  let steps = 0;
  for (; (await row()) === null; steps += 1) {
    assert.ok(steps < 20, "the first row is reached by Tab");
    await press("Tab");
  }
  await isOn(0);
  const first = page.locator('annals-table tr[data-index="0"]');
  assert.equal(await first.evaluate((one) => getComputedStyle(one).outlineStyle), "solid");
  await press("ArrowDown", 3);
  await isOn(3);
  await press("End");
  await isOn(site.events - 1);
  await press("Home");
  await isOn(0);
  await press("PageDown");
  await page.locator("annals-table tr:focus:not([data-index='0'])").waitFor();
  await press("Home");
  await isOn(0);
  await press("Tab");
  const next = await table.evaluate((one) => one.shadowRoot.activeElement.className);
  assert.equal(next, "badge type", "what a row offers comes after the row");
  await press("Shift+Tab");
  await press("Enter");
  await page.waitForSelector("annals-event h2");
  await press("Escape");
  await page.waitForSelector("annals-event", { state: "detached" });
  await isOn(0);
  await audit.close();
}
