// Runs one scenario: node run.mjs NAME '{"address": …, "workspace": …, "token": …}'.
// Exit 0: it held.
import { launch } from "./browser.mjs";
import * as accessibility from "./scenarios/accessibility.mjs";
import * as embed from "./scenarios/embed.mjs";
import * as evidence from "./scenarios/evidence.mjs";
import * as filters from "./scenarios/filters.mjs";
import * as hostile from "./scenarios/hostile.mjs";
import * as paging from "./scenarios/paging.mjs";
import * as states from "./scenarios/states.mjs";
import * as stories from "./scenarios/stories.mjs";
import * as table from "./scenarios/table.mjs";
import * as time from "./scenarios/time.mjs";

const modules = [
  accessibility,
  embed,
  evidence,
  filters,
  hostile,
  paging,
  states,
  stories,
  table,
  time,
];
const scenarios = Object.assign({}, ...modules);
const [name, site] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario ${name} among ${Object.keys(scenarios)}`);
const browser = await launch();
try {
  await scenario(browser, JSON.parse(site));
  console.log(`${name} held`);
} finally {
  await browser.close();
}
