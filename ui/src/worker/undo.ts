/** What can be taken back of the answers of a page. */

import type { Answer } from "../lib/answers";
import type { Values } from "../lib/wire";

/** How one item stood before something of it was changed. */
export interface Before {
  readonly item: number;
  /** What was changed: the name of an output, empty for a report. */
  readonly changed: string;
  readonly answer: Answer;
  readonly drafts: Values;
}

/** So many changes are remembered. */
const MOST = 200;
/** What is written within so many milliseconds of the last letter is one change. */
const ONE_GO = 1_500;

/** The changes of a page, the last one on top. */
export class Changes {
  readonly #before: Before[] = [];
  #last = -Infinity;

  get count(): number {
    return this.#before.length;
  }

  /** Note how an item stood; `whole`: what comes now is an answer by itself, and not one letter of it. */
  note(before: Before, whole: boolean, now: number): void {
    const last = this.#before.at(-1);
    const goesOn = !whole && last?.item === before.item && last.changed === before.changed && now - this.#last < ONE_GO;
    this.#last = now;
    if (goesOn) return;
    this.#before.push(before);
    if (this.#before.length > MOST) this.#before.shift();
  }

  /** Take the last change off: how the item stood before it; undefined if nothing was changed. */
  take(): Before | undefined {
    this.#last = -Infinity;
    return this.#before.pop();
  }
}
