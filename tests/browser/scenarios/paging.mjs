// Pages: forth, back, and the browser's own back.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

const enabled = (audit, id) => audit.page.isEnabled(`#${id}`);

export async function pagesTurnForthAndBack(browser, site) {
  const audit = await open(browser, site);
  const seen = [await audit.ids()];
  assert.equal(await enabled(audit, "previous"), false);
  while (await enabled(audit, "next")) {
    await audit.after(() => audit.page.click("#next"));
    seen.push(await audit.ids());
  }
  assert.deepEqual(seen.map((page) => page.length), [50, 50, 20]);
  assert.equal(new Set(seen.flat()).size, site.events, "every event once");
  await audit.after(() => audit.page.click("#previous"));
  assert.deepEqual(await audit.ids(), seen[1]);
  await audit.after(() => audit.page.click("#previous"));
  assert.deepEqual(await audit.ids(), seen[0]);
  await audit.after(() => audit.page.goBack());
  assert.deepEqual(await audit.ids(), seen[1], "the browser's back goes back a page");
  await audit.after(() => audit.page.reload());
  assert.deepEqual(await audit.ids(), seen[1], "a reload stays on the page");
  await audit.after(() => audit.page.click("#refresh"));
  assert.deepEqual(await audit.ids(), seen[0], "refresh goes to the newest");
  await audit.close();
}

export async function aNewFilterStartsAtTheFirstPage(browser, site) {
  const audit = await open(browser, site);
  await audit.after(() => audit.page.click("#next"));
  await audit.add("actor", "u0");
  assert.deepEqual(audit.parameters(), ["actor=u0"]);
  assert.equal((await audit.rows()).length, 40);
  await audit.close();
}

export async function theKeyboardIsEnough(browser, site) {
  const audit = await open(browser, site);
  const first = await audit.ids();
  const focused = () => audit.page.evaluate(() => document.activeElement.id);
  await audit.page.focus("#refresh");
  await audit.page.keyboard.press("Tab");
  assert.equal(await focused(), "actor");
  await audit.page.focus("#next");
  const style = (button) => getComputedStyle(button).outlineStyle;
  const outline = await audit.page.$eval("#next", style);
  assert.equal(outline, "solid", "the focus is visible");
  await audit.after(() => audit.page.keyboard.press("Enter"));
  assert.notDeepEqual(await audit.ids(), first);
  await audit.close();
}
