// The page as a person meets it: opened with a sign-in link, read by its texts.
import assert from "node:assert/strict";

const PATIENCE_MS = 15_000;

/** Opens the page in a context of its own. */
export async function open(browser, site, options = {}) {
  const { query = "", token = site.token, workspace = site.workspace, ...rest } = options;
  const settings = { locale: "en-GB", timezoneId: "Europe/Paris", ...rest };
  const context = await browser.newContext(settings);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const audit = new AuditPage(context, page);
  await audit.watch();
  const fragment = new URLSearchParams({ token, workspace });
  await page.goto(`${site.address}/ui/${query}#${fragment}`);
  await audit.settled();
  return audit;
}

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
    await this.page.waitForSelector('#list[aria-busy="false"]');
  }

  /** Does something that loads another page of rows, and waits for it. */
  async after(action) {
    const answered = this.page.waitForResponse((response) => response.url().includes("/v1/"));
    await action();
    await answered;
    await this.settled();
  }

  /** The rows: event id, exact time, texts of the cells by heading. */
  rows() {
    return this.page.$$eval("#rows tr", (rows) =>
      rows.map((row) => {
        const text = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
        const [time, action, resource, user] = [...row.cells].map(text);
        const exact = row.querySelector("time").title;
        return { id: row.dataset.eventId, exact, time, action, resource, user };
      }),
    );
  }

  /** The ids of the rows, in order. */
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

  /** The text that stands in place of rows, or null. */
  message() {
    return this.page.$eval("#message", (message) => (message.hidden ? null : message.innerText));
  }

  /** Adds a value to the field of users or types, as somebody typing would. */
  async add(field, value) {
    await this.after(async () => {
      await this.page.fill(`#${field}`, value);
      await this.page.press(`#${field}`, "Enter");
    });
  }

  /** Ends the visit; nothing alarming may have happened. */
  async close() {
    await this.context.close();
    assert.deepEqual(this.alarms, []);
  }
}
