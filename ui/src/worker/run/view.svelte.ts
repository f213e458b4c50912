/** How a page is looked at on this device: one item at a time, or all of them in a list. */

import { recall, remember } from "../../lib/memory";

const NAME = "items-shown";
/** Of narrow windows and low ones a list shows no item whole. */
const SMALL = "(max-width: 40rem), (max-height: 30rem)";

export class View {
  #single = $state(first());

  /** Whether one item is seen at a time. */
  get single(): boolean {
    return this.#single;
  }

  /** Change it, for the pages to come as well. */
  turn(): void {
    this.#single = !this.#single;
    remember(NAME, this.#single ? "one" : "all");
  }
}

function first(): boolean {
  const chosen = recall(NAME);
  return chosen === null ? matchMedia(SMALL).matches : chosen === "one";
}
