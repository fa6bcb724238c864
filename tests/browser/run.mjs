// Runs one scenario: node run.mjs NAME '{"address": …, "workspace": …, "token": …}'. Exit 0: it held.
import { launch } from "./browser.mjs";
import * as accessibility from "./scenarios/accessibility.mjs";
import * as filters from "./scenarios/filters.mjs";
import * as hostile from "./scenarios/hostile.mjs";
import * as paging from "./scenarios/paging.mjs";
import * as states from "./scenarios/states.mjs";
import * as table from "./scenarios/table.mjs";
import * as time from "./scenarios/time.mjs";

const scenarios = { ...accessibility, ...filters, ...hostile, ...paging, ...states, ...table, ...time };
const [name, site] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario ${name}; there are ${Object.keys(scenarios).join(", ")}`);
const browser = await launch();
try {
  await scenario(browser, JSON.parse(site));
  console.log(`${name} held`);
} finally {
  await browser.close();
}
