import { mount } from "svelte";
import "../lib/base.css";
import { language } from "../lib/language.svelte";
import { at, holdIcon } from "../lib/root";
import { theme } from "../lib/theme.svelte";
import App from "./App.svelte";
import { tellDevice } from "./device";
import { languages } from "./messages";

holdIcon();
tellDevice();
theme.start();
void language.start(languages).then(() => mount(App, { target: document.getElementById("app")! }));

// Only where the connection is safe: browsers offer it nowhere else. A network that goes while the page is being kept leaves nothing.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  const keepPage = () => navigator.serviceWorker.register(at("/service-worker.js"), { scope: at("/work"), updateViaCache: "none" }).catch(() => undefined);
  void keepPage();
  addEventListener("online", () => void keepPage());
}
