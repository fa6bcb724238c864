// What the page says when there is nothing to show, or not everything.
import assert from "node:assert/strict";
import { LIST, open } from "../audit-page.mjs";

export async function anEmptyWorkspaceIsNoError(browser, site) {
  const audit = await open(browser, site);
  assert.match(await audit.message(), /^No actions recorded yet/);
  assert.equal(await audit.page.locator("annals-message button").count(), 0);
  await audit.close();
}

export async function aFilterWithoutAHitOffersToClear(browser, site) {
  const audit = await open(browser, site, {
    query: "?resource_name=nowhere&actor=u1",
  });
  const message = await audit.message();
  assert.match(message, /^No actions match these filters/);
  assert.match(message, /User: u1 · Name: nowhere/);
  await audit.after(() => audit.press("Clear"));
  assert.equal((await audit.rows()).length, site.events);
  assert.equal(await audit.message(), null);
  await audit.close();
}

export async function noAccessTellsNothing(browser, site) {
  const refused = [
    { token: site.writeOnlyToken },
    { token: `${site.token}x` },
    { token: "" },
    { workspace: "other" },
    { workspace: "does-not-exist" },
  ];
  for (const options of refused) {
    const audit = await open(browser, site, options);
    assert.match(await audit.message(), /^You do not have access/, JSON.stringify(options));
    assert.deepEqual(await audit.rows(), []);
    assert.equal(await audit.text("annals-log .complete"), "");
    assert.equal(await audit.text("annals-log .count"), "");
    await audit.close();
  }
}

export async function aRoleThatIsTakenAwayEndsThePage(browser, site) {
  const audit = await open(browser, site);
  await audit.page.route(/\/(feed|events)\?/, (route) =>
    route.fulfill({
      status: 403,
      contentType: "application/problem+json",
      body: "{}",
    }),
  );
  await audit.press("Refresh");
  await audit.page.waitForSelector("annals-message");
  assert.match(await audit.message(), /^You do not have access/);
  assert.deepEqual(await audit.rows(), [], "what was there is gone");
  await audit.close();
}

export async function anUnreachableServerIsNoEmptyTable(browser, site) {
  const audit = await open(browser, site);
  await audit.context.setOffline(true);
  await audit.press("Refresh");
  await audit.page.waitForSelector("annals-message button >> text=Retry");
  assert.match(await audit.message(), /^You are offline/);
  await audit.context.setOffline(false);
  await audit.after(() => audit.press("Retry"));
  assert.equal((await audit.rows()).length, site.events);
  await audit.page.route(/\/events\?/, (route) => route.abort());
  await audit.press("Refresh");
  await audit.page.waitForSelector("annals-message button >> text=Retry");
  assert.match(await audit.message(), /^Something went wrong/);
  await audit.page.unroute(/\/events\?/);
  await audit.after(() => audit.press("Retry"));
  assert.equal((await audit.rows()).length, site.events);
  assert.equal(await audit.message(), null);
  await audit.close();
}

export async function aFaultOfTheServerNamesItsRequest(browser, site) {
  const audit = await open(browser, site);
  const problem = {
    title: "It broke",
    status: 500,
    request_id: "0190-request",
  };
  await audit.page.route(/\/events\?/, (route) =>
    route.fulfill({
      status: 500,
      contentType: "application/problem+json",
      body: JSON.stringify(problem),
    }),
  );
  await audit.press("Refresh");
  await audit.page.waitForSelector("annals-message");
  assert.match(await audit.message(), /^Something went wrong[^]*Request ID 0190-request$/);
  await audit.close();
}

export async function aServerThatIsBehindSaysSo(browser, site) {
  const audit = await open(browser, site);
  assert.equal(await audit.page.locator("annals-log .banner").count(), 0);
  await audit.page.route(LIST, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.snapshot.complete_through.time = "2024-05-01T12:00:00.000000Z";
    await route.fulfill({ response, json: body });
  });
  await audit.after(() => audit.press("Refresh"));
  const banner = await audit.text("annals-log .banner");
  assert.match(banner, /^Newer actions may be missing\. Complete through 1 May 2024, 14:00:00/);
  assert.equal((await audit.rows()).length, site.events, "the rows are there nevertheless");
  await audit.close();
}

export async function theTokenLeavesTheAddress(browser, site) {
  const audit = await open(browser, site, { query: "?actor=u1" });
  assert.equal(audit.page.url(), `${site.address}/ui/?actor=u1`);
  const rows = await audit.ids();
  await audit.after(() => audit.page.reload());
  assert.deepEqual(await audit.ids(), rows, "this tab remembers it");
  const other = await audit.context.newPage();
  await other.goto(`${site.address}/ui/?actor=u1`);
  const heading = await other.innerText("annals-message h2");
  assert.equal(heading, "You do not have access", "another tab does not");
  await audit.close();
}
