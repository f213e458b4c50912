/** The worker's routes of docs/http-api.md. */

import { get, post } from "../lib/api";
import type { HistoryPage, Joined, Me, NextPage, OpenRun, RunTask, Submitted } from "../lib/records";
import type { Letter } from "./store";

const at = (...parts: string[]) => `/api/work/${parts.map(encodeURIComponent).join("/")}`;

export const join = (invitation: string, name: string, language: string) => post<Joined>(at("join"), { invitation, name, language });
export const comeBack = (token: string) => post<{ worker: string }>(at("return"), { token });
export const leave = () => post<unknown>(at("leave"));
export const me = () => get<Me>(at("me"));
export const change = (what: { language?: string; name?: string }) => post<Me>(at("me"), what);
export const runs = async () => (await get<{ runs: OpenRun[] }>(at("runs"))).runs;
export const task = (run: string) => get<RunTask>(at("runs", run));
export const history = async () => (await get<{ pages: HistoryPage[] }>(at("history"))).pages;
export const nextPage = (run: string, have: string[]) => post<NextPage>(at("runs", run, "pages"), { have });
export const submit = (letter: Letter) => post<Submitted>(at("pages", letter.page, "submit"), { answers: letter.answers });
export const skip = (page: string) => post<unknown>(at("pages", page, "skip"));
/** Outlives the tab, for pages that nobody will look at. */
export const release = (page: string) => post<unknown>(at("pages", page, "release"), {}, { keepalive: true });
