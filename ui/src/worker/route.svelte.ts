/** Which screen is shown, by the page's address. */

import { goTo } from "../lib/back";
import { at, within } from "../lib/root";

export type Screen =
  | { kind: "join"; invitation: string }
  | { kind: "runs" }
  | { kind: "run"; run: string }
  | { kind: "training"; run: string }
  | { kind: "history" }
  | { kind: "messages" }
  | { kind: "unknown" };

/** The screen of a path of the server's. */
export function screenOf(path: string): Screen {
  const [, first, second, third, ...rest] = path.replace(/\/+$/, "").split("/").map(decode);
  if (first === "join" && second && third === undefined) return { kind: "join", invitation: second };
  if (first === "work" && second === undefined) return { kind: "runs" };
  if (first === "work" && (second === "history" || second === "messages") && third === undefined) return { kind: second };
  if (first === "work" && second === "runs" && third && rest.length === 0) return { kind: "run", run: third };
  if (first === "work" && second === "runs" && third && rest.length === 1 && rest[0] === "training") return { kind: "training", run: third };
  return { kind: "unknown" };
}

export const pathOf = (run: string) => `/work/runs/${encodeURIComponent(run)}`;
export const trainingOf = (run: string) => `${pathOf(run)}/training`;

class Route {
  path = $state(within(location.pathname));
  screen = $derived(screenOf(this.path));

  constructor() {
    addEventListener("popstate", () => (this.path = within(location.pathname)));
    document.addEventListener("click", (event) => this.#follow(event));
  }

  go(path: string): void {
    if (at(path) !== location.pathname) goTo(at(path));
    this.path = within(location.pathname);
    scrollTo(0, 0);
  }

  /** Links inside the worker's page change the screen without a load. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.origin !== location.origin || !/^\/work(\/|$)/.test(within(link.pathname))) return;
    event.preventDefault();
    this.go(within(link.pathname));
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const route = new Route();
