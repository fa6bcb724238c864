/** The filter form. What it shows comes from the address; what is entered goes there. */
import { foreign, make } from "./dom.js";
import { actorName } from "./people.js";
import { dateTime, localToUtc, utcToLocal } from "./time.js";

/** A pause in typing as long as this starts the search. */
const TYPING_PAUSE_MS = 250;
/** Parameters that say which page, not which rows. */
const PAGING = new Set(["cursor", "limit"]);
/** Parameters with a field of their own; all others are chips. */
const FIELDS = { resource_name: "resource-name", from: "from", to: "to" };
const LABELS = {
  actor: "User",
  resource_type: "Type",
  resource_name: "Name",
  from: "From",
  to: "To",
};

const element = (id) => document.getElementById(id);

export class Filters {
  #query = new URLSearchParams();
  #names = new Map();
  #types = new Set();
  #changed;
  #typing;

  /** `changed("push" | "replace")` is called after each change that a person made. */
  constructor(changed) {
    this.#changed = changed;
    this.#entry("actor", "actor");
    this.#entry("resource-type", "resource_type");
    this.#searchBox();
    this.#bound("from");
    this.#bound("to");
    element("filters").addEventListener("submit", (event) => event.preventDefault());
  }

  /** The list call's parameters for the first page of these filters. */
  parameters() {
    const query = new URLSearchParams(this.#query);
    query.delete("cursor");
    return query;
  }

  /** Whether any filter is set. */
  active() {
    return this.#chosen().length > 0;
  }

  /** All filters in one line. */
  summary() {
    const words = ([name, value]) => `${this.#label(name)}: ${this.#value(name, value)}`;
    return this.#chosen().map(words).join(" · ");
  }

  /** Adds a value to a repeatable filter. */
  add(name, value) {
    if (!this.#query.getAll(name).includes(value)) {
      this.#query.append(name, value);
      this.#changed("push");
    }
  }

  /** Forgets all filters, the page size excepted. */
  clear() {
    clearTimeout(this.#typing);
    const limit = this.#query.get("limit");
    this.#query = new URLSearchParams(limit ? { limit } : {});
  }

  /** Shows the filters of an address. */
  show(query) {
    this.#query = query;
    for (const [name, id] of Object.entries(FIELDS)) {
      const value = query.get(name) ?? "";
      const shown = name === "resource_name" ? value : utcToLocal(value);
      // What somebody is typing or choosing is not overwritten with an equal search.
      const same = element(id).value.trim() === shown.trim();
      const sameTime = name !== "resource_name" && localToUtc(element(id).value) === value;
      if (!same && !(value && sameTime)) element(id).value = shown;
    }
    for (const bound of ["from", "to"]) element(`clear-${bound}`).hidden = !query.has(bound);
    const chips = this.#chosen().filter(([name]) => !(name in FIELDS));
    element("chips").replaceChildren(...chips.map(([name, value]) => this.#chip(name, value)));
    element("clear-all").hidden = !this.active();
    this.#checkRange();
  }

  /** Takes suggestions from rows just seen. */
  learn(rows) {
    for (const { actor, resources } of rows) {
      if (actor?.id) this.#names.set(actor.id, actorName(actor));
      for (const resource of resources ?? []) this.#types.add(resource.type);
    }
    const people = [...this.#names].map(([id, name]) => make("option", { value: id, label: name }));
    element("actors-seen").replaceChildren(...people);
    const types = [...this.#types].sort().map((type) => make("option", { value: type }));
    element("types-seen").replaceChildren(...types);
    this.show(this.#query);
  }

  #chosen() {
    return [...this.#query].filter(([name, value]) => !PAGING.has(name) && value !== "");
  }

  #label(name) {
    return LABELS[name] ?? name;
  }

  #value(name, value) {
    if (name === "actor") return this.#names.get(value) ?? value;
    if (name !== "from" && name !== "to") return value;
    const { text, offset } = dateTime(value);
    return `${text} ${offset}`;
  }

  #set(name, value, how) {
    if (value) this.#query.set(name, value);
    else this.#query.delete(name);
    this.#changed(how);
  }

  #chip(name, value) {
    const shown = this.#value(name, value);
    const remove = () => {
      this.#query.delete(name, value);
      this.#changed("push");
    };
    const cross = make("span", { ariaHidden: "true" }, "×");
    const label = `Remove ${this.#label(name)} ${shown}`;
    const button = make("button", { type: "button", ariaLabel: label, onclick: remove }, cross);
    return make("li", { title: value }, `${this.#label(name)}: `, foreign(shown), button);
  }

  /** A field that adds a value on Enter, on leaving it, or when a suggestion is picked. */
  #entry(id, name) {
    const field = element(id);
    const take = () => {
      const value = field.value.trim();
      field.value = "";
      if (value) this.add(name, value);
    };
    field.addEventListener("change", take);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      take();
    });
  }

  #searchBox() {
    element("resource-name").addEventListener("input", (event) => {
      clearTimeout(this.#typing);
      const search = () => this.#set("resource_name", event.target.value.trim(), "replace");
      this.#typing = setTimeout(search, TYPING_PAUSE_MS);
    });
  }

  #bound(name) {
    element(name).addEventListener("change", (event) => {
      this.#set(name, localToUtc(event.target.value), "push");
    });
    element(`clear-${name}`).addEventListener("click", () => {
      this.#set(name, null, "push");
      element(name).focus();
    });
  }

  #checkRange() {
    const [from, to] = ["from", "to"].map((name) => Date.parse(this.#query.get(name) ?? ""));
    const wrong = from >= to;
    element("filter-error").hidden = !wrong;
    element("filter-error").textContent = wrong ? "“From” must be before “To”." : "";
  }
}
