/** A worker's work on one run: the page on the screen, its answers, and the page fetched ahead. */

import { isAway, Refused } from "../lib/api";
import { reportOf, valuesOf, type Answer } from "../lib/answers";
import type { Closed, NextPage, Page, ReportReason, RunTask, Values } from "../lib/wire";
import { loadWidgets, measured, preload } from "../lib/widgets";
import { filesOf } from "./files";
import { finished, missing } from "./focus";
import { Keeper, type Kept } from "./keeper";
import type { Outbox } from "./outbox";
import { FIRST_RETRY, isEarly, retryOf } from "./reopening";
import { SentPages, type Ahead, type Sent } from "./sent";
import * as server from "./server";
import { Stopwatch } from "./stopwatch";
import type { Draft, Letter, Store } from "./store";
import { Changes } from "./undo";

/**
 * `loading`: the first page is on its way. `page`: there is a page. `closed`: there is none, and `closed` says why.
 * `waiting`: no page yet, because of the network or because earlier answers are still on their way.
 * `elsewhere`: another tab has taken over. `lost`: the run cannot be opened; `problem` says why.
 */
export type Phase = "loading" | "page" | "closed" | "waiting" | "elsewhere" | "lost";

const RETRY = 4_000;

export class Work {
  readonly run: string;
  readonly worker: string;

  phase = $state<Phase>("loading");
  task = $state.raw<RunTask | null>(null);
  page = $state.raw<Page | null>(null);
  answers = $state.raw<Answer[]>([]);
  /** What there is of answers that are not finished, per item. */
  drafts = $state.raw<Values[]>([]);
  /** How often the worker went back to the draft that an item came with, per item. */
  restarts = $state.raw<number[]>([]);
  played = $state<string[][]>([]);
  /** Names of what cannot be shown, per item. */
  failed = $state<string[][]>([]);
  /** When the page's time runs out, in milliseconds of this device's clock. */
  deadline = $state(0);
  closed = $state.raw<Closed | null>(null);
  problem = $state.raw<Refused | null>(null);
  /** Whether the answers on the screen are safe on this device. */
  saved = $state(true);
  /** Whether something of the page can be taken back, or a page that was sent. */
  undoable = $state(false);
  /** Whether the page on the screen was sent before. */
  mending = $state(false);

  gaps = $derived(this.task && this.page ? missing(this.task.task, this.page, this.answers, (item) => ({ played: this.played[item] ?? [], failed: this.failed[item] ?? [], drafts: this.drafts[item] })) : []);
  done = $derived(this.page ? finished(this.page.items.length, this.gaps) : 0);

  #ahead: Ahead | null = null;
  #pages = new SentPages();
  /** The page on the screen as it was sent, null if it was not. */
  #sent: Sent | null = null;
  #changes = new Changes();
  #watch = new Stopwatch();
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keeper: Keeper;
  #outbox: Outbox;
  #left = false;
  /** How often it was looked whether somebody's first page has its verdict. */
  #looks = 0;
  /** What was answered of items before they were reported. */
  #unreported: (Values | undefined)[] = [];

  constructor(run: string, worker: string, store: Store, outbox: Outbox) {
    this.run = run;
    this.worker = worker;
    this.#keeper = new Keeper(run, worker, store);
    this.#outbox = outbox;
  }

