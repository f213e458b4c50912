/** Where the reader is: the address bar as state, and the one way to change it. */

import { goTo } from "../lib/back";
import { within } from "../lib/root";
import { changed, parse, type Route } from "./route";

class Place {
  pathname = $state(location.pathname);
  search = $state(location.search);
  route: Route = $derived(parse(within(this.pathname)));
  query = $derived(new URLSearchParams(this.search));

  constructor() {
    window.addEventListener("popstate", () => this.#read());
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Open an address of these pages without loading them again. */
  go(address: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, "", address);
    else goTo(address);
    const moved = location.pathname !== this.pathname;
    this.#read();
    if (moved) window.scrollTo(0, 0);
  }

  /** Change the query of the present address; empty values are left out. */
  ask(changes: Record<string, string>): void {
    const text = changed(new URLSearchParams(location.search), changes);
    this.go(location.pathname + (text ? `?${text}` : ""), { replace: true });
  }

  #read(): void {
    this.pathname = location.pathname;
    this.search = location.search;
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    // In a frame every page is loaded, so that the server says which may be shown there.
    if (window.top !== window) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.hash || parse(within(link.pathname)).screen === "unknown") return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const place = new Place();
