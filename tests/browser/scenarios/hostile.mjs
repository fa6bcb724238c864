// Names that try to be more than names.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

/** White space and control characters are shown as a browser shows them. */
const shown = (text) => text.replace(/\s+/g, " ").trim();
/** Everything that a name may have brought elements into. */
const PLACES = ["annals-table tbody *", ".chips *", "annals-message *", "annals-event *", "li *"];
/** What the page itself puts there. */
const OWN =
  "a:not([href]), bdi, button, code, dd, details, div, dl, dt, h2, h3, i, li, mark, p, path, pre," +
  " section, span, summary, svg, td, time, tr, ul, annals-changes, annals-message";

export async function namesAreTextAndNothingElse(browser, site) {
  const audit = await open(browser, site);
  const rows = await audit.allRows();
  assert.equal(rows.length, site.events);
  for (const payload of site.payloads) {
    const texts = rows.filter(({ resource }) => resource.includes(shown(payload)));
    assert.ok(texts.length > 0, `not shown as text: ${payload}`);
  }
  await assertNoForeignElements(audit);
  await audit.close();
}

export async function theirDetailsAreTextToo(browser, site) {
  const audit = await open(browser, site);
  await audit.page.locator("annals-table tr[data-index='0'] .action bdi").click();
  for (const step of site.payloads.slice(0, 40).keys()) {
    await audit.page.waitForSelector("annals-event h2");
    await assertNoForeignElements(audit);
    if (step < 39) await audit.press("Next event");
  }
  await audit.close();
}

export async function theAddressIsTextToo(browser, site) {
  for (const payload of site.payloads.slice(0, 8)) {
    const names = ["resource_name", "actor", "resource_type", "show"];
    const query = new URLSearchParams(names.map((name) => [name, payload]));
    const audit = await open(browser, site, { query: `?${query}` });
    await assertNoForeignElements(audit);
    await audit.close();
  }
}

/** Nothing that a name could have brought in: no element outside the page's own, no script run. */
async function assertNoForeignElements(audit) {
  const places = PLACES.map((place) =>
    audit.page.$$eval(
      place,
      (all, own) =>
        all.filter((element) => !element.matches(own)).map((element) => element.outerHTML),
      OWN,
    ),
  );
  assert.deepEqual((await Promise.all(places)).flat(), []);
  const attributes = await audit.page.$$eval("annals-log *", (all) =>
    all.flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith("on")),
  );
  assert.deepEqual(attributes, []);
  assert.equal(await audit.page.evaluate(() => window.stolen), undefined);
}
