// Names that try to be more than names.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

/** White space is shown as a browser shows it. */
const shown = (text) => text.replace(/\s+/g, " ").trim();

export async function namesAreTextAndNothingElse(browser, site) {
  const audit = await open(browser, site);
  const rows = await audit.rows();
  for (const payload of site.payloads) {
    const texts = rows.filter(({ resource }) => resource.includes(shown(payload)));
    assert.ok(texts.length > 0, `not shown as text: ${payload}`);
  }
  await assertNoForeignElements(audit);
  await audit.close();
}

export async function theAddressIsTextToo(browser, site) {
  for (const payload of site.payloads.slice(0, 8)) {
    const names = ["resource_name", "actor", "resource_type"];
    const query = new URLSearchParams(names.map((name) => [name, payload]));
    const audit = await open(browser, site, { query: `?${query}` });
    await assertNoForeignElements(audit);
    await audit.close();
  }
}

/** Nothing that a name could have brought in: no element outside the page's own, no script run. */
async function assertNoForeignElements(audit) {
  const own = "a:not([href]), bdi, button, div, h2, li, p, span, td, time, tr, option";
  const foreign = await audit.page.$$eval("#rows *, #chips *, #message *, datalist *", (all, own) =>
    all.filter((element) => !element.matches(own)).map((element) => element.outerHTML), own);
  assert.deepEqual(foreign, []);
  const attributes = await audit.page.$$eval("#rows *", (all) =>
    all.flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith("on")));
  assert.deepEqual(attributes, []);
  assert.equal(await audit.page.evaluate(() => window.stolen), undefined);
}
