// What people come for: who changed this, when, from what to what, and how to undo it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open } from "../audit-page.mjs";

export async function anEventTellsWhatChanged(browser, site) {
  const audit = await open(browser, site);
  const row = await audit.openEvent("Segment tuned");
  const fields = await audit.page.locator("annals-changes dt").allInnerTexts();
  assert.deepEqual(
    fields.map((field) => field.trim()),
    ["filter.country", "note", "sql"],
  );
  const elements = await audit.page.locator("annals-changes dd.list .part").allInnerTexts();
  const words = elements.map((text) => text.replace(/\s+/g, " ").trim());
  assert.deepEqual(words, ["FR", "− before: IT", "+ after: DE"], "lists element by element");
  assert.equal(await audit.page.locator("annals-changes details").count(), 2, "long values fold");
  const details = await audit.text("annals-event .content");
  for (const text of [row.id, "req-77", "203.0.113.7", "u1", "12:12:00.000123", "Leaf hash"]) {
    assert.ok(details.includes(text), text);
  }
  await audit.close();
}

export async function theStateBeforeAndTheUndoCanBeCopied(browser, site) {
  const audit = await open(browser, site, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await audit.openEvent("Segment tuned");
  await audit.press("Copy the value of note before");
  await audit.page.waitForFunction(async () => (await navigator.clipboard.readText()) === "old");
  await audit.press("Copy patch that undoes this");
  // The patch is asked for first; the word of the copy before may still be on the screen.
  await audit.page.waitForFunction(async () => (await navigator.clipboard.readText()) !== "old");
  await audit.page.waitForSelector("annals-log .toast");
  const patch = JSON.parse(await audit.page.evaluate(() => navigator.clipboard.readText()));
  assert.deepEqual(patch.at(-1), {
    op: "replace",
    path: "/filter/country",
    value: ["FR", "IT"],
  });
  await audit.close();
}

export async function aResourceShowsWhatItWas(browser, site) {
  const audit = await open(browser, site);
  await audit.page.click("annals-table button.name >> text=VIP → VIP EU");
  await audit.page.waitForSelector("annals-timeline h2");
  assert.ok(audit.page.url().endsWith("?show=resource%3Asegment%3As1"));
  const facts = await audit.text("annals-timeline dl.facts");
  assert.match(facts, /^Created by Ana ana@acme\.test/);
  const value = (column) =>
    audit.text(`annals-timeline tr:has(bdi:text-is("name")) td:nth-of-type(${column})`);
  assert.deepEqual([await value(1), await value(2)], ["VIP EU", "VIP EU"]);
  await audit.page.locator("annals-timeline input[type=range]").fill("0");
  await audit.page.waitForSelector("annals-timeline tr.differs");
  assert.deepEqual([await value(1), await value(2)], ["VIP", "VIP EU"], "then against now");
  await audit.close();
}

export async function aLongHistoryIsSlidThroughToItsBeginning(browser, site) {
  const audit = await open(browser, site, { query: "?show=resource:segment:s1" });
  const slider = audit.page.locator("annals-timeline input[type=range]");
  await slider.waitFor();
  const value = () => audit.text('annals-timeline tr:has(bdi:text-is("step")) td:nth-of-type(1)');
  assert.equal(await value(), String(site.events));
  // Whoever slides to the oldest change that has been fetched gets those before it.
  for (let pages = Math.ceil(site.events / 50); pages > 0; pages -= 1) {
    const last = Number(await slider.getAttribute("max"));
    await slider.fill("0");
    if (pages > 1) await audit.page.waitForSelector(`annals-timeline input:not([max="${last}"])`);
  }
  assert.equal(Number(await slider.getAttribute("max")), site.events - 1);
  await audit.page.waitForSelector('annals-timeline td >> text="1"');
  assert.equal(await value(), "1");
  await audit.close();
}

export async function oneClickLeadsToTheResourceTheUserAndTheTime(browser, site) {
  const audit = await open(browser, site);
  await audit.page.click("annals-table button.name >> text=VIP → VIP EU");
  await audit.page.waitForSelector("annals-timeline h2");
  await audit.after(() => audit.press("Show in the table"));
  assert.deepEqual(audit.parameters(), ["resource_id=s1", "resource_type=segment"]);
  const rows = await audit.ids();
  const again = await open(browser, site, {
    query: new URL(audit.page.url()).search,
  });
  assert.deepEqual(await again.ids(), rows, "whoever gets the link sees the same");
  await again.close();
  await audit.after(() => audit.page.goBack());
  await audit.press("Close");
  const row = await audit.row("Sync failed");
  const around = audit.page.locator(`annals-table tr[data-event-id="${row.id}"] .around`);
  await audit.after(() => around.click());
  assert.deepEqual(audit.parameters(), [
    "from=2024-05-01T09:51:00.000Z",
    "to=2024-05-01T10:21:00.000Z",
  ]);
  await audit.close();
}

export async function aUsersPageTellsWhatTheyDid(browser, site) {
  const audit = await open(browser, site);
  await audit.openEvent("Source created");
  await audit.press("What they did");
  await audit.page.waitForSelector("annals-actor h2");
  assert.match(await audit.text("annals-actor h2"), /^Bob bob@acme\.test$/);
  assert.equal(await audit.page.locator("annals-actor .lines li").count(), 3);
  await audit.after(() => audit.press("Show in the table"));
  assert.deepEqual(audit.parameters(), ["actor=u2"]);
  await audit.close();
}

export async function resourcesTellTheirCreatorAndLastEditor(browser, site) {
  const audit = await open(browser, site);
  await audit.press("Edited by someone else");
  const rows = audit.page.locator("annals-resources tbody tr");
  await rows.first().waitFor();
  assert.deepEqual(audit.parameters(), ["edited_by_other=true", "view=resources"]);
  const texts = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  assert.equal(texts.length, 1);
  assert.match(texts[0], /^source Warehouse Bob bob@acme\.test Ana ana@acme\.test by another/);
  await audit.press("Resources");
  await audit.page.waitForSelector("annals-resources >> text=unknown (before recording)");
  await audit.close();
}

export async function aSourceIsTracedInOneLook(browser, site) {
  const query = "?resource_type=source&resource_name=warehouse&kind=create&kind=update";
  const audit = await open(browser, site, { query });
  const seen = (await audit.rows()).map(({ action, user }) => `${action} by ${user}`);
  assert.deepEqual(seen, ["Warehouse updated by Ana", "Warehouse created by Bob"]);
  await audit.close();
}

export async function zonesAreSwitchedAndRemembered(browser, site) {
  const audit = await open(browser, site, { timezoneId: "Asia/Kathmandu" });
  const time = async () => (await audit.row("Source created")).time.replace(/ recorded .*/, "");
  assert.equal(await time(), "1 May 2024, 15:47:00 +05:45");
  const ids = await audit.ids();
  await audit.page.getByLabel("Times in").selectOption("utc");
  assert.equal(await time(), "1 May 2024, 10:02:00 +00:00");
  assert.deepEqual(await audit.ids(), ids);
  await audit.after(() => audit.page.reload());
  assert.equal(await time(), "1 May 2024, 10:02:00 +00:00", "the choice is kept");
  await audit.close();
}

export async function theRangeIsDrawnInTheHistogram(browser, site) {
  const audit = await open(browser, site);
  const bars = audit.page.locator("annals-histogram .bar");
  await bars.first().waitFor();
  const full = audit.page.getByRole("button", {
    name: `1 May 2024: ${site.events} actions`,
  });
  await audit.after(() => full.click());
  assert.deepEqual(audit.parameters(), ["from=2024-04-30T22:00:00Z", "to=2024-05-01T22:00:00Z"]);
  assert.equal(await bars.count(), 24, "a day is cut into hours");
  await audit.close();
}

export async function whatIsShownIsExported(browser, site) {
  const options = {
    query: "?actor=u2",
    token: site.adminToken,
    acceptDownloads: true,
  };
  const audit = await open(browser, site, options);
  const ids = await audit.ids();
  await audit.press("Export");
  const downloaded = audit.page.waitForEvent("download");
  await audit.press("NDJSON");
  const path = await (await downloaded).path();
  const rows = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    rows.map((row) => row.event_id),
    ids,
    "the same rows in the same order",
  );
  await audit.page.waitForSelector("annals-export >> text=Done: 3 rows.");
  await audit.close();
  const reader = await open(browser, site);
  await reader.press("Export");
  await reader.press("CSV");
  await reader.page.waitForSelector("annals-export >> text=You do not have permission to export.");
  await reader.close();
}

