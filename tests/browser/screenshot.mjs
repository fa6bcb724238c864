// Takes the README's picture: node screenshot.mjs LINK FILE, LINK as printed by `annals up --demo`.
// An optional third argument is a query such as "?resource_type=segment".
import { launch } from "./browser.mjs";

const [link, file, query = ""] = process.argv.slice(2);
const browser = await launch();
const context = await browser.newContext({
  locale: "en-GB",
  timezoneId: "Europe/Paris",
  viewport: { width: 1280, height: 860 },
  colorScheme: process.env.SCHEME ?? "light",
});
const page = await context.newPage();
await page.goto(link.replace("/ui/", `/ui/${query}`));
await page.waitForSelector('annals-events section[aria-busy="false"] tr[data-event-id]');
await page.screenshot({ path: file });
await browser.close();
