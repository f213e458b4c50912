/** How long a page has been on the screen, told with its answers: they may reach the server much later. */

export interface Clocks {
  /** Milliseconds since the epoch; goes on while the page is closed, and jumps when the device's clock is set. */
  wall(): number;
  /** Milliseconds since some moment; never jumps, and knows nothing of the time before a reload. */
  steady(): number;
}

const BROWSER: Clocks = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * Runs from the moment when the page was first shown. Time in which another window is in front counts: people look
 * things up. The wall's clock is asked only for what lies before a reload.
 */
export class Stopwatch {
  /** When the page was first shown, in milliseconds since the epoch. */
  readonly shown: number;
  #before: number;
  #begun: number;
  #clocks: Clocks;

  constructor(shown: number | null = null, clocks: Clocks = BROWSER) {
    this.#clocks = clocks;
    this.shown = shown ?? clocks.wall();
    this.#before = Math.max(0, clocks.wall() - this.shown);
    this.#begun = clocks.steady();
  }

  get seconds(): number {
    return Math.round(this.#before + this.#clocks.steady() - this.#begun) / 1000;
  }
}
