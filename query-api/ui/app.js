/**
 * The audit log page: the address is the state, the server has the answers.
 *
 * Every parameter in the page's query goes to the list call as it is. So a page can be reloaded,
 * shared and gone back to, and a parameter unknown to the server is refused instead of ignored.
 */
import { fetchPage, Refusal } from "./client.js";
import { Filters } from "./filters.js";
import { showMessage, showRefusal } from "./messages.js";
import { openSession } from "./session.js";
import { renderRows } from "./table.js";
import { dateTime, zoneLabel } from "./time.js";

/** A page older than this says so in a banner. */
const BEHIND_MS = 60_000;

const element = (id) => document.getElementById(id);
const session = openSession();
const filters = new Filters((how) => go(how));
let running = new AbortController();
let page = { next: null, prev: null };

/** The list call's parameters, as they stand in the address. */
const parameters = () => new URLSearchParams(location.search);

/** Puts the filters' parameters into the address and shows that page. */
function go(how) {
  const query = filters.parameters().toString();
  const address = query ? `?${query}` : location.pathname;
  history[how === "replace" ? "replaceState" : "pushState"](null, "", address);
  load();
}

/** Shows the page that a cursor leads to. */
function turnTo(cursor) {
  const query = parameters();
  query.set("cursor", cursor);
  history.pushState(null, "", `?${query}`);
  load().then(() => element("list").scrollIntoView({ block: "nearest" }));
}

function startOver() {
  filters.clear();
  go("push");
}

async function load() {
  running.abort();
  const mine = new AbortController();
  running = mine;
  filters.show(parameters());
  element("list").setAttribute("aria-busy", "true");
  try {
    const body = await fetchPage(session, parameters(), mine.signal);
    if (mine === running) showPage(body);
  } catch (error) {
    if (mine === running) showFailure(error);
  } finally {
    if (mine === running) element("list").setAttribute("aria-busy", "false");
  }
}

function showPage(body) {
  renderRows(element("rows"), body.data, filters);
  filters.learn(body.data);
  showPaging(body.page);
  showCompleteness(body.snapshot.complete_through.time);
  if (body.data.length > 0) {
    element("message").hidden = true;
  } else if (filters.active()) {
    const chosen = filters.summary();
    showMessage("No actions match these filters", chosen, "Clear", startOver);
  } else {
    showMessage("No actions recorded yet", "New actions appear here as they happen.");
  }
}

function showFailure(error) {
  element("rows").replaceChildren();
  element("complete").textContent = "";
  element("behind").hidden = true;
  showPaging({ next: null, prev: null });
  const refusal = error instanceof Refusal ? error : new Refusal(0, {});
  showRefusal(refusal, { retry: load, startOver });
}

function showPaging(links) {
  page = links;
  element("next").disabled = !page.next;
  element("previous").disabled = !page.prev;
}

/** Says up to when everything is on the page; loudly when that is a while ago. */
function showCompleteness(time) {
  const shown = dateTime(time);
  const text = `Complete through ${shown.text} ${shown.offset}.`;
  element("complete").textContent = text;
  element("complete").title = time;
  const firstPage = !parameters().has("cursor");
  const behind = firstPage && Date.now() - Date.parse(time) > BEHIND_MS;
  element("behind").hidden = !behind;
  element("behind").textContent = behind ? `Newer actions may be missing. ${text}` : "";
}

element("next").addEventListener("click", () => turnTo(page.next));
element("previous").addEventListener("click", () => turnTo(page.prev));
element("refresh").addEventListener("click", () => {
  filters.show(parameters());
  go("push");
});
element("clear-all").addEventListener("click", startOver);
window.addEventListener("popstate", load);
element("workspace").textContent = session.workspace ? `Workspace ${session.workspace}` : "";
element("zone").textContent = zoneLabel();
load();