  /** Load the task and the first page. */
  async open(): Promise<void> {
    this.#left = false;
    if (this.phase !== "page") this.phase = "loading";
    try {
      await this.#prepare(this.task ?? (await server.task(this.run)));
      await this.#advance();
    } catch (error) {
      if (!isAway(error) || !(await this.#restore())) this.#fail(error, () => void this.open());
    }
  }

  /**
   * Set one answer and keep the draft; undefined takes it back. A report stays until it is taken back itself. `whole`: it is an
   * answer by itself, as one key or tap gives it.
   */
  answer(item: number, output: string, value: unknown, draft?: unknown, whole = true): void {
    if (reportOf(this.answers[item])) return;
    this.#note(item, output, whole);
    this.answers = this.answers.with(item, { ...valuesOf(this.answers[item]), [output]: value });
    this.drafts = this.drafts.with(item, { ...this.drafts[item], [output]: draft });
    this.#keepDraft();
  }

  /** Have an item's answer as it came, before anything of it was mended. */
  restart(item: number): void {
    const draft = this.page?.items[item]?.draft;
    if (!draft || reportOf(this.answers[item])) return;
    this.#note(item, "", true);
    this.answers = this.answers.with(item, { ...valuesOf(this.answers[item]), ...draft });
    this.drafts = this.drafts.with(item, {});
    this.restarts = this.restarts.with(item, (this.restarts[item] ?? 0) + 1);
    this.#keepDraft();
  }

  /** Report an item instead of answering it; null takes that back, and what was answered before is there again. */
  report(item: number, reason: ReportReason | null): void {
    this.#note(item, "", true);
    if (reason !== null && !reportOf(this.answers[item])) this.#unreported[item] = valuesOf(this.answers[item]);
    this.answers = this.answers.with(item, reason ?? this.#unreported[item] ?? {});
    this.#keepDraft();
  }

  /** Show the page again that was sent before this one, to mend it; gives false if there is none. */
  goBack(): boolean {
    const [sent, { page, task }] = [this.#pages.take(), this];
    if (!sent) return false;
    const draft: Kept = { answers: this.answers, drafts: this.drafts, played: $state.snapshot(this.played), shown: this.#watch.shown };
    if (page && task) this.#pages.leave({ page, task, draft, media: [], sent: this.#sent });
    this.#stop();
    this.#put(sent);
    this.task = sent.task;
    this.#fill(sent.page, sent.filled);
    return true;
  }

  /** Have the page as it was before the last change; gives the item that was changed, null if none was. */
  undo(): number | null {
    const before = this.#changes.take();
    this.undoable = this.#changes.count > 0 || this.#pages.any;
    if (!before) return null;
    const { item } = before;
    this.answers = this.answers.with(item, before.answer);
    this.drafts = this.drafts.with(item, before.drafts);
    // Widgets keep what is being written or drawn: those of the item begin anew.
    this.restarts = this.restarts.with(item, (this.restarts[item] ?? 0) + 1);
    this.#keepDraft();
    return item;
  }

  #put(sent: Sent | null): void {
    this.#sent = sent;
    this.mending = sent !== null;
  }

  #note(item: number, changed: string, whole: boolean): void {
    this.#changes.note({ item, changed, answer: this.answers[item] ?? {}, drafts: this.drafts[item] ?? {} }, whole, Date.now());
    this.undoable = true;
  }

  /** Note that something of an item cannot be shown, or can after all. */
  noteFailed(item: number, name: string, failed: boolean): void {
    const others = (this.failed[item] ?? []).filter((other) => other !== name);
    this.failed[item] = failed ? [...others, name] : others;
  }

  /** Note that an input was played to its end. */
  notePlayed(item: number, input: string): void {
    const before = this.played[item] ?? [];
    if (before.includes(input)) return;
    this.played[item] = [...before, input];
    this.#keepDraft();
  }

  /** Put the answers on their way and show the next page at once; gives false if the device could not keep them. */
  async submit(): Promise<boolean> {
    const { page, task } = this;
    if (!page || this.gaps.length > 0) return false;
    const sent = this.#sent;
    const written = { run: this.run, worker: this.worker, answers: this.answers, seconds: this.#watch.seconds, at: Date.now() };
    const letter: Letter = this.mending ? { ...written, page: `${page.page} ${written.at}`, mends: page.page } : { ...written, page: page.page };
    const filled: Kept = { answers: letter.answers, drafts: [], played: $state.snapshot(this.played), shown: this.#watch.shown };
    // Files are sent once: what was recorded stays.
    if (task?.alone && filesOf(this.answers).length === 0) this.#pages.put({ page, task, filled: { ...filled, drafts: this.drafts } });
    this.page = null;
    // The next page need not wait for the disk: until the letter is there, the draft is.
    const kept = this.#outbox.add(letter);
    const next = this.#advance();
    try {
      await kept;
    } catch {
      await next;
      this.#pages.forget(page);
      this.#takeBack(page, filled, sent);
      return false;
    }
    this.#keeper.forget(page);
    await next;
    return true;
  }

  /** Show a page again whose answers this device could not keep. */
  #takeBack(page: Page, filled: Kept, sent: Sent | null): void {
    this.#stop();
    if (this.page && this.task && this.#sent) this.#pages.put(this.#sent);
    else if (this.page && this.task) this.#ahead = { page: this.page, task: this.task, draft: undefined, media: [] };
    this.#put(sent);
    this.#fill(page, filled);
    this.saved = false;
  }

  /** Decline the page and show the next one. */
  async skip(): Promise<void> {
    if (!this.page) return;
    await this.#decline(this.page);
    await this.drop();
  }

  /** Decline the page and take no other of this task: whoever is new may have a page of another one then. */
  async quit(): Promise<void> {
    const { page } = this;
    if (!page) return;
    await this.#decline(page);
    this.#keeper.forget(page);
    this.page = null;
  }

  async #decline(page: Page): Promise<void> {
    await server.skip(page.page).catch((error: unknown) => {
      // A page that the server no longer holds for this worker is as good as skipped.
      if (!(error instanceof Refused) || error.passing || error.status === 401 || error.code === "shut_out") throw error;
    });
  }

  /** Put the page aside (its time ran out, or it was sent from another tab) and show the next one. */
  async drop(): Promise<void> {
    if (this.page && !this.#sent) this.#keeper.forget(this.page);
    if (this.#sent) this.#pages.put(this.#sent);
    this.page = null;
    await this.#advance();
  }

  /** Some answers have reached the server, so it may have a page again. */
  async delivered(): Promise<void> {
    if (this.phase === "waiting") await this.#advance();
    else if (this.phase === "page") await this.#fetchAhead();
  }

  /** Something was decided, so a run that is closed may be open again. */
  async lookAgain(): Promise<void> {
    if (this.phase !== "closed") return;
    this.#stop();
    await this.#ask();
  }

  /** Another tab works on this run now: leave everything to it. */
  yieldToOther(): void {
    this.#stop();
    this.#ahead = null;
    this.page = null;
    this.phase = "elsewhere";
  }

  /** Hand back the page that was fetched ahead. */
  leave(): void {
    this.#stop();
    this.#left = true;
    // Without a network it could not be handed back, and may be wanted after a reload.
    if (this.#ahead && navigator.onLine) {
      this.#keeper.forget(this.#ahead.page);
      void server.release(this.#ahead.page.page).catch(() => undefined);
    }
    this.#ahead = null;
  }

  /** Come back to a page that the browser had put to sleep. */
  async wake(): Promise<void> {
    this.#left = false;
    await this.delivered();
  }

  /** Show the page fetched ahead, or ask for one. */
  async #advance(): Promise<void> {
    this.#stop();
    const front = this.#pages.next();
    this.#put(front?.sent ?? null);
    this.#changes = new Changes();
    const ahead = front ?? this.#ahead;
    if (!front) this.#ahead = null;
    if (ahead) {
      this.task = ahead.task;
      this.#fill(ahead.page, ahead.draft);
      void this.#fetchAhead();
      return;
    }
    if (this.phase === "page") this.phase = "waiting";
    await this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    const again = () => void this.#ask();
    try {
      const { page, closed } = await this.#alone(() => this.#request());
      if (page) await this.#show(page);
      else if (closed) this.#close(closed);
      else this.#wait(again);
    } catch (error) {
      if (!isAway(error) || !(await this.#restore())) this.#fail(error, again);
    }
  }

  /** Go on with the pages that this device holds; gives false if there are none. */
  async #restore(): Promise<boolean> {
    const sent = await this.#onTheirWay();
    const held = (await this.#keeper.held()).filter((one) => !sent.includes(one.page));
    const [first, second] = held.sort((one, other) => (one.until ?? Infinity) - (other.until ?? Infinity));
    if (!first) return false;
    await this.#prepare(first.task);
    if (second) this.#ahead = { page: second.content, task: second.task, draft: await this.#keeper.draft(second.content), media: preload(second.task.task, second.content.items) };
    const left = first.until === null ? first.content.seconds_left : Math.max(0, (first.until - Date.now()) / 1000);
    this.#fill({ ...first.content, seconds_left: left }, await this.#keeper.draft(first.content));
    return true;
  }

  async #prepare(task: RunTask): Promise<void> {
    await loadWidgets([...task.task.inputs, ...task.task.outputs], task.widgets);
    this.task = task;
  }

  /** The task as it was when the page was given out: its texts may have changed since, or before. */
  async #taskOf(page: Page): Promise<RunTask | null> {
    if (this.task?.revision === page.revision) return this.task;
    const task = await server.task(this.run, page.revision);
    await loadWidgets([...task.task.inputs, ...task.task.outputs], task.widgets);
    return task;
  }

  async #request(): Promise<NextPage> {
    return server.nextPage(this.run, await this.#have());
  }

  /** While this goes on no page is asked for. */
  async #alone<Given>(doing: () => Promise<Given>): Promise<Given> {
    this.#asking = true;
    try {
      return await doing();
    } finally {
      this.#asking = false;
    }
  }

  async #fetchAhead(): Promise<void> {
    if (this.#asking || this.#ahead || !this.page || !this.task) return;
    try {
      // Until it is at hand nothing else is asked for: whoever is faster would be given the same page once more.
      await this.#alone(() => this.#second());
    } catch {
      // It is only ahead of time: the page will be asked for again when it is needed.
    }
    // The worker was faster than the network.
    if (this.phase === "waiting" && !this.page) await this.#advance();
  }

  async #second(): Promise<void> {
    const { page } = await this.#request();
    const task = page && (await this.#taskOf(page));
    if (page && this.#left) void server.release(page.page).catch(() => undefined);
    else if (page && task) {
      this.#keeper.hold(page, task, null, null);
      this.#ahead = { page, task, draft: await this.#keeper.draft(page), media: preload(task.task, page.items) };
    }
  }

  async #show(page: Page): Promise<void> {
    const sent = await this.#onTheirWay();
    await this.#keeper.holdOnly(page, sent);
    const task = await this.#taskOf(page);
    if (task && task !== this.task) await this.#prepare(task);
    if (this.task) await measured(preload(this.task.task, page.items));
    this.#fill(page, await this.#keeper.draft(page));
    void this.#fetchAhead();
  }

  #fill(page: Page, draft: Kept | undefined): void {
    // What the worker made of an item stands before what it came with.
    this.answers = page.items.map((item, index) => draft?.answers[index] ?? item.draft ?? {});
    this.restarts = page.items.map(() => 0);
    this.drafts = page.items.map((_, index) => draft?.drafts[index] ?? {});
    this.played = page.items.map((_, index) => draft?.played[index] ?? []);
    this.failed = page.items.map(() => []);
    this.#unreported = [];
    this.#changes = new Changes();
    this.undoable = this.#pages.any;
    this.deadline = Date.now() + page.seconds_left * 1000;
    this.#watch = new Stopwatch(draft?.shown);
    if (this.task && !this.mending) this.#keeper.hold(page, this.task, this.deadline, this.#watch.shown);
    this.saved = true;
    this.closed = null;
    this.page = page;
    this.phase = "page";
  }

  #close(closed: Closed): void {
    if (this.phase === "waiting" && isEarly(closed, this.#looks)) {
      this.#looks++;
      this.#stop();
      this.#timer = setTimeout(() => void this.#ask(), FIRST_RETRY);
      return;
    }
    this.closed = closed;
    this.phase = "closed";
    this.undoable = this.#pages.any;
    const retry = retryOf(closed);
    if (retry !== null) this.#timer = setTimeout(() => void this.#ask(), retry);
  }

  #fail(error: unknown, again: () => void): void {
    if (error instanceof Refused && !error.passing) {
      this.problem = error;
      this.phase = "lost";
    } else if (isAway(error)) {
      this.#wait(again);
    } else {
      throw error;
    }
  }

  #wait(again: () => void): void {
    this.phase = "waiting";
    this.#stop();
    this.#timer = setTimeout(again, RETRY);
  }

  /** The pages that the server need not give again: on the screen, or answered and on their way. */
  async #have(): Promise<string[]> {
    return [...(this.page ? [this.page.page] : []), ...(await this.#onTheirWay())];
  }

  /** The pages that are answered and on their way. */
  async #onTheirWay(): Promise<string[]> {
    return (await this.#outbox.waiting()).map((letter) => letter.page);
  }

  /** Keep what is answered so far of the page on the screen. */
  #keepDraft(): void {
    void this.#keeper.keep(
      () => this.#draft(),
      (safe) => (this.saved = safe),
    );
  }

  #draft(): Draft | null {
    if (!this.page || this.mending) return null;
    return { page: this.page.page, answers: this.answers, drafts: $state.snapshot(this.drafts) as Values[], played: $state.snapshot(this.played), shown: this.#watch.shown, at: Date.now() };
  }

  #stop(): void {
    clearTimeout(this.#timer);
  }
}
