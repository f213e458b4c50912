/**
 * Loads in order and few at a time, so that what comes first on a page is there first, however slow the network: the items of
 * a page, then those of the page fetched ahead.
 */

/** So many load at the same time: one alone would leave the line idle between two files. The first has it for itself. */
const AT_ONCE = 2;

/** Begins to load and tells when there is enough; what does not get that far must tell too. `alone`: it has the line for itself. */
type Load = (done: () => void, alone: boolean) => void;

export class Turns {
  #waiting: Load[] = [];
  #loading = new Set<Load>();
  /** What came when nothing else loaded: the page is looked at for it, and half of a slow line would take it twice as long. */
  #first: Load | undefined;

  /** Load when those before are done; gives what takes the place back, be it waiting or loading. */
  take(load: Load): () => void {
    if (!this.#loading.size) this.#first = load;
    this.#waiting.push(load);
    this.#next();
    return () => this.#leave(load);
  }

  #next(): void {
    while (this.#loading.size < (this.#first ? 1 : AT_ONCE)) {
      const load = this.#waiting.shift();
      if (!load) return;
      this.#loading.add(load);
      load(() => this.#leave(load), load === this.#first);
    }
  }

  #leave(load: Load): void {
    this.#waiting = this.#waiting.filter((one) => one !== load);
    if (load === this.#first) this.#first = undefined;
    if (this.#loading.delete(load)) this.#next();
  }
}

/** The page's own. */
export const turns = new Turns();
