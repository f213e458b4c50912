import { mount } from "svelte";
import "../lib/base.css";
import { language } from "../lib/language.svelte";
import { theme } from "../lib/theme.svelte";
import App from "./App.svelte";
import { languages } from "./messages";
import "./requester.css";

theme.start();
language.start(languages);
mount(App, { target: document.getElementById("app")! });
