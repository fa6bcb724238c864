import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

/** As tests/setup/ui has built it. */
const DIST = new URL("../dist", import.meta.url).pathname;
const LARGEST_BYTES = 60_000;

test("the one module of a host weighs at most 60 KB", () => {
  const bytes = gzipSync(readFileSync(`${DIST}/annals-log.js`), { level: 9 }).length;
  console.log(`# annals-log.js: ${bytes} bytes gzip`);
  expect(bytes).toBeLessThanOrEqual(LARGEST_BYTES);
});

test("the module loads nothing else but, when somebody asks for it, what verifies", () => {
  const text = (name: string) => readFileSync(`${DIST}/${name}`, "utf8");
  const imports = (name: string) => text(name).match(/\bimport(?:[\s{*"'`]|\([^)]*\))/g);
  expect(imports("annals-log.js")).toEqual(["import(`./annals-verdict.js`)"]);
  expect(imports("annals-verdict.js")).toBeNull();
});

test("the manifest describes the elements of hosts with all that they take and give", () => {
  const manifest = JSON.parse(readFileSync(`${DIST}/custom-elements.json`, "utf8"));
  const declared = manifest.modules.flatMap(
    (module: { declarations: unknown[] }) => module.declarations,
  );
  const log = declared.find((one: { tagName?: string }) => one.tagName === "annals-log");
  const names = (list: { name: string }[]) => list.map(({ name }) => name);
  const attributes = [
    "src",
    "workspace",
    "columns",
    "theme",
    "locale",
    "time-zone",
    "resource-url",
  ];
  expect(names(log.attributes)).toEqual(expect.arrayContaining(attributes));
  expect(names(log.events)).toContain("annals-open-resource");
  expect(names(log.cssProperties)).toContain("--annals-accent");
  for (const tagName of ["annals-resources", "annals-event", "annals-health"]) {
    expect(declared.some((one: { tagName?: string }) => one.tagName === tagName)).toBe(true);
  }
});
