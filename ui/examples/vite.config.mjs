// Builds the React and the Vue host; plain HTML needs no build.
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const isCustomElement = (tag) => tag.startsWith("annals-");

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement } } })],
  build: {
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["react/index.html", "vue/index.html"] },
  },
});
