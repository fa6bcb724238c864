// For everybody: axe finds nothing serious, and small screens need no sideways scrolling.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { open } from "../audit-page.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STATES = [
  "",
  "?actor=u1&resource_type=segment&from=2024-01-01T00:00:00Z",
  "?resource_name=nowhere",
];
const SMALL = { viewport: { width: 320, height: 640 } };

export async function axeFindsNothingSerious(browser, site) {
  for (const query of STATES) {
    for (const look of [{ colorScheme: "light" }, { colorScheme: "dark" }, SMALL]) {
      const audit = await open(browser, site, { query, ...look });
      await audit.page.evaluate(AXE);
      const { violations, passes } = await audit.page.evaluate(() => globalThis.axe.run());
      assert.ok(passes.length > 20, "axe has really looked");
      const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      const found = serious.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
      assert.deepEqual(found, [], `${query} ${JSON.stringify(look)}`);
      await audit.context.close();
    }
  }
}

export async function everyFieldHasItsLabel(browser, site) {
  const audit = await open(browser, site, { query: "?actor=u1&from=2024-01-01T00:00:00Z" });
  const fields = {
    User: "actor",
    "Resource type": "resource-type",
    "Resource name": "resource-name",
    From: "from",
    "To, not included": "to",
  };
  for (const [label, id] of Object.entries(fields)) {
    const labels = await audit.page.$eval(`#${id}`, (field) =>
      [...field.labels].map((one) => one.innerText));
    assert.deepEqual(labels, [label]);
  }
  const names = ["Clear from", "Remove User Ana", "Clear all", "Refresh", "Previous", "Next"];
  for (const name of names) {
    const buttons = audit.page.getByRole("button", { name, exact: true });
    assert.equal(await buttons.count(), 1, name);
  }
  await audit.close();
}

/** How wide a screen must be to see everything, what a parent cuts off included. */
function neededWidth() {
  const parts = document.querySelectorAll("form *, tbody, tbody *, #message *, footer *, header *");
  const rights = [...parts].map((part) => part.getBoundingClientRect().right);
  return Math.floor(Math.max(document.documentElement.scrollWidth, ...rights));
}

export async function itFitsASmallScreen(browser, site) {
  for (const width of [320, 640, 1024]) {
    for (const query of STATES) {
      const audit = await open(browser, site, { query, viewport: { width, height: 640 } });
      const needed = await audit.page.evaluate(neededWidth);
      assert.ok(needed <= width, `${needed} px needed of ${width} with ${query}`);
      await audit.close();
    }
  }
  const audit = await open(browser, site, SMALL);
  const table = await audit.page.getByRole("table").getByRole("row").count();
  assert.equal(table, site.events + 1, "as cards it is still a table");
  assert.equal(await audit.page.getByRole("columnheader").count(), 4);
  await audit.close();
}
