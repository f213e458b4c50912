/** Which answers workers give where another one came out, as the run counts them. */

export interface Counted {
  question: string;
  came_out: unknown;
  given: unknown;
  count: number;
}

export interface Picture {
  /** What came out of items, a row each. */
  rows: { value: unknown; cells: { value: unknown; count: number; share: number }[] }[];
}

/** The counts of one question as a square; shares are of what was given where the row came out. */
export function pictureOf(counts: readonly Counted[], question: string): Picture {
  const own = counts.filter((one) => one.question === question);
  const values = [...new Set(own.map((one) => one.came_out))];
  const rows = values.map((value) => {
    const theirs = own.filter((one) => one.came_out === value);
    const all = theirs.reduce((sum, one) => sum + one.count, 0);
    return { value, cells: theirs.map((one) => ({ value: one.given, count: one.count, share: all > 0 ? one.count / all : 0 })) };
  });
  return { rows };
}
