// What the page says when there is nothing to show.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

export async function anEmptyWorkspaceIsNoError(browser, site) {
  const audit = await open(browser, site);
  assert.match(await audit.message(), /^No actions recorded yet/);
  assert.equal(await audit.page.locator("#message button").count(), 0);
  await audit.close();
}

export async function aFilterWithoutAHitOffersToClear(browser, site) {
  const audit = await open(browser, site, { query: "?resource_name=nowhere&actor=u1" });
  const message = await audit.message();
  assert.match(message, /^No actions match these filters/);
  assert.match(message, /Name: nowhere · User: u1/);
  await audit.after(() => audit.page.click("#message button >> text=Clear"));
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
    assert.equal(await audit.page.innerText("#complete"), "");
    assert.equal(await audit.page.isEnabled("#next"), false);
    await audit.close();
  }
}

export async function anUnreachableServerIsNoEmptyTable(browser, site) {
  const audit = await open(browser, site);
  await audit.context.setOffline(true);
  await audit.page.click("#refresh");
  await audit.page.waitForSelector("#message button >> text=Retry");
  assert.match(await audit.message(), /^Something went wrong/);
  await audit.context.setOffline(false);
  await audit.after(() => audit.page.click("#message button >> text=Retry"));
  assert.equal((await audit.rows()).length, site.events);
  assert.equal(await audit.message(), null);
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
  const heading = await other.innerText("#message h2");
  assert.equal(heading, "You do not have access", "another tab does not");
  await audit.close();
}
