// Pure logic and the bundle in Node, components in a real Chromium (CHROMIUM names another one).
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "logic",
          include: ["src/{api,messages,model,proof}/*.test.ts", "checks/*.test.ts"],
        },
      },
      {
        // Found at once, or the page would be loaded again in the middle of a test.
        optimizeDeps: { include: ["axe-core", "cally", "lit", "@tanstack/lit-virtual"] },
        test: {
          name: "components",
          include: ["src/components/**/*.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: CHROMIUM, args: FLAGS } }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
