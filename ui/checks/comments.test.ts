import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const COMPONENTS = new URL("../src/components", import.meta.url).pathname;

/** Class comment, base class and text of every component. */
const classes = readdirSync(COMPONENTS, { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .map(({ name }) => readFileSync(`${COMPONENTS}/${name}/${name}.component.ts`, "utf8"))
  .map((text) => {
    const found = /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport class (\w+) extends (\w+)/.exec(text);
    const [, comment = "", name = "", base = ""] = found ?? [];
    return { comment, name, base, text };
  });

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, one]) => one!);
const words = (text: string, pattern: RegExp) =>
  all(text, pattern).flatMap((list) => list.split(/,\s*|\s+/));

test("every part, slot and event of a component stands in its class comment", () => {
  expect(classes.length).toBeGreaterThan(15);
  for (const { comment, name, text } of classes) {
    const used = {
      csspart: words(text, /\b(?:part|exportparts)="([^"$]+)"/g),
      slot: all(text, /<slot(?: name="(\w+)")?>/g),
      fires: all(text, /emit\(this, "([\w-]+)"/g),
    };
    for (const [tag, names] of Object.entries(used)) {
      for (const one of new Set(names)) {
        const documented = new RegExp(`@${tag} ${one ?? ""}\\s*-`);
        expect(comment, `${name}: @${tag} ${one ?? ""}`).toMatch(documented);
      }
    }
  }
});

test("an element that hosts may use documents every attribute that it adds", () => {
  const open = classes.filter(({ base }) => base === "PublicElement");
  expect(open.map(({ name }) => name).sort()).toEqual([
    "AnnalsEvent",
    "AnnalsHealth",
    "AnnalsLog",
    "AnnalsResources",
  ]);
  for (const { comment, name, text } of open) {
    const properties = [...text.matchAll(/@property\((.*?)\) (?:override )?(\w+)/g)];
    for (const [, options = "", property = ""] of properties) {
      if (options.includes("attribute: false")) continue;
      const attribute = /attribute: "([\w-]+)"/.exec(options)?.[1] ?? property;
      expect(comment, name).toContain(`@attr ${attribute} -`);
    }
  }
});
