// Filters: each alone, all together, in the address, and back.
import assert from "node:assert/strict";
import { open } from "../audit-page.mjs";

const actions = async (audit) => (await audit.rows()).map(({ action }) => action);
const SEARCH = "annals-search input";

export async function filtersCombineAndLiveInTheAddress(browser, site) {
  const audit = await open(browser, site);
  const everything = await audit.ids();
  await audit.choose("actor", "u2");
  assert.deepEqual(await actions(audit), ["Source deleted", "Source created"]);
  await audit.choose("actor", "u1");
  const both = await audit.rows();
  assert.ok(both.length > 2 && both.every(({ user }) => /^(Ana|Bob)/.test(user)));
  await audit.choose("resource_type", "segment");
  assert.deepEqual(await actions(audit), ["Segment shared", "Segment renamed", "Segment created"]);
  await audit.after(() => audit.page.locator(SEARCH).pressSequentially("vip"));
  assert.deepEqual(await actions(audit), ["Segment renamed", "Segment created"]);
  const chosen = ["actor=u1", "actor=u2", "resource_name=vip", "resource_type=segment"];
  assert.deepEqual(audit.parameters(), chosen);
  const chips = ["User: Ana", "User: Bob", "Name: vip", "Resource type: segment"];
  assert.deepEqual(await audit.chips(), chips);
  const rows = await audit.ids();
  await audit.after(() => audit.page.reload());
  assert.deepEqual(await audit.ids(), rows, "a reload shows the same");
  assert.equal(await audit.page.inputValue(SEARCH), "vip");
  await audit.after(() => audit.press("Remove Resource type segment"));
  assert.deepEqual(audit.parameters(), ["actor=u1", "actor=u2", "resource_name=vip"]);
  await audit.after(() => audit.press("Clear all"));
  assert.deepEqual(audit.parameters(), []);
  assert.deepEqual(await audit.ids(), everything);
  await audit.after(() => audit.page.goBack());
  assert.deepEqual(audit.parameters(), ["actor=u1", "actor=u2", "resource_name=vip"]);
  await audit.close();
}

export async function aClickOnAUserOrTypeNarrows(browser, site) {
  const audit = await open(browser, site);
  await audit.after(() => audit.page.click("annals-table button.person >> text=Zoë"));
  assert.deepEqual(audit.parameters(), ["actor=u3"]);
  await audit.after(() => audit.page.click("annals-table button.type >> text=model"));
  assert.deepEqual(audit.parameters(), ["actor=u3", "resource_type=model"]);
  assert.deepEqual(await actions(audit), ["Model updated"]);
  await audit.close();
}

export async function boundsAreLocalTimesAndClearAlone(browser, site) {
  // In 2024 Paris enters summer time on 31 March and leaves it on 27 October, at 01:00 UTC.
  const audit = await open(browser, site, {
    query: "?to=2024-10-28T00:00:00Z",
  });
  const bound = (name) => `annals-range input#${name}`;
  const change = (name, value) => async () => {
    await audit.page.fill(bound(name), value);
    await audit.page.dispatchEvent(bound(name), "change");
  };
  await audit.press("Date range");
  assert.equal(await audit.page.inputValue(bound("to")), "2024-10-28T01:00");
  await audit.after(change("from", "2024-10-27T00:00:00"));
  assert.deepEqual(audit.parameters(), ["from=2024-10-26T22:00:00Z", "to=2024-10-28T00:00:00Z"]);
  await audit.after(change("from", "2024-10-27T03:00:00"));
  assert.deepEqual(audit.parameters(), ["from=2024-10-27T02:00:00Z", "to=2024-10-28T00:00:00Z"]);
  await audit.after(() => audit.press("Clear From"));
  assert.deepEqual(audit.parameters(), ["to=2024-10-28T00:00:00Z"], "the other bound stays");
  await audit.after(change("from", "2024-03-31T03:00:00"));
  await audit.after(() => audit.press("Clear To, not included"));
  assert.deepEqual(audit.parameters(), ["from=2024-03-31T01:00:00Z"]);
  await audit.after(change("to", "2024-03-01T00:00:00"));
  assert.equal(await audit.text("annals-range .wrong"), "“From” must be before “To”.");
  assert.match(await audit.message(), /^This filter cannot be used/);
  await audit.close();
}

/** The days around both changes of the clock have 25 and 23 hours. */
export async function daysAreThoseOfTheShownZone(browser, site) {
  const days = {
    "2024-10-27": ["from=2024-10-26T22:00:00Z", "to=2024-10-27T23:00:00Z"],
    "2024-03-31": ["from=2024-03-30T23:00:00Z", "to=2024-03-31T22:00:00Z"],
  };
  for (const [day, expected] of Object.entries(days)) {
    const audit = await open(browser, site, {
      query: `?from=${day}T12:00:00Z&to=${day}T13:00:00Z`,
    });
    await audit.press("Date range");
    const number = Number(day.slice(-2));
    const cell = audit.page.locator(`calendar-month:not([offset]) button`, {
      hasText: `${number}`,
    });
    await audit.after(async () => {
      await cell.last().click();
      await cell.last().click();
    });
    assert.deepEqual(audit.parameters(), expected, day);
    await audit.close();
  }
}

