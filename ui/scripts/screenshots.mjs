// Takes a picture of every state, in light and dark: npm run screenshots, with a built binary.
// ui/screenshots/ is for looking at with a critical eye; docs/images/ is for the README.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright";
import { smallPng } from "./small-png.mjs";

const ROOT = new URL("../..", import.meta.url).pathname;
const BINARY = process.env.ANNALS_BIN ?? join(ROOT, "target/debug/annals");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const WIDE = { width: 1120, height: 680 };
const SMALL = { width: 320, height: 640 };
const LARGE = { width: 3840, height: 2160 };

const rows = "annals-table tr[data-event-id]";
const fulfill =
  (status, body = {}) =>
  (route) =>
    route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify(body) });
const refuse = (status, body) => (page) => page.route(/\/events\?/, fulfill(status, body));

/** Each state: where it is, what is arranged before, what is done there, and how large it is. */
const STATES = {
  table: {},
  "filter-users": {
    act: async (page) => {
      await page.click("annals-combobox#actor .opener");
      await page.waitForSelector("annals-combobox#actor li[role=option]");
    },
  },
  "filter-name": {
    act: async (page) => {
      await page.locator("annals-search input").pressSequentially("black fri");
      await page.waitForSelector("annals-search li");
      await page.waitForSelector("annals-table mark");
    },
  },
  "filter-dates": { act: (page) => page.click("annals-range .opener") },
  "filter-more": { act: (page) => page.click("annals-more .opener") },
  filtered: { query: "?actor=u1&actor=u2&resource_type=segment&kind=update" },
  event: {
    query: "?action=model.updated",
    act: async (page) => {
      await page.click(`${rows} td.time >> nth=2`);
      await page.waitForSelector("annals-event annals-changes");
    },
  },
  proof: { query: "?action=model.updated", act: (page) => verify(page, "nth=2") },
  resource: {
    query: "?show=resource:model:mdl_3",
    act: async (page) => {
      await page.waitForSelector("annals-timeline input[type=range]");
      await page.locator("annals-timeline input[type=range]").fill("20");
      await page.waitForSelector("annals-timeline tr.differs");
    },
  },
  actor: {
    query: "?show=actor:u4",
    act: (page) => page.waitForSelector("annals-actor .bar"),
  },
  resources: {
    query: "?view=resources&edited_by_other=true",
    act: (page) => page.waitForSelector("annals-resources tbody tr"),
  },
  export: {
    act: async (page) => {
      await page.click("annals-export .opener");
      await page.click("annals-export .popup button >> text=NDJSON");
      await page.waitForSelector("annals-export >> text=Done");
    },
  },
  arrivals: { act: (page) => page.waitForSelector("annals-events .arrived", { timeout: 60_000 }) },
  loading: { arrange: (page) => page.route(/\/events\?/, () => {}) },
  empty: { workspace: "empty" },
  "no-match": { query: "?resource_name=nowhere&actor=u1" },
  behind: {
    arrange: (page) =>
      page.route(/\/events\?/, async (route) => {
        const response = await route.fetch();
        const body = await response.json();
        body.snapshot.complete_through.time = new Date(Date.now() - 3_600_000).toISOString();
        await route.fulfill({ response, json: body });
      }),
  },
  "no-access": { arrange: refuse(403) },
  offline: {
    act: async (page) => {
      await page.context().setOffline(true);
      await page.getByRole("button", { name: "Refresh" }).click();
      await page.waitForSelector("annals-message");
    },
  },
  error: { arrange: refuse(500, { request_id: "01a21595-3c80-7590-ab76-70c3fe9d9068" }) },
  "bad-filter": { query: "?actr=u1" },
  health: {
    act: async (page) => {
      await page.click("text=Health");
      await page.waitForSelector("annals-health .figure");
    },
  },
  "small-table": { viewport: SMALL },
  "small-filters": { viewport: SMALL, act: (page) => page.click("annals-filters .fold") },
  "small-dates": {
    viewport: SMALL,
    act: async (page) => {
      await page.click("annals-filters .fold");
      await page.click("annals-range .opener");
    },
  },
  "small-event": {
    viewport: SMALL,
    act: async (page) => {
      await page.click(`${rows} td.time >> nth=0`);
      await page.waitForSelector("annals-event h2");
    },
  },
  "small-proof": { viewport: SMALL, act: (page) => verify(page, "nth=0") },
  large: {
    viewport: LARGE,
    act: async (page) => {
      await page.click(`${rows} td.time >> nth=2`);
      await page.waitForSelector("annals-event h2");
    },
  },
  french: { locale: "fr-FR" },
  contrast: { contrast: "more" },
};
/** The README's pictures. */
const IMAGES = { table: "audit-log", event: "event", resource: "history" };

