// The table: headings, order, and what stands in each cell.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

const HEADINGS = ["Date and Time", "Action Name", "Resource Name", "User"];

export async function tableHasTheFourColumns(browser, site) {
  const audit = await open(browser, site);
  const headings = await audit.page.$$eval("annals-table th", (cells) =>
    cells.map((cell) => ({
      text: cell.innerText,
      scope: cell.scope,
      sort: cell.ariaSort,
    })),
  );
  assert.deepEqual(
    headings.map(({ text }) => text),
    HEADINGS,
  );
  assert.deepEqual(
    headings.map(({ scope }) => scope),
    ["col", "col", "col", "col"],
  );
  assert.deepEqual(
    headings.map(({ sort }) => sort),
    ["descending", null, null, null],
  );
  const rows = await audit.rows();
  assert.equal(rows.length, site.events);
  const times = rows.map(({ exact }) => exact);
  assert.deepEqual(times, times.toSorted().toReversed());
  for (const time of times) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const complete = await audit.text("annals-log .complete");
  assert.match(complete, /^Complete through \d+ \w+ \d{4}, \d\d:\d\d:\d\d [+−]\d\d:\d\d\.$/);
  await audit.page.waitForSelector("annals-log .count >> text=/./");
  assert.equal(await audit.text("annals-log .count"), `${site.events} actions`);
  await audit.close();
}

export async function resourcesCarryTheirStory(browser, site) {
  const audit = await open(browser, site);
  const resource = async (action) => (await audit.row(action)).resource;
  assert.equal(await resource("Segment created"), "segment VIP now: VIP EU");
  assert.equal(await resource("Segment renamed"), "segment VIP → VIP EU");
  assert.equal(await resource("Source created"), "source Postgres (deleted)");
  assert.equal(await resource("Model updated"), "model Churn +2");
  assert.equal(await resource("Backup done"), "model model m-012345…");
  assert.equal(await resource("Login failed"), "–");
  const others = await audit.page.getAttribute("annals-table .more", "title");
  assert.equal(others, "segment: VIP EU\ndestination: Salesforce");
  await audit.close();
}

export async function usersAreNeverBlank(browser, site) {
  const audit = await open(browser, site);
  const user = async (action) => (await audit.row(action)).user;
  assert.equal(await user("Source created"), "Bob");
  assert.equal(await user("Model updated"), "Zoë (deleted)");
  assert.equal(await user("Segment shared"), "Ana ana@acme.test (on behalf of Bob)");
  assert.equal(await user("Segment copied"), "Ana ana.4@acme.test");
  assert.equal(await user("Sync failed"), "ci-bot API key");
  assert.equal(await user("Report sent"), "Service billing");
  assert.equal(await user("Backup done"), "System");
  assert.equal(await user("Login failed"), "Unknown user");
  for (const row of await audit.rows()) assert.notEqual(row.user, "", row.action);
  assert.equal((await audit.row("Sync failed")).action, "Sync failed failed");
  const bob = 'annals-table button.person:has-text("Bob")';
  assert.equal(await audit.page.getAttribute(bob, "title"), "bob@acme.test");
  await audit.close();
}
