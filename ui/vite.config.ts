import { svelte } from "@sveltejs/vite-plugin-svelte";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";
import { install } from "./plugins/install";
import { licences } from "./plugins/licences";
import { messages } from "./plugins/messages";
import { notebook } from "./plugins/notebook";
import { offline } from "./plugins/offline";

/** Every page is an HTML file in this folder: a new one needs no entry here. */
const pages = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".html"));

const SERVICE_WORKER = "service-worker.js";

/** Where `npm run dev` finds the API: `DATAFORGE_URL=http://127.0.0.1:8000 npm run dev`. */
const server = process.env.DATAFORGE_URL ?? "http://127.0.0.1:8000";

/** Gives the dev server the addresses that DataForge's server gives to each page. */
const addresses: Plugin = {
  name: "addresses",
  configureServer(dev) {
    dev.middlewares.use((request, _response, next) => {
      const path = (request.url ?? "/").split("?")[0] ?? "/";
      if (/^\/(work|join)(\/|$)/.test(path)) request.url = "/worker.html";
      else if (/^\/((runs|preview|login)(\/|$)|$)/.test(path)) request.url = "/requester.html";
      next();
    });
  },
};

export default defineConfig(({ mode }) => ({
  plugins: [messages(), svelte(), addresses, offline("worker.html", SERVICE_WORKER), notebook("src/prices/widget.ts", "src/prices/form.css", "price-form"), licences("THIRD_PARTY.txt"), install(resolve(import.meta.dirname, "../src/dataforge/server/static"))],
  // A page names its files from where it is: the server may lie under a path, and writes the page for where it is shown.
  base: "./",
  // Tests mount components, so they need Svelte's browser build.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  // Messages are taken whole; by name they would be in the files twice.
  json: { namedExports: false },
  server: { proxy: { "/api": server } },
  build: {
    outDir: "dist",
    // The content security policy has no `data:` for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      input: [...pages, "src/service-worker/service-worker.ts"].map((file) => resolve(import.meta.dirname, file)),
      // A service worker is known by its address, which therefore has no hash.
      output: { entryFileNames: (chunk) => (chunk.name === "service-worker" ? SERVICE_WORKER : "assets/[name]-[hash].js") },
    },
  },
  // Making a window takes longer than most files of tests: those of a thread have one, and leave nothing in it.
  test: { environment: "jsdom", include: ["src/**/*.test.ts"], setupFiles: ["plugins/svelte-first.ts"], restoreMocks: true, pool: "threads", isolate: false, testTimeout: 30_000, hookTimeout: 30_000 },
}));
