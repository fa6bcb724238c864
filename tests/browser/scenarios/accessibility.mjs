// For everybody: axe finds nothing, in any state; small screens need no sideways scrolling.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { open } from "../audit-page.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STATES = [
  "",
  "?actor=u1&resource_type=segment&from=2024-01-01T00:00:00Z",
  "?resource_name=nowhere",
  "?actr=u1",
  "?show=resource:segment:s1",
  "?show=actor:u1",
  "?view=resources",
];
const SMALL = { viewport: { width: 320, height: 640 } };
const LOOKS = [{ colorScheme: "light" }, { colorScheme: "dark" }, { contrast: "more" }, SMALL];

/** Whatever opens on a click. */
const OPENED = {
  "an event": (audit) => audit.openEvent("Segment renamed"),
  "the users": async (audit) => {
    await audit.page.click("annals-combobox#actor .opener");
    await audit.page.waitForSelector("annals-combobox#actor li[role=option]");
  },
  "the dates": (audit) => audit.press("Date range"),
  "more filters": (audit) => audit.press("More"),
  "the export": (audit) => audit.press("Export"),
  health: async (audit) => {
    await audit.page.click("text=Health");
    await audit.page.waitForSelector("annals-health .figure");
  },
};

export async function axeFindsNothing(browser, site) {
  for (const query of STATES) {
    for (const look of LOOKS) {
      const audit = await open(browser, { ...site, token: site.adminToken }, { query, ...look });
      await check(audit, `${query} ${JSON.stringify(look)}`);
      await audit.context.close();
    }
  }
}

export async function axeFindsNothingInWhatOpens(browser, site) {
  for (const [what, opens] of Object.entries(OPENED)) {
    for (const look of [{ colorScheme: "light" }, { colorScheme: "dark" }]) {
      const audit = await open(browser, { ...site, token: site.adminToken }, look);
      await opens(audit);
      await check(audit, `${what} ${JSON.stringify(look)}`);
      await audit.context.close();
    }
  }
}

async function check(audit, what) {
  await audit.page.locator("annals-panel [aria-busy=true]").waitFor({ state: "detached" });
  await audit.page.evaluate(AXE);
  const { violations, passes } = await audit.page.evaluate(() => globalThis.axe.run());
  assert.ok(passes.length > 20, "axe has really looked");
  const found = violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
  assert.deepEqual(found, [], what);
}

export async function everyFieldHasItsLabel(browser, site) {
  const audit = await open(browser, site, {
    query: "?actor=u1&from=2024-01-01T00:00:00Z",
  });
  const { page } = audit;
  const named = async (role, name) =>
    assert.equal(await page.getByRole(role, { name, exact: true }).count(), 1, `${role} ${name}`);
  await named("combobox", "Resource name");
  await named("combobox", "Times in");
  await named("table", "Actions, most recent first");
  const buttons = ["User 1", "Resource type", "Action", "Date range", "More", "Export", "Refresh"];
  for (const name of [...buttons, "Remove User Ana", "Clear all"]) await named("button", name);
  await audit.press("Date range");
  for (const name of ["From", "To, not included"]) {
    assert.equal(await page.getByLabel(name, { exact: true }).count(), 1, name);
  }
  await named("button", "Clear From");
  await audit.press("Resource type");
  await named("combobox", "Resource type");
  await named("listbox", "Resource type");
  await audit.close();
}

/** How wide a screen must be to see everything, what a parent cuts off included. */
function neededWidth() {
  const parts = [];
  const collect = (root) => {
    for (const part of root.querySelectorAll("*")) {
      // A text that ends in an ellipsis, and what scrolls by itself, needs no more room.
      if (part.matches(".unseen, .views *, .scroller table *")) continue;
      parts.push(part);
      if (part.shadowRoot) collect(part.shadowRoot);
    }
  };
  collect(document);
  const rights = parts.map((part) => part.getBoundingClientRect().right);
  return Math.floor(Math.max(document.documentElement.scrollWidth, ...rights));
}

export async function itFitsASmallScreen(browser, site) {
  for (const width of [320, 640, 1024]) {
    for (const query of STATES) {
      const audit = await open(browser, site, {
        query,
        viewport: { width, height: 640 },
      });
      const needed = await audit.page.evaluate(neededWidth);
      assert.ok(needed <= width, `${needed} px needed of ${width} with ${query}`);
      await audit.close();
    }
  }
  const audit = await open(browser, site, SMALL);
  const scroller = await audit.page.$eval("annals-table .scroller", (one) => [
    one.scrollWidth,
    one.clientWidth,
  ]);
  assert.equal(scroller[0], scroller[1], "cards need no sideways scrolling");
  const table = audit.page.getByRole("table");
  assert.equal(await table.getByRole("columnheader").count(), 4, "as cards it is still a table");
  assert.ok((await table.getByRole("row").count()) > 4);
  // The number comes after the rows.
  await audit.page.locator(`annals-table [aria-rowcount="${site.events + 1}"]`).waitFor();
  await audit.close();
}
