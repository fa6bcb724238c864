// Filters: each alone, all together, in the address, and back.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

const actions = async (audit) => (await audit.rows()).map(({ action }) => action);

export async function filtersCombineAndLiveInTheAddress(browser, site) {
  const audit = await open(browser, site);
  const everything = await audit.ids();
  await audit.add("actor", "u2");
  assert.deepEqual(await actions(audit), ["Source deleted", "Source created"]);
  await audit.add("actor", "u1");
  const both = await audit.rows();
  assert.ok(both.length > 2 && both.every(({ user }) => /^(Ana|Bob)/.test(user)));
  await audit.add("resource-type", "segment");
  assert.deepEqual(await actions(audit), ["Segment shared", "Segment renamed", "Segment created"]);
  await audit.after(() => audit.page.locator("#resource-name").pressSequentially("vip"));
  assert.deepEqual(await actions(audit), ["Segment renamed", "Segment created"]);
  const chosen = ["actor=u1", "actor=u2", "resource_name=vip", "resource_type=segment"];
  assert.deepEqual(audit.parameters(), chosen);
  const chips = await audit.page.locator("#chips li").allInnerTexts();
  assert.deepEqual(chips.map((chip) => chip.replace(/\s+/g, " ")), [
    "User: Bob ×",
    "User: Ana ×",
    "Type: segment ×",
  ]);
  const rows = await audit.ids();
  await audit.after(() => audit.page.reload());
  assert.deepEqual(await audit.ids(), rows, "a reload shows the same");
  assert.equal(await audit.page.inputValue("#resource-name"), "vip");
  await audit.after(() => audit.page.click("button[aria-label='Remove Type segment']"));
  assert.deepEqual(audit.parameters(), ["actor=u1", "actor=u2", "resource_name=vip"]);
  await audit.after(() => audit.page.click("#clear-all"));
  assert.deepEqual(audit.parameters(), []);
  assert.deepEqual(await audit.ids(), everything);
  await audit.after(() => audit.page.goBack());
  assert.deepEqual(audit.parameters(), ["actor=u1", "actor=u2", "resource_name=vip"]);
  await audit.close();
}

export async function aClickOnAUserOrTypeNarrows(browser, site) {
  const audit = await open(browser, site);
  await audit.after(() => audit.page.click("#rows button.person >> text=Zoë"));
  assert.deepEqual(audit.parameters(), ["actor=u3"]);
  await audit.after(() => audit.page.click("#rows button.type >> text=model"));
  assert.deepEqual(audit.parameters(), ["actor=u3", "resource_type=model"]);
  assert.deepEqual(await actions(audit), ["Model updated"]);
  await audit.close();
}

export async function boundsAreLocalTimesAndClearAlone(browser, site) {
  // In 2024 Paris enters summer time on 31 March and leaves it on 27 October, at 01:00 UTC.
  const audit = await open(browser, site, { query: "?to=2024-10-28T00:00:00Z" });
  const change = (id, value) => async () => {
    await audit.page.fill(`#${id}`, value);
    await audit.page.dispatchEvent(`#${id}`, "change");
  };
  assert.equal(await audit.page.inputValue("#to"), "2024-10-28T01:00");
  await audit.after(change("from", "2024-10-27T00:00:00"));
  assert.deepEqual(audit.parameters(), ["from=2024-10-26T22:00:00Z", "to=2024-10-28T00:00:00Z"]);
  await audit.after(change("from", "2024-10-27T03:00:00"));
  assert.deepEqual(audit.parameters(), ["from=2024-10-27T02:00:00Z", "to=2024-10-28T00:00:00Z"]);
  await audit.after(() => audit.page.click("#clear-from"));
  assert.deepEqual(audit.parameters(), ["to=2024-10-28T00:00:00Z"], "the other bound stays");
  await audit.after(change("from", "2024-03-31T03:00:00"));
  await audit.after(() => audit.page.click("#clear-to"));
  assert.deepEqual(audit.parameters(), ["from=2024-03-31T01:00:00Z"]);
  await audit.after(change("to", "2024-03-01T00:00:00"));
  assert.equal(await audit.page.innerText("#filter-error"), "“From” must be before “To”.");
  assert.match(await audit.message(), /^This filter cannot be used/);
  await audit.close();
}

export async function anUnknownParameterIsNotIgnored(browser, site) {
  const audit = await open(browser, site, { query: "?actr=u1" });
  assert.deepEqual(await audit.rows(), []);
  assert.match(await audit.message(), /^This filter cannot be used[^]*actr/);
  await audit.after(() => audit.page.click("#message button"));
  assert.equal((await audit.rows()).length, site.events);
  await audit.close();
}