export async function itSpeaksFrench(browser, site) {
  const audit = await open(browser, site, { locale: "fr-FR" });
  const headings = await audit.page.locator("annals-table th").allInnerTexts();
  assert.deepEqual(headings, ["Date et heure", "Action", "Ressource", "Utilisateur"]);
  const { time } = await audit.row("Source created");
  assert.match(time, /^1 mai 2024, 12:02:00 \+02:00 enregistrée \d+ j plus tard/);
  assert.equal(await audit.text("header h1"), "Paramètres", "the page around it as well");
  const tabs = await audit.page.getByRole("navigation", { name: "Paramètres" }).innerText();
  assert.equal(tabs.replace(/\s+/g, " "), "Journaux d’audit État");
  assert.equal(await audit.page.getAttribute("html", "lang"), "fr");
  await audit.close();
}

export async function healthAddsUp(browser, site) {
  const audit = await open(browser, site, { token: site.adminToken });
  await audit.page.click("text=Health");
  await audit.page.waitForSelector("annals-health .figure");
  const figures = (await audit.page.locator("annals-health .figure").allInnerTexts()).join(" ");
  assert.match(figures, /Complete through/);
  assert.match(figures, /Records\s+\d+\s+adds up/);
  const [partition] = await audit.page.locator("annals-health li").allInnerTexts();
  assert.match(partition.replace(/\s+/g, " "), /^0: live Position \d+$/);
  await audit.close();
  const reader = await open(browser, site);
  await reader.page.click("text=Health");
  await reader.page.waitForSelector("annals-health annals-message");
  assert.match(await reader.text("annals-health .message"), /^You do not have access/);
  await reader.close();
}
