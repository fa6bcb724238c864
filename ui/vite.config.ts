// Two modules without hashes in their names: one for hosts, one for the page at /ui/.
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

export default defineConfig({
  plugins: [withoutIndentation],
  build: {
    target: "es2022",
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { "annals-log": "src/annals-log.ts", host: "src/host/host.ts" },
      output: { entryFileNames: "[name].js" },
      preserveEntrySignatures: "strict",
    },
  },
});
