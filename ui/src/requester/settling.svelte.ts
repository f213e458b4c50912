/** Items of a run that are settled by hand: what was said of each last, and what this page has said, to be taken back. */

import { Refused } from "../lib/api";
import { withKeys, optionsOf, type Option } from "../lib/options";
import type { Field, ItemView, Values } from "../lib/wire";
import { correct, fetchCorrections, type Correction } from "./api";
import { choices } from "./labels";

/** What is said of one item. */
export type Said = Extract<Correction, { item: string }>;

interface Done {
  undo: Said[];
  /** Where the items were settled. */
  address: string;
}

/** So many options are settled by a key or a button; of more one is chosen in the form. */
const FEW = 12;

export class Settling {
  busy = $state(false);
  failure = $state.raw<unknown>(null);
  /** What somebody else has said meanwhile of items that were to be settled: it is seen before it is overwritten. */
  meanwhile = $state.raw<Said[]>([]);
  /** What was settled here last. */
  told = $state("");
  done = $state.raw<readonly Done[]>([]);
  readonly #run: string;
  #seen: number | null = null;
  /** The last that was said of each item. */
  last = $state.raw<ReadonlyMap<string, Said>>(new Map());

  constructor(run: string) {
    this.#run = run;
  }

  /** Know what was said so far; what comes later is shown before it is overwritten. */
  async look(): Promise<void> {
    const { count, corrections } = await fetchCorrections(this.#run, this.#seen ?? 0);
    this.#note(count, corrections);
  }

  /** Say something of items, all or nothing; whether it was said. `told`: in words. */
  async say(said: readonly Said[], told: string, address: string): Promise<boolean> {
    const undo = said.map(({ item }) => inverse(item, this.last.get(item)));
    const good = await this.#send(said);
    if (good) {
      this.done = [...this.done, { undo, address }];
      this.told = told;
    }
    return good;
  }

  /** Take back what was said here last; gives where that was. */
  async undo(told: string): Promise<string | null> {
    const last = this.done.at(-1);
    if (last === undefined || !(await this.#send(last.undo))) return null;
    this.done = this.done.slice(0, -1);
    this.told = told;
    return last.address;
  }

  async #send(said: readonly Said[]): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = null;
    this.meanwhile = [];
    this.told = "";
    try {
      if (this.#seen === null) await this.look();
      const { count, corrections } = await correct(this.#run, said, this.#seen ?? 0);
      this.#note(count, corrections);
      return true;
    } catch (error) {
      this.failure = error;
      if (error instanceof Refused && error.code === "overtaken") await this.#hear(said);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Learn what somebody else has said of these items. */
  async #hear(said: readonly Said[]): Promise<void> {
    const before = this.last;
    try {
      await this.look();
    } catch (error) {
      this.failure = error;
      return;
    }
    this.meanwhile = said.flatMap(({ item }) => {
      const last = this.last.get(item);
      return last !== undefined && last !== before.get(item) ? [last] : [];
    });
  }

  #note(count: number, corrections: readonly Correction[]): void {
    this.#seen = count;
    const said = corrections.filter(isOfItem);
    if (said.length > 0) this.last = new Map([...this.last, ...said.map((one) => [one.item, one] as const)]);
  }
}

/** One for each run, as long as the page is open: an undo goes back over several items. */
const kept = new Map<string, Settling>();

export function settlingOf(run: string): Settling {
  const found = kept.get(run) ?? new Settling(run);
  kept.set(run, found);
  return found;
}

const isOfItem = (one: Correction): one is Said => "item" in one;

/** What an item is told so that it is as it was; more answers that were asked for are not asked for once more. */
function inverse(item: string, before: Said | undefined): Said {
  return before === undefined || before.kind === "ask_more" ? { kind: "uncorrect", item } : before;
}

/** The answers of an item that one key gives: those of a single question with few of them; none otherwise. */
export function keyed(outputs: readonly Field[], language: string, inputs: Values): Option[] {
  const [output] = outputs;
  if (outputs.length !== 1 || output === undefined) return [];
  const offered = output.type === "rating" ? withKeys(choices(output, language)) : ["choice", "boolean", "side_by_side"].includes(output.type) ? optionsOf(output, language, inputs) : [];
  return offered.length <= FEW ? offered : [];
}

/** Whether something was said by hand of an item that can be taken back. */
export const isSaid = (item: ItemView): boolean => ["corrected", "verified", "wrong", "set_aside"].includes(item.flag);
