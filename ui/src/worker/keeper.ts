/** What this device keeps of a worker's pages of one run: the pages themselves, and what is answered of them so far. */

import type { Page, RunTask } from "../lib/wire";
import type { Draft, Held, Store } from "./store";

/** What a page is filled with when it is shown. */
export type Kept = Pick<Draft, "answers" | "drafts" | "played"> & Pick<Held, "shown">;

export class Keeper {
  readonly #run: string;
  readonly #worker: string;
  readonly #store: Store;
  #keeping = false;
  #unkept = false;

  constructor(run: string, worker: string, store: Store) {
    this.#run = run;
    this.#worker = worker;
    this.#store = store;
  }

  /** This worker's pages of this run on this device. */
  async held(): Promise<Held[]> {
    return (await this.#store.pages.all().catch(() => [])).filter((one) => one.run === this.#run && one.worker === this.#worker);
  }

  /** Keep a page, so that it can be shown without the server. */
  hold(page: Page, task: RunTask, until: number | null, shown: number | null): void {
    const held: Held = { page: page.page, run: this.#run, worker: this.#worker, content: page, task, until, shown, at: Date.now() };
    this.#store.pages.put(held).catch(() => undefined);
  }

  /** Keep no page but this one and those that are on their way; drafts stay. */
  async holdOnly(page: Page, sent: readonly string[]): Promise<void> {
    for (const held of await this.held()) if (held.page !== page.page && !sent.includes(held.page)) void this.#store.pages.remove(held.page);
  }

  forget(page: Page): void {
    this.#store.drafts.remove(page.page).catch(() => undefined);
    this.#store.pages.remove(page.page).catch(() => undefined);
  }

  /** What this device has kept of work on a page. */
  async draft({ page }: Page): Promise<Kept> {
    const draft = await this.#store.drafts.get(page).catch(() => undefined);
    const held = await this.#store.pages.get(page).catch(() => undefined);
    return { answers: draft?.answers ?? [], drafts: draft?.drafts ?? [], played: draft?.played ?? [], shown: held?.shown ?? draft?.shown ?? null };
  }

  /** Keep the draft as it is when the disk is ready for it, however fast it is written; tells each time whether it is safe. */
  async keep(draft: () => Draft | null, tell: (safe: boolean) => void): Promise<void> {
    this.#unkept = true;
    if (this.#keeping) return;
    this.#keeping = true;
    while (this.#unkept) {
      this.#unkept = false;
      const now = draft();
      if (now) {
        tell(
          await this.#store.drafts.put(now).then(
            () => true,
            () => false,
          ),
        );
      }
    }
    this.#keeping = false;
  }
}
