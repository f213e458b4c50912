/** One run, kept fresh by long polling. */

import { fetchRun, isAborted, isRefusal } from "./api";
import type { RunView } from "../lib/wire";
import { withTitles } from "./labels";

/** Seconds that the server may hold a request until there is something new. */
const WAIT = 20;
/** Seconds before the first attempt after a failure; doubled up to the longest. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 15;
/** Answers may come many times a second; the page is drawn anew this often at most. */
const SHORTEST_ROUND = 400;

export class LiveRun {
  #told = $state.raw<RunView | null>(null);
  /** The server did not answer; another attempt follows by itself. */
  lost = $state(false);
  /** The server answered that it will not give this run: there is nothing to try again. */
  refusal = $state.raw<unknown>(null);

  readonly name: string;
  #stopped = new AbortController();
  #wake: () => void = () => {};

  constructor(name: string) {
    this.name = name;
    void this.#follow();
  }

  stop(): void {
    this.#stopped.abort();
    this.#wake();
  }

  get view(): RunView | null {
    return this.#told;
  }

  /** Ask again now, for instance after a change made on this page. */
  async refresh(): Promise<void> {
    this.#tell(await fetchRun(this.name, { signal: this.#stopped.signal }));
  }

  #tell(view: RunView): void {
    this.#told = { ...view, publication: { ...view.publication, task: withTitles(view.publication.task) } };
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      const started = performance.now();
      try {
        await this.#once(signal);
        this.lost = false;
        pause = FIRST_PAUSE;
        await this.#rest(SHORTEST_ROUND - (performance.now() - started), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isRefusal(error)) {
          this.refusal = error;
          return;
        }
        if (isAborted(error)) continue; // the page was hidden
        this.lost = true;
        await this.#rest(pause * 1000, signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
  }

  async #once(stopped: AbortSignal): Promise<void> {
    await visible(stopped);
    // A hidden page must not hold one of the few connections that a browser opens to a server.
    const hidden = new AbortController();
    const onChange = (): void => {
      if (document.hidden) hidden.abort();
    };
    document.addEventListener("visibilitychange", onChange);
    try {
      const after = this.lost ? undefined : this.view?.version;
      const signal = AbortSignal.any([stopped, hidden.signal]);
      this.#tell(await fetchRun(this.name, after === undefined ? { signal } : { after, wait: WAIT, signal }));
    } finally {
      document.removeEventListener("visibilitychange", onChange);
    }
  }

  /** Wait, but no longer than until the network is back or the page is left. */
  #rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        window.removeEventListener("online", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      window.addEventListener("online", done);
      this.#wake = done;
    });
  }
}

function visible(stopped: AbortSignal): Promise<void> {
  if (!document.hidden || stopped.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const check = (): void => {
      if (document.hidden && !stopped.aborted) return;
      document.removeEventListener("visibilitychange", check);
      stopped.removeEventListener("abort", check);
      resolve();
    };
    document.addEventListener("visibilitychange", check);
    stopped.addEventListener("abort", check);
  });
}
