import { mount } from "svelte";
import "../lib/base.css";
import { language } from "../lib/language.svelte";
import { theme } from "../lib/theme.svelte";
import App from "./App.svelte";
import { languages } from "./messages";

theme.start();
language.start(languages);
mount(App, { target: document.getElementById("app")! });

// Only where the connection is safe: browsers offer it nowhere else.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js", { scope: "/work", updateViaCache: "none" }).catch(() => undefined);
}
