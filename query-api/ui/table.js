/** The table's rows: date and time, action name, resource name, user. */
import { foreign, make } from "./dom.js";
import { actorDetail, actorName, kindLabel, sharedNames, shortId } from "./people.js";
import { dateTime, duration } from "./time.js";

/** Names longer than this are cut to two lines until they have the focus. */
const LONG_NAME = 120;

/** Shows these rows and no others. */
export function renderRows(body, rows, filters) {
  const shared = sharedNames(rows);
  body.replaceChildren(...rows.map((row) => tableRow(row, shared, filters)));
}

function tableRow(row, shared, filters) {
  return make(
    "tr",
    { role: "row", "data-event-id": row.event_id },
    cell("Date and Time", timeCell(row)),
    cell("Action Name", actionCell(row)),
    cell("Resource Name", resourceCell(row, filters)),
    cell("User", userCell(row, shared, filters)),
  );
}

const hint = (...children) => make("span", { className: "hint" }, ...children);

function cell(label, children) {
  return make("td", { role: "cell", "data-label": label }, make("div", {}, ...children));
}

function badge(text, kind, title = "") {
  return make("span", { className: `badge ${kind}`, title }, text);
}

function timeCell(row) {
  const { text, offset } = dateTime(row.effective_at);
  const zone = make("span", { className: "offset" }, offset);
  const exact = { dateTime: row.effective_at, title: row.effective_at };
  const time = make("time", exact, text, " ", zone);
  const marks = [];
  if (row.clock === "ahead") {
    const claimed = `The producer said ${row.occurred_at}`;
    marks.push(badge("producer clock ahead", "warning", claimed));
  }
  if (row.clock === "assigned") {
    marks.push(badge("time of recording", "neutral", "The producer gave no time"));
  }
  if (row.late_by_seconds > 0) {
    const recorded = `Recorded ${row.recorded_at}`;
    marks.push(badge(`recorded ${duration(row.late_by_seconds)} later`, "neutral", recorded));
  }
  return [time, ...marks];
}

function actionCell(row) {
  const label = foreign(row.action_label || row.action);
  const name = make("span", { className: "action", title: row.action }, label);
  const bad = { failure: "failed", denied: "denied" }[row.outcome];
  return bad ? [name, badge(bad, "warning")] : [name];
}

function resourceCell(row, filters) {
  const [first, ...others] = row.resources ?? [];
  if (!first) return [make("span", { className: "none" }, "–")];
  const parts = [typeBadge(first.type, filters), resourceName(row, first)];
  const nameThen = renameOf(row)?.after ?? first.name;
  if (first.deleted) parts.push(hint("(deleted)"));
  else if (first.current_name && first.current_name !== nameThen) {
    parts.push(hint("now: ", foreign(first.current_name)));
  }
  const matched = row.resources.find((one) => one.matched_name && one.matched_name !== one.name);
  if (matched) parts.push(hint("matched: ", foreign(matched.matched_name)));
  if (others.length > 0) {
    const names = others.map((one) => `${one.type}: ${one.name || one.id}`).join("\n");
    parts.push(make("span", { className: "more", title: names }, `+${others.length}`));
  }
  return parts;
}

function resourceName(row, resource) {
  const renamed = renameOf(row);
  if (renamed) {
    const names = [foreign(renamed.before), " → ", foreign(renamed.after)];
    return make("span", { className: "name" }, ...names);
  }
  const unnamed = `${resource.type} ${shortId(resource.id ?? "")}`;
  const shown = resource.name?.trim() ? resource.name : unnamed;
  const long = shown.length > LONG_NAME;
  const properties = { className: long ? "name long" : "name", title: resource.id ?? "" };
  if (long) properties.tabIndex = 0;
  return make("span", properties, foreign(shown));
}

/** The change of the first resource's name, if this action was one. */
function renameOf(row) {
  const change = (row.changes ?? []).find((one) => one.path === "name");
  const texts = [change?.before, change?.after].every((name) => typeof name === "string" && name);
  return texts && change.before !== change.after ? change : null;
}

function typeBadge(type, filters) {
  const choose = () => filters.add("resource_type", type);
  const title = `Show only the type ${type}`;
  const properties = { type: "button", className: "badge type", title, onclick: choose };
  return make("button", properties, foreign(type));
}

function userCell(row, shared, filters) {
  const actor = row.actor ?? { kind: "unknown" };
  const name = actorName(actor);
  const parts = [actor.id ? userButton(actor, name, filters) : make("span", {}, foreign(name))];
  if (shared.has(name) && actorDetail(actor)) parts.push(hint(foreign(actorDetail(actor))));
  if (actor.on_behalf_of) {
    parts.push(hint("(on behalf of ", foreign(actorName(actor.on_behalf_of)), ")"));
  }
  if (actor.status === "former") parts.push(hint("(deleted)"));
  const kindIsSaid = actor.kind === "user" || name.startsWith(kindLabel(actor.kind));
  if (!kindIsSaid) parts.push(badge(kindLabel(actor.kind), "neutral"));
  return parts;
}

function userButton(actor, name, filters) {
  const choose = () => filters.add("actor", actor.id);
  const title = actorDetail(actor) || actor.id;
  const properties = { type: "button", className: "person", title, onclick: choose };
  return make("button", properties, foreign(name));
}
