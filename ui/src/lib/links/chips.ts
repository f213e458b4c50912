/** Objects of a text as pieces of it that can be pressed where they stand. Places are counted in code units. */

import { hueOf } from "../hues";
import { Offsets } from "../spans/offsets";
import type { End, Link, Part, Side } from "./links";

/** An object of a text, from one place up to another. */
export interface Chip extends End {
  readonly start: number;
  readonly stop: number;
}

/** A piece of a text that lies in the same objects from its beginning to its end. */
export interface Stretch {
  readonly text: string;
  /** The object that a press here means, the shortest; -1: none. */
  readonly chip: number;
  /** Whether it is the first one that means it. */
  readonly first: boolean;
  /** The objects that end here. */
  readonly ends: readonly number[];
}

/** A pair as its objects wear it. */
export interface Badge {
  readonly text: string;
  readonly hue: number;
}

/** The letter of a pair by its place: A to Z, then AA. */
export function letterOf(place: number): string {
  const last = String.fromCharCode(65 + (place % 26));
  return place < 26 ? last : letterOf(Math.floor(place / 26) - 1) + last;
}

/** The objects of sides in a text, in the order in which they are read; what lies outside of it is none. */
export function chipsOf(text: string, sides: readonly [Side, readonly Part[]][]): Chip[] {
  const offsets = new Offsets(text);
  const chips = sides.flatMap(([side, parts]) =>
    parts.flatMap(({ start = -1, end = -1 }, place) => {
      const [first, stop] = [offsets.toUnits(start), offsets.toUnits(end)];
      return first >= 0 && stop > first && stop <= text.length ? [{ side, place, start: first, stop }] : [];
    }),
  );
  return chips.sort((one, other) => one.start - other.start || other.stop - one.stop);
}

/** The text cut where objects begin and end. */
export function stretchesOf(text: string, chips: readonly Chip[]): Stretch[] {
  const cuts = [...new Set([0, ...chips.flatMap(({ start, stop }) => [start, stop]), text.length])].sort((one, other) => one - other);
  const meant = new Set<number>();
  let [next, open] = [0, [] as number[]];
  return cuts.slice(1).map((stop, place) => {
    const start = cuts[place]!;
    open = open.filter((chip) => chips[chip]!.stop > start);
    for (; next < chips.length && chips[next]!.start <= start; next += 1) open.push(next);
    const chip = shortest(open, chips);
    const first = chip >= 0 && !meant.has(chip);
    meant.add(chip);
    return { text: text.slice(start, stop), chip, first, ends: open.filter((one) => chips[one]!.stop === stop) };
  });
}

function shortest(open: readonly number[], chips: readonly Chip[]): number {
  const length = (chip: number): number => chips[chip]!.stop - chips[chip]!.start;
  return open.reduce((least, chip) => (least < 0 || length(chip) < length(least) ? chip : least), -1);
}

/** The colour of each pair: of its label, where links have labels, for that has a colour already; else one of its own. */
export function huesOf(links: readonly Link[], labels: readonly string[]): number[] {
  return links.map(({ label }, pair) => hueOf(labels.length > 0 ? Math.max(labels.indexOf(label ?? ""), 0) : pair));
}

/** The pairs that an object is in: by its side, or by both where both sides are the same input. */
export function badgesOf({ side, place }: End, links: readonly Link[], directed: boolean, same: boolean, hues: readonly number[]): Badge[] {
  return links.flatMap(({ from, to }, pair) => {
    const [leads, led] = [(same || side === 0) && from === place, (same || side === 1) && to === place];
    if (!leads && !led) return [];
    const letter = letterOf(pair);
    return { text: !directed ? letter : leads ? `${letter}→` : `→${letter}`, hue: hues[pair]! };
  });
}