const directory = mkdtempSync(join(tmpdir(), "annals-screenshots-"));
const annals = spawn(BINARY, ["up", "--demo", "--data", directory, "--listen", "127.0.0.1:0"], {
  stdio: ["ignore", "pipe", "ignore"],
});
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  const link = await signInLink();
  for (const [name, state] of Object.entries(STATES)) {
    if (process.argv[2] && !process.argv.slice(2).includes(name)) continue;
    for (const scheme of ["light", "dark"]) {
      await take(
        link,
        state,
        scheme,
        state.viewport ?? WIDE,
        `ui/screenshots/${name}-${scheme}.png`,
      );
    }
    const image = IMAGES[name];
    const size = { width: 1280, height: 800 };
    if (image) await take(link, state, "light", size, `docs/images/${image}.png`);
    console.log(name);
  }
} finally {
  await browser.close();
  annals.kill();
  rmSync(directory, { recursive: true, force: true });
}

/** Opens an event and verifies it; the demo signs half a minute after it was started. */
async function verify(page, which) {
  await page.click(`${rows} td.time >> ${which}`);
  const button = page.locator("annals-proof button").first();
  for (let tries = 0; tries < 60; tries += 1) {
    await button.click();
    const verdict = page.locator("annals-proof .verdict");
    await verdict.waitFor();
    await verdict.scrollIntoViewIfNeeded();
    if ((await verdict.innerText()).startsWith("Proven")) return;
    await page.waitForTimeout(1_000);
  }
  throw new Error("the demo does not sign");
}

/** The link that the demo prints. */
async function signInLink() {
  for await (const line of createInterface({ input: annals.stdout })) {
    const found = /^open (\S+)$/.exec(line);
    if (found) return found[1];
  }
  throw new Error("the demo printed no link");
}

async function take(link, state, colorScheme, viewport, file) {
  const { query = "", workspace, locale = "en-GB", contrast, arrange, act } = state;
  const look = { colorScheme, locale, contrast: contrast ?? null, viewport };
  const context = await browser.newContext({ timezoneId: "Europe/Paris", ...look });
  const page = await context.newPage();
  await arrange?.(page);
  const signIn = workspace ? emptyWorkspace(link, workspace) : link;
  await page.goto(signIn.replace("/ui/", `/ui/${query}`));
  const isLoading = state === STATES.loading;
  const answered = 'annals-log [aria-busy="false"]';
  await page.waitForSelector(isLoading ? 'section[aria-busy="true"]' : answered);
  await act?.(page);
  // The histogram and the count come after the rows.
  await page.waitForTimeout(500);
  writeFileSync(join(ROOT, file), smallPng(await page.screenshot()));
  await context.close();
}

/** A link to a workspace that nobody has acted in. */
function emptyWorkspace(link, workspace) {
  const command = ["token", "--data", directory, "--workspace", workspace, "--scope", "audit:read"];
  const token = execFileSync(BINARY, command, { encoding: "utf8" }).trim();
  return `${link.split("#")[0]}#${new URLSearchParams({ token, workspace })}`;
}
