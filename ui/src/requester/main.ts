import { mount } from "svelte";
import "../lib/base.css";
import { language } from "../lib/language.svelte";
import { holdIcon } from "../lib/root";
import { theme } from "../lib/theme.svelte";
import App from "./App.svelte";
import { languages } from "./messages";
import "./requester.css";

holdIcon();
theme.start();
void language.start(languages).then(() => {
  const target = document.getElementById("app")!;
  // Where a page does not exist, it says so without its scripts, too.
  target.replaceChildren();
  mount(App, { target });
});
