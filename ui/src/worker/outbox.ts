/**
 * Answers on their way: kept on this device until the server has said that it has them, or that it never will.
 *
 * Sending twice is harmless (the server gives the same reply), so a letter is removed only after its reply.
 */

import { Refused } from "../lib/api";
import { storageName } from "../lib/root";
import type { Submitted } from "../lib/wire";
import type { Letter, Shelf } from "./store";

/** What is sent: whose it is, its name on the shelf, and when it was written. */
interface Posted {
  page: string;
  worker: string;
  at: number;
}

export type Fate<Sent = Letter, Reply = Submitted> =
  | { kind: "delivered"; letter: Sent; reply: Reply }
  | { kind: "refused"; letter: Sent; refusal: Refused };

/** `idle`: nothing to do. `offline`: will try again by itself. `signed_out`: needs the worker's personal link. `closed`: the account is. */
export type OutboxState = "idle" | "sending" | "offline" | "signed_out" | "closed";

export interface Post<Sent = Letter, Reply = Submitted> {
  send(letter: Sent): Promise<Reply>;
  /** Wait, in milliseconds; gives what stops the wait. */
  later(act: () => void, delay: number): () => void;
  /** Do it alone among this browser's tabs: if another one is at it, afterwards, for that one may have just looked. */
  alone(act: () => Promise<void>): Promise<void>;
}

const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;

export class Outbox<Sent extends Posted = Letter, Reply = Submitted> {
  #shelf: Shelf<Sent>;
  #post: Post<Sent, Reply>;
  #worker = "";
  #running: Promise<void> | null = null;
  #again = false;
  #failures = 0;
  /** Whether it was tried since the server answered again, and nothing has gone through. */
  #triedBack = false;
  #stopWaiting: () => void = () => undefined;

  /** Called when the number of waiting letters or the state may have changed. */
  onchange: (waiting: number, state: OutboxState) => void = () => undefined;
  /** Called once for each letter when its fate is known. */
  onfate: (fate: Fate<Sent, Reply>) => void = () => undefined;

  constructor(shelf: Shelf<Sent>, post: Post<Sent, Reply>) {
    this.#shelf = shelf;
    this.#post = post;
  }

  /** Send this worker's letters from now on; those of another worker on the same device wait for their own. */
  async start(worker: string): Promise<void> {
    this.#worker = worker;
    await this.flush();
  }

  /** Keep a letter; gives back when it is safe on this device, and sends it in the background. */
  async add(letter: Sent): Promise<void> {
    await this.#shelf.put(letter);
    void this.flush();
  }

  /** The letters that wait, oldest first. */
  async waiting(): Promise<Sent[]> {
    return (await this.#shelf.all()).filter((letter) => letter.worker === this.#worker);
  }

  /** Send now what waits; gives back when all is sent or cannot be sent now. */
  flush(): Promise<void> {
    this.#stopWaiting();
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  /**
   * The server answers again: send at once what waits. Where that went wrong before, what stands between refuses
   * answers alone: the pauses, which grow, tell when they are sent.
   */
  async back(): Promise<void> {
    if (this.#triedBack) return;
    this.#triedBack = true;
    await this.flush();
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#post.alone(() => this.#sendAll());
    }
  }

  async #sendAll(): Promise<void> {
    for (let letter = (await this.waiting())[0]; letter; letter = (await this.waiting())[0]) {
      await this.#tell("sending");
      const fate = await this.#deliver(letter);
      if (typeof fate === "string") {
        await this.#tell(fate);
        if (fate === "offline") this.#tryLater();
        return;
      }
      this.#failures = 0;
      this.#triedBack = false;
      await this.#shelf.remove(letter.page);
      this.onfate(fate);
    }
    this.#triedBack = false;
    await this.#tell("idle");
  }

  async #deliver(letter: Sent): Promise<Fate<Sent, Reply> | "offline" | "signed_out" | "closed"> {
    try {
      return { kind: "delivered", letter, reply: await this.#post.send(letter) };
    } catch (error) {
      // Answers are kept until the server can read them: until the missing package is installed, too.
      if (!(error instanceof Refused) || error.passing || error.code === "task_unreadable") return "offline";
      // The account may be opened again, with a new link.
      if (error.code === "shut_out") return "closed";
      return error.status === 401 ? "signed_out" : { kind: "refused", letter, refusal: error };
    }
  }

  #tryLater(): void {
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures);
    this.#failures += 1;
    this.#stopWaiting = this.#post.later(() => void this.flush(), delay);
  }

  async #tell(state: OutboxState): Promise<void> {
    this.onchange((await this.waiting()).length, state);
  }
}

/** How a browser waits and keeps its tabs apart; where it has no locks, two tabs may send the same letter, which is harmless. */
export function browserPost<Sent, Reply>(send: Post<Sent, Reply>["send"], name = "dataforge-outbox"): Post<Sent, Reply> {
  return {
    send,
    later: (act, delay) => {
      const timer = setTimeout(act, delay);
      return () => clearTimeout(timer);
    },
    alone: async (act) => {
      if (!navigator.locks) return act();
      return navigator.locks.request(storageName(name), act);
    },
  };
}
