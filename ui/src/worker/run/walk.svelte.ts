/** How a worker goes through a page: where they are, and how an answer brings the next question. */

import { tick } from "svelte";
import { isAsDrafted, reportOf, valuesOf } from "../../lib/answers";
import { language } from "../../lib/language.svelte";
import { isOnePress, keysOf } from "../../lib/widgets";
import type { Page, ReportReason } from "../../lib/wire";
import { after, step, type Place } from "../focus";
import { inHand, keepInHand } from "../inhand";
import { covered, meaning, whereIs } from "../keys";
import { t } from "../messages";
import type { Work } from "../work.svelte";
import type { View } from "./view.svelte";

/** An item as it is on the screen. */
export interface Card {
  press: (key: string) => "output" | "input" | null;
  reveal: () => boolean;
  turn: (by: 1 | -1) => boolean;
  play: () => void;
  begun: () => boolean;
  inSight: () => boolean;
  /** Write on in an output's field of one line, if it has one. */
  write: (output: number) => void;
}

/** What is done with the page as a whole. */
export interface Deeds {
  submit: () => Promise<void>;
  undo: () => Promise<void>;
  help: () => void;
}

const SCROLLING = new Set(["PageUp", "PageDown", "Home", "End"]);
const TURNS: Readonly<Record<string, 1 | -1>> = { PageDown: 1, PageUp: -1 };
/** So long a page takes to move to its next item, in milliseconds. */
const SETTLING = 500;
/** Two taps within so many milliseconds are one double tap. */
const DOUBLE = 300;
/** Sooner than this nobody has seen a page, in milliseconds: what is pressed then was meant for the page before. */
const UNSEEN = 1000;

export class Walk {
  place = $state.raw<Place>({ item: 0, output: 0 });
  /** What is said to whoever listens, and what keeps the page from being sent. */
  said = $state("");
  trouble = $state("");
  /** Whether the page moves on by itself: what is tapped now was aimed at what was there before. */
  moving = $state(false);
  cards: (Card | undefined)[] = $state([]);
  /** Whether the last thing done was a tap or a click. */
  byPointer = false;
  /** Whether the page was scrolled by hand: the item in focus may be out of sight, and nothing is answered unseen. */
  wandered = false;
  /** The item that waits for its recording to be played to the end before the worker goes on. */
  #listening = -1;
  /** The page on the screen, and when it came, if another one was here before. */
  #shown = "";
  #cameAt = -Infinity;
  readonly #work: Work;
  readonly #view: View;
  readonly #deeds: Deeds;

  constructor(work: Work, view: View, deeds: Deeds) {
    this.#work = work;
    this.#view = view;
    this.#deeds = deeds;
  }

