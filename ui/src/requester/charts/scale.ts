/** Round numbers for chart axes. */

/** About `wanted` round whole values from 0 to at least `most`. */
export function ticks(most: number, wanted = 3): number[] {
  if (most <= 0) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** Marks of 1, 2 and 5 times a power of ten on a logarithmic axis, from the last that is not above `low` to the first not below `high`. */
export function logTicks(low: number, high: number): number[] {
  const powers = Array.from({ length: 24 }, (_, index) => 10 ** (index - 6));
  const marks = powers.flatMap((power) => [1, 2, 5].map((factor) => factor * power));
  const first = marks.findLastIndex((mark) => mark <= low);
  const last = marks.findIndex((mark) => mark >= high);
  return marks.slice(Math.max(0, first), Math.max(last, first + 1) + 1).map((mark) => Number(mark.toPrecision(1)));
}

/** At most `most` members of a list, evenly spread, the first and the last among them. */
export function thin<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  const step = (list.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => list[Math.round(index * step)] as T);
}

/** Steps of a time axis in seconds: what people count in. */
export const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000,
];

/** How many whole-numbered columns share one mark, so that the marks do not touch. */
export function labelEvery(columns: number, most = 12): number {
  return Math.max(1, Math.ceil(columns / most));
}

/** Steps of an axis of counts. */
export const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();
