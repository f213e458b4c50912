/** Paths of the requester"s pages, read and written in one place. */

import { at } from "../lib/root";

export const TABS = ["overview", "workers", "items", "money", "preview"] as const;
export type Tab = (typeof TABS)[number];

export type Route =
  | { screen: "login" }
  | { screen: "runs" }
  | { screen: "run"; run: string; tab: Tab }
  | { screen: "item"; run: string; key: string }
  | { screen: "certificate"; run: string }
  | { screen: "pipeline"; pipeline: string }
  | { screen: "loop"; loop: string }
  | { screen: "payouts" }
  | { screen: "prices" }
  | { screen: "preview"; preview: string }
  | { screen: "people" }
  | { screen: "invitations" }
  | { screen: "person"; worker: string }
  | { screen: "inbox"; part: InboxPart }
  | { screen: "appeal"; run: string; page: string }
  | { screen: "unknown" };

export const INBOX = ["appeals", "messages"] as const;
export type InboxPart = (typeof INBOX)[number];

/** The screen of a path of the server's. */
export function parse(pathname: string): Route {
  const parts = segments(pathname);
  if (parts === null) return { screen: "unknown" };
  const [first, second, third, fourth] = parts;
  if (first === undefined) return { screen: "runs" };
  if (first === "login" && parts.length === 1) return { screen: "login" };
  if (first === "payouts" && parts.length === 1) return { screen: "payouts" };
  if (first === "prices" && parts.length === 1) return { screen: "prices" };
  if (first === "preview" && second && parts.length === 2) return { screen: "preview", preview: second };
  if (first === "people" && parts.length === 1) return { screen: "people" };
  if (first === "people" && second && parts.length === 2) return second === "invitations" ? { screen: "invitations" } : { screen: "person", worker: second };
  if (first === "inbox" && second === undefined) return { screen: "inbox", part: "appeals" };
  if (first === "inbox" && second === "messages" && parts.length === 2) return { screen: "inbox", part: "messages" };
  if (first === "inbox" && second === "appeals" && third && fourth && parts.length === 4) return { screen: "appeal", run: third, page: fourth };
  if (first === "pipelines" && second && parts.length === 2) return { screen: "pipeline", pipeline: second };
  if (first === "loops" && second && parts.length === 2) return { screen: "loop", loop: second };
  if (first !== "runs") return { screen: "unknown" };
  if (second === undefined) return { screen: "runs" };
  if (third === undefined) return { screen: "run", run: second, tab: "overview" };
  if (third === "items" && fourth !== undefined) return { screen: "item", run: second, key: parts.slice(3).join("/") };
  if (third === "certificate" && parts.length === 3) return { screen: "certificate", run: second };
  const tab = TABS.find((name) => name === third);
  return tab && parts.length === 3 ? { screen: "run", run: second, tab } : { screen: "unknown" };
}

/** Addresses as the browser has to know them. */
export const paths = {
  login: at("/login"),
  runs: at("/runs"),
  people: at("/people"),
  invitations: at("/people/invitations"),
  person: (worker: string) => at(`/people/${encodeURIComponent(worker)}`),
  inbox: (part: InboxPart = "appeals") => at(part === "appeals" ? "/inbox" : `/inbox/${part}`),
  appeal: (run: string, page: string) => at(`/inbox/appeals/${encodeURIComponent(run)}/${encodeURIComponent(page)}`),
  payouts: at("/payouts"),
  prices: at("/prices"),
  run: (run: string, tab: Tab = "overview") =>
    at(`/runs/${encodeURIComponent(run)}${tab === "overview" ? "" : `/${tab}`}`),
  pipeline: (pipeline: string) => at(`/pipelines/${encodeURIComponent(pipeline)}`),
  loop: (loop: string) => at(`/loops/${encodeURIComponent(loop)}`),
  certificate: (run: string) => at(`/runs/${encodeURIComponent(run)}/certificate`),
  item: (run: string, key: string) => at(`/runs/${encodeURIComponent(run)}/items/${keyed(key)}`),
};

/** A query with some of its parts changed; empty ones are left out. */
export function changed(query: URLSearchParams, changes: Readonly<Record<string, string>>): string {
  const other = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") other.delete(name);
    else other.set(name, value);
  }
  return other.toString();
}

/** The path"s decoded segments, or null where the address is not a proper one (`%E0%A4` and the like). */
function segments(pathname: string): string[] | null {
  try {
    return pathname
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** A key in a path. Its slashes stay, for proxies decode what stands for one; but not where a browser would rearrange the path. */
function keyed(key: string): string {
  const parts = key.split("/");
  return parts.some((part) => ["", ".", ".."].includes(part)) ? encodeURIComponent(key) : parts.map(encodeURIComponent).join("/");
}
