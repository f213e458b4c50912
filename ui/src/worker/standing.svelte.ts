/** How the worker stands in a run, so that a rejected page or a closed run is told while they work. */

import { contact } from "../lib/contact.svelte";
import { recall, remember } from "../lib/memory";
import { spread } from "../lib/spread";
import type { HistoryPage, Standing as Reply } from "../lib/wire";
import * as server from "./server";

const LOOK_EVERY = 15_000;
/** A server that did not answer is asked again sooner, each time in twice as long. */
const LOST_EVERY = 3_000;
/** A verdict takes about so long after a page has arrived. */
const VERDICT_TAKES = 3_000;

export class Standing {
  now = $state.raw<Reply | null>(null);
  /** Called when a look fails. */
  onfailed: (error: unknown) => void = () => undefined;
  /** How many rejected pages the worker has read about. */
  #told = $state(0);
  #toldUntil = $state<number | null>(null);
  readonly #run: string;
  readonly #key: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #followed = false;
  /** How many looks in a row nobody answered. */
  #unanswered = 0;

  /** Up to when the worker has read what was decided of their objections. */
  #decidedTold = $state(0);

  /** Pages whose objections were decided, and of which the worker has not read yet. */
  readonly decided = $derived<HistoryPage[]>((this.now?.objectionable ?? []).filter((page) => (page.appeal?.decided ?? 0) > this.#decidedTold));
  /** Rejected pages that the worker has not read about yet. */
  readonly rejected = $derived(Math.max(0, (this.now?.pages_rejected ?? 0) - this.#told));
  /** Why and until when the run is closed to this worker, if it is and they have not read it yet. */
  readonly restricted = $derived.by(() => {
    const closed = this.now?.closed;
    return closed?.reason === "restricted" && closed.until !== this.#toldUntil ? closed : null;
  });

  /** Whether the worker has earned anything here, or today. */
  readonly hasMoney = $derived.by(() => {
    const { now } = this;
    return now !== null && [now.earned, now.pending, now.today.earned, now.today.pending, now.today.bonuses].some((sum) => sum > 0);
  });

  constructor(run: string, worker: string) {
    this.#run = run;
    this.#key = `rejections-told:${run}:${worker}`;
    this.#told = Number(recall(this.#key) ?? 0);
    this.#decidedTold = Number(recall(`${this.#key}:decided`) ?? 0);
  }

  /** Look now and from time to time; gives what ends that. */
  follow(): () => void {
    this.#followed = true;
    void this.look();
    return () => {
      this.#followed = false;
      clearTimeout(this.#timer);
    };
  }

  /** A page has reached the server: its verdict comes soon. */
  pageArrived(): void {
    this.#lookIn(VERDICT_TAKES);
  }

  /** The server does not answer: whether it is back is asked soon. */
  serverLost(): void {
    this.#lookIn(LOST_EVERY);
  }

  /** The worker has read what was shown of how they stand, and nothing that came since. */
  read(shown: Reply | null): void {
    this.#toldUntil = shown?.closed?.until ?? null;
    this.#told = shown?.pages_rejected ?? 0;
    remember(this.#key, String(this.#told));
    this.#decidedTold = Math.max(this.#decidedTold, ...(shown?.objectionable ?? []).map((page) => page.appeal?.decided ?? 0));
    remember(`${this.#key}:decided`, String(this.#decidedTold));
  }

  /** Look now. */
  async look(): Promise<void> {
    if (document.visibilityState === "visible") this.now = await server.standing(this.#run).catch((error) => this.#keep(error));
    this.#lookIn(contact.lost ? Math.min(LOST_EVERY * 2 ** this.#unanswered, LOOK_EVERY) : LOOK_EVERY);
    this.#unanswered = contact.lost ? this.#unanswered + 1 : 0;
  }

  /** Without a network others on the page say so. */
  #keep(error: unknown): Reply | null {
    this.onfailed(error);
    return this.now;
  }

  #lookIn(delay: number): void {
    clearTimeout(this.#timer);
    // A look may still be on its way when the screen is left.
    if (this.#followed) this.#timer = setTimeout(() => void this.look(), spread(delay));
  }
}
