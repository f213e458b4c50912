/** Links between objects of two inputs: which objects there are, where a picture shows them, and what a press changes. */

import { cornersOf, EDGES, type Cuboid } from "../cloud/cuboid";
import { projection, type Camera } from "../cloud/projection";
import type { Spot } from "../cloud/sight";

export interface Link {
  readonly from: number;
  readonly to: number;
  readonly label?: string;
}

/** The side of an object: 0 for what links come from, 1 for what they lead to. */
export type Side = 0 | 1;

export interface End {
  readonly side: Side;
  readonly place: number;
}

/** An object as values have it, of which forms are those of its type. */
export interface Part {
  readonly label?: string;
  readonly text?: string;
  readonly track?: string;
  readonly box?: readonly number[];
  readonly point?: readonly number[];
  readonly points?: readonly (readonly number[])[];
  readonly centre?: unknown;
  /** Of a piece of a text, in code points. */
  readonly start?: number;
  readonly end?: number;
}

/** Where a picture shows an object: its lines in pixels, and what they reach. */
export interface Outline {
  readonly lines: readonly (readonly Spot[])[];
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The objects of a value, in their order. */
export function partsOf(value: unknown): readonly Part[] {
  const made = value as { shapes?: Part[]; tracks?: Part[] } | Part[] | null | undefined;
  if (Array.isArray(made)) return made;
  return made?.shapes ?? made?.tracks ?? [];
}

/** The lines of a shape on a picture; a point is a small cross, and an `open` one does not lead back to where it began. */
function drawnLines({ box, point, points }: Part, unit: number, open: boolean): Spot[][] {
  if (box) {
    const [left, top, right, bottom] = box as [number, number, number, number];
    return [[[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]];
  }
  if (point) {
    const [x, y] = point as [number, number];
    return [[[x - unit, y], [x + unit, y]], [[x, y - unit], [x, y + unit]]];
  }
  if (!points) return [];
  return [open ? [...(points as Spot[])] : [...(points as Spot[]), points[0] as Spot]];
}

/** The edges of a cuboid as a camera sees them; none where a corner is seen nowhere, as behind the camera. */
function seenLines(cuboid: Cuboid, camera: Camera): Spot[][] {
  const spots = cornersOf(cuboid).map(projection(camera, [0, 0, 0]));
  return spots.some((spot) => spot === null) ? [] : EDGES.map(([one, other]) => [spots[one]!, spots[other]!]);
}

/** Where a picture of this width and height shows an object; null where it does not. A line is meant by a press beside it, too. */
export function outlineOf(part: Part, camera: Camera | null, width: number, height: number, open = false): Outline | null {
  const unit = Math.max(width, height) / 100;
  const lines = part.centre === undefined ? drawnLines(part, unit, open) : camera ? seenLines(part as Cuboid, camera) : [];
  const spots = lines.flat();
  if (spots.length === 0) return null;
  const [xs, ys] = [spots.map(([x]) => x), spots.map(([, y]) => y)];
  const beside = open ? unit : 0;
  const outline = { lines, left: Math.min(...xs) - beside, top: Math.min(...ys) - beside, right: Math.max(...xs) + beside, bottom: Math.max(...ys) + beside };
  return outline.right < 0 || outline.bottom < 0 || outline.left > width || outline.top > height ? null : outline;
}

/** What is meant by a press at a spot: of the objects there, first those of the side that is asked for, the smallest. */
export function under(outlines: readonly [readonly (Outline | null)[], readonly (Outline | null)[]], [x, y]: Spot, wanted: Side): End | null {
  const found = outlines.flatMap((side, number) =>
    side.flatMap((one, place) => {
      if (!one || x < one.left || x > one.right || y < one.top || y > one.bottom) return [];
      return [{ side: number as Side, place, area: (one.right - one.left) * (one.bottom - one.top) }];
    }),
  );
  found.sort((one, other) => Number(one.side !== wanted) - Number(other.side !== wanted) || one.area - other.area);
  return found[0] ? { side: found[0].side, place: found[0].place } : null;
}

/** Of more numbers than this each stands where it would alone. */
const MOST_APART = 300;
/** How wide a sign of them is, as a share of their height. */
const SIGN = 0.62;

/**
 * Where the numbers of objects begin: above a corner of each, of the first side the left one; where another's stands there
 * already, above the other corner, below, or inside, so that none is read as another's.
 */
export function numbersBeside(said: readonly { outline: Outline; side: Side; text: string }[], high: number, width: number, height: number): { x: number; y: number }[] {
  const taken: { left: number; top: number; right: number; bottom: number }[] = [];
  return said.map(({ outline: { left, top, right, bottom }, side, text }) => {
    const wide = text.length * high * SIGN;
    const [begins, ends] = [left, right - wide];
    const sideways = side === 0 ? [begins, ends] : [ends, begins];
    const inside = side === 0 ? [left + high / 4, right - wide - high / 4] : [right - wide - high / 4, left + high / 4];
    const spots = [
      ...sideways.map((x) => [x, top - high / 4] as const),
      ...sideways.map((x) => [x, bottom + high] as const),
      ...inside.map((x) => [x, top + high] as const),
    ].map(([x, y]) => ({ x: Math.min(Math.max(x, 0), Math.max(width - wide, 0)), y: Math.min(Math.max(y, high), height) }));
    const free = ({ x, y }: { x: number; y: number }): boolean => taken.every((one) => x >= one.right || x + wide <= one.left || y - high >= one.bottom || y <= one.top);
    const spot = (said.length > MOST_APART ? undefined : spots.find(free)) ?? spots[0]!;
    taken.push({ left: spot.x, top: spot.y - high, right: spot.x + wide, bottom: spot.y });
    return spot;
  });
}

export interface Rules {
  readonly single: boolean;
  readonly directed: boolean;
  /** Whether both sides are the same input. */
  readonly same: boolean;
}

/** The link between two ends of different sides; null where an object would be linked with itself. */
export function between(one: End, other: End, label: string | undefined, { directed, same }: Rules): Link | null {
  let [from, to] = one.side === 0 ? [one.place, other.place] : [other.place, one.place];
  if (same && from === to) return null;
  if (!directed && from > to) [from, to] = [to, from];
  return { from, to, ...(label === undefined ? {} : { label }) };
}

export const joinSame = (one: Link, other: Link): boolean => one.from === other.from && one.to === other.to;

/** The links with one more, in their order; where an object may have one, those that it had are gone. */
export function withLink(links: readonly Link[], link: Link, { single, same }: Rules): Link[] {
  const ends = ({ from, to }: Link): string[] => [`0 ${from}`, `${same ? 0 : 1} ${to}`];
  const taken = new Set(ends(link));
  const rest = links.filter((one) => !joinSame(one, link) && !(single && ends(one).some((end) => taken.has(end))));
  return [...rest, link].sort((one, other) => one.from - other.from || one.to - other.to);
}
