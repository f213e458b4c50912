/** A reply of the server that is asked for again and again while the page is seen. */

import { isAborted, isRefusal } from "./api";

/** Milliseconds that news may wait for more of them, or so many times what the last answer took: the server has more to do. */
const SOON = 1_000;
const SELDOM = 10;

type Ask<Reply> = (signal: AbortSignal) => Promise<Reply>;

export class Fresh<Reply> {
  value = $state.raw<Reply | null>(null);
  /** The last attempt failed; `value` is what came before. */
  error = $state.raw<unknown>(null);
  loading = $state(false);

  #ask: Ask<Reply> | null = null;
  #going = new AbortController();
  #soon: ReturnType<typeof setTimeout> | undefined;
  #took = 0;

  /** Ask now, in place of whatever was asked before. The old value stays until the new one is here. */
  async ask(question: Ask<Reply>): Promise<void> {
    this.#ask = question;
    await this.again();
  }

  async again(): Promise<void> {
    if (!this.#ask) return;
    this.#going.abort();
    const going = (this.#going = new AbortController());
    this.loading = true;
    const started = performance.now();
    try {
      this.value = await this.#ask(going.signal);
      this.#took = performance.now() - started;
      this.error = null;
    } catch (error) {
      if (isAborted(error) || going.signal.aborted) return;
      this.error = error;
      if (isRefusal(error)) this.value = null;
    } finally {
      if (this.#going === going) this.loading = false;
    }
  }

  /** Ask again in a moment; calls until then are one. For news that may come many times a second. */
  soon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      if (this.loading) this.soon();
      else void this.again();
    }, Math.max(SOON, SELDOM * this.#took));
  }

  stop(): void {
    clearTimeout(this.#soon);
    this.#going.abort();
    this.#ask = null;
  }
}

/** Call `act` every so many seconds while the page is seen; gives what ends it. */
export function every(seconds: number, act: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let ended = false;
  let busy = false;
  const later = (): void => {
    timer = setTimeout(round, seconds * 1000);
  };
  const round = async (): Promise<void> => {
    busy = true;
    if (!document.hidden) await act();
    busy = false;
    if (!ended) later();
  };
  const onVisible = (): void => {
    if (document.hidden || busy) return;
    clearTimeout(timer);
    void round();
  };
  document.addEventListener("visibilitychange", onVisible);
  later();
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisible);
  };
}
