// The page as a person meets it: opened with a sign-in link, read by its texts.
import assert from "node:assert/strict";

const PATIENCE_MS = 15_000;
/** The list call; not the count, which comes after it, and not the feed, which waits. */
export const LIST = /\/events\?(?!.*count=)/;

/** Opens the page in a context of its own. */
export async function open(browser, site, options = {}) {
  const { query = "", token = site.token, workspace = site.workspace, address, ...rest } = options;
  const settings = { locale: "en-GB", timezoneId: "Europe/Paris", ...rest };
  const context = await browser.newContext(settings);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const audit = new AuditPage(context, page);
  await audit.watch();
  const fragment = new URLSearchParams({ token, workspace });
  // A product's page has a way of its own to sign in, and parameters of its own.
  const link = address ? `${address}?tab=audit` : `${site.address}/ui/${query}#${fragment}`;
  await page.goto(link);
  await audit.settled();
  return audit;
}

const oneLine = (text) => text.replace(/\s+/g, " ").trim();

export class AuditPage {
  constructor(context, page) {
    this.context = context;
    this.page = page;
    this.alarms = [];
  }

  /** From now on notes every dialog, script error and breach of the content security policy. */
  async watch() {
    this.page.on("dialog", (dialog) => {
      this.alarms.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    this.page.on("pageerror", (error) => this.alarms.push(`script error: ${error.message}`));
    await this.page.exposeFunction("reportBreach", (what) => this.alarms.push(`breach: ${what}`));
    await this.page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.reportBreach(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }

  /** Waits until the list has an answer. */
  async settled() {
    const lists = ["annals-events section", "annals-resources .scroller"];
    const settled = lists.map((list) => `annals-log ${list}[aria-busy="false"]`);
    await this.page.waitForSelector(settled.join(", "));
  }

  /** Does something that loads other rows, and waits for them. */
  async after(action) {
    const answered = this.page.waitForResponse((response) => LIST.test(response.url()));
    await action();
    await answered;
    await this.settled();
  }

  /** The rows in sight: event id, exact time, texts of the cells by heading. */
  async rows() {
    const rows = await this.page.$$eval("annals-table tbody tr[data-event-id]", (rows) =>
      rows
        .sort((a, b) => a.dataset.index - b.dataset.index)
        .map((row) => {
          const [time, action, resource, user] = [...row.cells].map((cell) => cell.innerText);
          const exact = row.querySelector("time").title;
          return {
            id: row.dataset.eventId,
            exact,
            time,
            action,
            resource,
            user,
          };
        }),
    );
    const texts = ["time", "action", "resource", "user"];
    return rows.map((row) => ({
      ...row,
      ...Object.fromEntries(texts.map((name) => [name, oneLine(row[name])])),
    }));
  }

  /** All rows, in order, found by scrolling to the end. */
  async allRows() {
    const found = new Map();
    for (let step = 0; step < 500; step += 1) {
      const before = found.size;
      for (const row of await this.rows()) found.set(row.id, row);
      const isEnd = await this.scrollOn();
      if (isEnd && found.size === before) return [...found.values()];
    }
    throw new Error("the list has no end");
  }

  /** Scrolls on by less than what is in sight; whether that is the end and nothing is to come. */
  async scrollOn() {
    const isEnd = await this.page.$eval("annals-table .scroller", (scroller) => {
      scroller.scrollTop += scroller.clientHeight * 0.8;
      return scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
    });
    await this.page.evaluate(
      () => new Promise((go) => requestAnimationFrame(() => setTimeout(go))),
    );
    const toCome = this.page.locator("annals-table tr.to-come");
    await toCome.first().waitFor({ state: "detached" });
    return isEnd;
  }

  /** The ids of the rows in sight, in order. */
  async ids() {
    return (await this.rows()).map((row) => row.id);
  }

  /** The row of an action; there must be exactly one. */
  async row(action) {
    const found = (await this.rows()).filter((row) => row.action.startsWith(action));
    assert.equal(found.length, 1, `rows with action ${action}`);
    return found[0];
  }

  /** The parameters in the address, sorted. */
  parameters() {
    const pairs = [...new URL(this.page.url()).searchParams];
    return pairs.map(([name, value]) => `${name}=${value}`).sort();
  }

  /** The chosen filters as they are shown. */
  async chips() {
    return (await this.page.locator("annals-filters .chips li").allInnerTexts()).map(oneLine);
  }

  /** The text that stands in place of rows, or null. */
  async message() {
    const message = this.page.locator("annals-message .message");
    return (await message.count()) ? message.innerText() : null;
  }

  /** Text of the first element that matches, on one line. */
  async text(selector) {
    return oneLine(await this.page.locator(selector).first().innerText());
  }

  /** Clicks a button by its name. */
  press(name) {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Chooses a value in a list of values, as somebody typing would. */
  async choose(filter, value) {
    await this.page.click(`annals-combobox#${filter} .opener`);
    await this.after(async () => {
      await this.page.fill(`annals-combobox#${filter} input`, value);
      await this.page.press(`annals-combobox#${filter} input`, "Enter");
    });
    await this.page.press(`annals-combobox#${filter} input`, "Escape");
  }

  /** Opens an event beside the table. */
  async openEvent(action) {
    const row = await this.row(action);
    await this.page.click(`annals-table tr[data-event-id="${row.id}"] .action bdi`);
    await this.page.waitForSelector("annals-event h2");
    return row;
  }

  /** Ends the visit; nothing alarming may have happened. */
  async close() {
    await this.context.close();
    assert.deepEqual(this.alarms, []);
  }
}