export async function presetsAreFixedAtTheClick(browser, site) {
  const audit = await open(browser, site);
  const clicked = Date.now();
  await audit.press("Date range");
  await audit.after(() => audit.press("Last 24 hours"));
  const bounds = new URL(audit.page.url()).searchParams;
  const [from, to] = [Date.parse(bounds.get("from")), Date.parse(bounds.get("to"))];
  assert.equal(to - from, 86_400_000);
  assert.ok(Math.abs(to - clicked) < 60_000);
  await audit.after(() => audit.page.reload());
  assert.equal(new URL(audit.page.url()).searchParams.get("to"), bounds.get("to"));
  await audit.press("Date range");
  await audit.after(() => audit.press("Last 7 days"));
  const week = new URL(audit.page.url()).searchParams;
  const midnight = (iso) => new Date(iso).toLocaleTimeString("en-GB", { timeZone: "Europe/Paris" });
  assert.deepEqual([week.get("from"), week.get("to")].map(midnight), ["00:00:00", "00:00:00"]);
  await audit.close();
}

export async function anUnknownParameterIsNotIgnored(browser, site) {
  const audit = await open(browser, site, { query: "?actr=u1" });
  assert.deepEqual(await audit.rows(), []);
  assert.match(await audit.message(), /^This filter cannot be used[^]*actr/);
  await audit.after(() => audit.press("Clear"));
  assert.equal((await audit.rows()).length, site.events);
  await audit.close();
}

export async function listsOfferValuesWithTheirCounts(browser, site) {
  const audit = await open(browser, site, {
    query: "?resource_type=source&actor=u2",
  });
  await audit.page.click("annals-combobox#actor .opener");
  const people = audit.page.locator("annals-combobox#actor li[role=option]");
  await people.first().waitFor();
  const offered = async () =>
    (await people.allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
  // A list ignores its own filter, so that a second user can be picked.
  const [bob, other] = await offered();
  assert.equal(bob, "Bob bob@acme.test 2");
  assert.match(other, /^Ana ana(\.4)?@acme\.test 0$/);
  assert.equal(await people.first().getAttribute("aria-selected"), "true");
  await audit.page.fill("annals-combobox#actor input", "zoe");
  await audit.page.waitForSelector("annals-combobox#actor li >> text=Zoë");
  const groups = await audit.page.locator("annals-combobox#actor li.group").allInnerTexts();
  assert.equal(groups[0], "Former");
  assert.match((await offered())[0], /^Zoë zoe@acme\.test 0$/, "nobody is left out");
  await audit.close();
}

export async function aSuggestedResourceCanBePicked(browser, site) {
  const audit = await open(browser, site);
  await audit.page.locator(SEARCH).pressSequentially("vip");
  const first = audit.page.locator("annals-search li").first();
  await first.waitFor();
  assert.equal(await audit.page.locator("annals-table mark").first().innerText(), "VIP");
  await audit.after(() => first.click());
  assert.deepEqual(audit.parameters(), ["resource_id=s1", "resource_type=segment"]);
  assert.equal((await audit.chips())[0].startsWith("Resource: VIP"), true);
  await audit.close();
}

export async function standingViewsChooseTheirFilters(browser, site) {
  const audit = await open(browser, site);
  await audit.after(() => audit.press("Failed or denied"));
  assert.deepEqual(audit.parameters(), ["outcome=denied", "outcome=failure"]);
  assert.deepEqual(await actions(audit), ["Sync failed failed"]);
  await audit.after(() => audit.press("Deletions"));
  assert.deepEqual(audit.parameters(), ["kind=delete"]);
  assert.deepEqual(await actions(audit), ["User deleted", "Source deleted"]);
  await audit.after(() => audit.press("All actions"));
  assert.deepEqual(audit.parameters(), []);
  await audit.close();
}

export async function namesAreSearchedAsChosen(browser, site) {
  const audit = await open(browser, site, { query: "?resource_name=vip" });
  assert.deepEqual(await actions(audit), ["Model updated", "Segment renamed", "Segment created"]);
  await audit.press("More");
  const chosen = (label, value) => () =>
    audit.page.getByLabel(label, { exact: true }).selectOption(value);
  await audit.after(chosen("Name search", "exact"));
  await audit.after(chosen("Searched names", "event"));
  assert.deepEqual(await actions(audit), ["Segment created"], "no name but VIP itself, then");
  const parameters = ["name_match=exact", "name_scope=event", "resource_name=vip"];
  assert.deepEqual(audit.parameters(), parameters);
  assert.ok((await audit.chips()).includes("Name search: the whole name"));
  await audit.after(chosen("Searched names", "ever"));
  await audit.after(chosen("Name search", "contains"));
  assert.deepEqual(audit.parameters(), ["resource_name=vip"], "what is usual is not written down");
  await audit.close();
}

export async function kindsOfUsersAreChosen(browser, site) {
  const audit = await open(browser, site);
  await audit.press("More");
  await audit.after(() => audit.page.getByRole("checkbox", { name: "API key" }).click());
  assert.deepEqual(await actions(audit), ["Sync failed failed"]);
  await audit.after(() => audit.page.getByRole("checkbox", { name: "Service" }).click());
  assert.deepEqual(await actions(audit), ["Report sent", "Sync failed failed"]);
  assert.deepEqual(await audit.chips(), ["Kind of user: API key", "Kind of user: Service"]);
  await audit.close();
}
