// Modules without hashes in their names: one for hosts, one for the page at /ui/, and what the
// first loads when somebody asks for it.
import { defineConfig, type Plugin } from "vite";

/** Templates and styles are indented for people; nobody else needs the white space. */
const withoutIndentation: Plugin = {
  name: "without-indentation",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk") file.code = file.code.replace(/\n {2,}/g, " ");
    }
  },
};

/** What is loaded later loads nothing itself, so Vite's helper has nothing to do. */
const nothingToPreload: Plugin = {
  name: "nothing-to-preload",
  enforce: "pre",
  load: (id) =>
    id.includes("vite/preload-helper")
      ? "export const __vitePreload = (load) => load();"
      : undefined,
};

export default defineConfig({
  plugins: [nothingToPreload, withoutIndentation],
  build: {
    target: "es2022",
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { "annals-log": "src/annals-log.ts", host: "src/host/host.ts" },
      output: { entryFileNames: "[name].js", chunkFileNames: "annals-[name].js" },
      preserveEntrySignatures: "strict",
    },
  },
});
