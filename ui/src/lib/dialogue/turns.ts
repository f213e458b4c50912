/** Dialogues as they travel: turns, counted from 0. */

export interface Call {
  readonly name: string;
  readonly arguments: string;
}

export interface Turn {
  readonly role: string;
  readonly text: string;
  readonly name?: string;
  readonly images?: readonly { readonly url: string }[];
  readonly calls?: readonly Call[];
}

/** A dialogue, or what is left of one whose beginning is shown elsewhere: `from` turns stand before it. */
export interface Part {
  readonly from: number;
  readonly turns: readonly Turn[];
  /** Whether it is what several dialogues begin with. */
  readonly shared?: boolean;
}

/** The answer to one turn. */
export interface Labelled {
  readonly turn: number;
  readonly label: unknown;
}

export function partOf(value: unknown): Part {
  if (Array.isArray(value)) return { from: 0, turns: value as Turn[] };
  return (value as Part | null | undefined) ?? { from: 0, turns: [] };
}

/** The turns that all have at their beginning, and what is left of each; nothing if the first ones differ. */
export function sharedBeginning(values: readonly unknown[]): { common: Part; rest: Part[] } | undefined {
  const all = values.map(partOf);
  const least = Math.min(...all.map((part) => part.turns.length));
  const isSame = (place: number): boolean => all.every((part) => JSON.stringify(part.turns[place]) === JSON.stringify(all[0]!.turns[place]));
  let from = 0;
  while (from < least && isSame(from)) from += 1;
  if (all.length < 2 || from === 0) return undefined;
  return { common: { from: 0, turns: all[0]!.turns.slice(0, from), shared: true }, rest: all.map((part) => ({ from, turns: part.turns.slice(from) })) };
}

/** The places of the turns that are asked about: those of a role, or all. */
export function askedTurns(part: Part, role: string | null): number[] {
  return part.turns.flatMap((turn, index) => (role === null || turn.role === role ? [part.from + index] : []));
}

/** The answers with that to a turn put in, in the order of the turns. */
export function withLabel(given: readonly Labelled[], turn: number, label: unknown): Labelled[] {
  return [...given.filter((one) => one.turn !== turn), { turn, label }].sort((one, other) => one.turn - other.turn);
}
