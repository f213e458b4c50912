/** Pages that one who labels alone has sent, and can go back to. */

import type { Page, RunTask } from "../lib/wire";
import type { Preloaded } from "../lib/widgets";
import type { Kept } from "./keeper";

/** So many pages can be gone back to. */
const MOST = 200;

/** A page that was sent, as it can be mended. */
export interface Sent {
  page: Page;
  task: RunTask;
  filled: Kept;
}

/** A page that is shown once the one on the screen is done. */
export interface Ahead {
  page: Page;
  task: RunTask;
  draft: Kept | undefined;
  /** Holds loaded media until they are shown. */
  media: Preloaded[];
  /** The page as it was sent, if it was. */
  sent?: Sent | null;
}

/** The pages behind the one on the screen, and those in front of it that were left to go back; the last one on top. */
export class SentPages {
  #behind: Sent[] = [];
  #front: Ahead[] = [];

  /** Whether there is one to go back to. */
  get any(): boolean {
    return this.#behind.length > 0;
  }

  put(sent: Sent): void {
    this.#behind = [...this.#behind, sent].slice(-MOST);
  }

  /** The page that was sent last, which is behind no more. */
  take(): Sent | undefined {
    return this.#behind.pop();
  }

  forget(page: Page): void {
    this.#behind = this.#behind.filter((one) => one.page !== page);
  }

  /** Leave the page on the screen for one behind it. */
  leave(page: Ahead): void {
    this.#front.push(page);
  }

  /** The page to come forward to. */
  next(): Ahead | undefined {
    return this.#front.pop();
  }
}