  get #page(): Page | null {
    return this.#work.page;
  }

  /** Whether one item of several is seen at a time. */
  get single(): boolean {
    return this.#view.single && (this.#page?.items.length ?? 0) > 1;
  }

  get #outputs(): number {
    return this.#work.task?.task.outputs.length ?? 1;
  }

  /** The keys that answer the question in focus; none where it is written into. */
  get keys(): string[] {
    const { item, output } = this.place;
    const [field, shown] = [this.#work.task?.task.outputs[output], this.#page?.items[item]];
    return field && shown ? keysOf(field, language.current, shown.inputs) : [];
  }

  /** Whether a question is answered by one key or tap. */
  #isQuick({ item, output }: Place): boolean {
    const [field, shown] = [this.#work.task?.task.outputs[output], this.#page?.items[item]];
    return field !== undefined && shown !== undefined && isOnePress(field, language.current, shown.inputs);
  }

  /** The page is shown anew, whichever it is. */
  anew(): void {
    this.#shown = "";
  }

  /**
   * A page is there: begin at the item that was in hand, or at the first thing left to do; take the keyboard there, unless the
   * instruction should be `read` first. Gives false if it was there before.
   */
  arrive(page: Page, read: boolean): boolean {
    if (page.page === this.#shown) return false;
    const first = this.#shown === "";
    this.#shown = page.page;
    // Of a page that was begun here before, or in another tab, some is answered.
    const { gaps, run } = this.#work;
    const item = inHand(run, page) ?? gaps[0]?.item ?? 0;
    this.stand({ item, output: gaps.find((gap) => gap.item === item)?.output ?? 0 });
    this.trouble = "";
    this.said = first ? "" : t("next_page");
    if (!first) {
      scrollTo(0, 0);
      this.#cameAt = performance.now();
    }
    if (!first || read) this.revealSoon();
    return true;
  }

  revealSoon(): void {
    void tick().then(() => this.cards[this.place.item]?.reveal());
  }

  /** Be somewhere; the device keeps which item that is. */
  stand(at: Place): void {
    this.place = at;
    if (this.#page) keepInHand(this.#work.run, this.#page.page, at.item);
  }

  /** Go somewhere; tells whether the page has to move for it. */
  async go(to: Place): Promise<boolean> {
    this.stand(to);
    this.wandered = false;
    this.#listening = -1;
    await tick();
    return this.cards[to.item]?.reveal() ?? false;
  }

  /** Go some items further. */
  async by(items: number): Promise<void> {
    if (this.#page) await this.go(step(this.place, items, this.#page.items.length));
  }

  answer(item: number, name: string, value: unknown, draft: unknown): void {
    const work = this.#work;
    const first = valuesOf(work.answers[item])[name] === undefined && value !== undefined;
    const output = work.task?.task.outputs.findIndex((field) => field.name === name) ?? -1;
    const quick = this.#isQuick({ item, output });
    work.answer(item, name, value, draft, quick);
    this.trouble = "";
    if (work.gaps.length === 0) this.said = t("all_answered");
    // Who changes an answer is not done with it, and what is written is not done with its first letter.
    if (this.byPointer && (first || work.mending) && quick) void this.#goOn({ item, output }).then((moves) => this.#settle(moves));
  }

  /** After a tap let the page come to rest before it takes the next one: the second of a double tap is meant for nothing else. */
  #settle(moves: boolean): void {
    if (!moves && !this.single) return;
    this.moving = true;
    setTimeout(() => (this.moving = false), this.single ? DOUBLE : SETTLING);
  }

  notePlayed(item: number, input: string): void {
    this.#work.notePlayed(item, input);
    const done = this.#work.gaps.every((gap) => gap.item !== item);
    if (item === this.#listening && item === this.place.item && done) void this.#goOn({ item, output: this.#outputs - 1 });
  }

  report(item: number, reason: ReportReason | null): void {
    this.#work.report(item, reason);
    this.trouble = "";
    this.said = reason ? t("reported", { reason: t(`report_${reason}`) }) : "";
    const next = reason && this.#page ? step({ item, output: 0 }, 1, this.#page.items.length) : null;
    if (next && next.item !== item) void this.go(next);
  }

  /**
   * A question was answered: go on to the next one; tells whether the page has to move for it. Who listens to one recording after
   * the other hears the next one; an item whose recording must be played to its end is left when it was.
   */
  async #goOn(from: Place): Promise<boolean> {
    const work = this.#work;
    const next = this.#page && after(from, this.#page.items.length, this.#outputs);
    if (!next) {
      // Who labels alone has nobody to hand a page to.
      if (work.task?.alone && work.gaps.length === 0) await this.#deeds.submit();
      return false;
    }
    const [card, leaves] = [this.cards[from.item], next.item !== from.item];
    if (leaves && work.gaps.some((gap) => gap.item === from.item && gap.why === "play")) {
      this.#listening = from.item;
      this.said = t("missing_play");
      card?.play();
      return false;
    }
    const heard = leaves && card?.begun();
    const moves = await this.go(next);
    if (heard) this.cards[next.item]?.play();
    return moves;
  }

  /** Whether the page has answers that are not those it came with. */
  get begun(): boolean {
    return this.#work.answers.some((answer, item) => {
      const [values, draft] = [valuesOf(answer), this.#page?.items[item]?.draft ?? {}];
      return reportOf(answer) !== null || !isAsDrafted(draft, values) || Object.entries(values).some(([output, value]) => value !== undefined && !(output in draft));
    });
  }

  /** Where one item is seen at a time, and the page is not ready: the next one; behind the last one, the first that is not done. */
  async forward(): Promise<void> {
    // The second of a double tap was meant for the page before; one of drafts can be sent as it came, but not so either.
    if (!this.begun && performance.now() - this.#cameAt < UNSEEN) return;
    if (!this.#page || !this.single || this.#work.gaps.length === 0) return this.#deeds.submit();
    const next = step(this.place, 1, this.#page.items.length);
    if (next.item === this.place.item) return this.#deeds.submit();
    await this.go(next);
  }

  readonly key = (event: KeyboardEvent): void => {
    this.byPointer = false;
    if (!this.#page || event.defaultPrevented || covered()) return;
    const where = whereIs(event.composedPath());
    const turned = where === "writing" ? undefined : TURNS[event.key];
    if (turned && this.cards[this.place.item]?.turn(turned)) return event.preventDefault();
    if (SCROLLING.has(event.key)) this.wandered = true;
    const action = meaning(event, where);
    if (action?.kind === "move") void this.by(action.by);
    else if (action?.kind === "submit") void (where === "line" ? this.#writeOn() : this.forward());
    else if (action?.kind === "undo") void this.#deeds.undo();
    else if (action?.kind === "help") this.#deeds.help();
    else if (action?.kind !== "press" || !this.#press(action.key)) return;
    event.preventDefault();
  };

  /** From a field of one line to that of the next question: whoever writes keeps writing. */
  async #writeOn(): Promise<void> {
    const page = this.#page?.page;
    await this.forward();
    if (this.#page?.page === page) this.cards[this.place.item]?.write(this.place.output);
  }

  /** Use a key for the item in focus; tells whether it meant something. */
  #press(key: string): boolean {
    const card = this.cards[this.place.item];
    if (this.wandered && !card?.inSight()) return (void this.go(this.place), true);
    const used = card?.press(key);
    if (used === "output" && key !== "Backspace" && this.#isQuick(this.place)) void this.#goOn(this.place);
    return Boolean(used);
  }
}
