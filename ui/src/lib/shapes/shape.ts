/** Shapes on a picture: their JSON, their corners, and what lies where. A place is [x, y] in pixels of the decoded picture. */

export type Kind = "boxes" | "polygons" | "lines" | "points";
export type Place = readonly [number, number];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A box is its left upper and its right lower corner. */
export interface Shape {
  readonly label?: string;
  readonly points: readonly Place[];
}

/** An answer as it is stored. */
export interface Drawn extends Size {
  readonly shapes: readonly Readonly<Record<string, unknown>>[];
}

/** The corners that finish a shape of a kind. */
export const FEWEST: Readonly<Record<Kind, number>> = { boxes: 2, polygons: 3, lines: 2, points: 1 };

export function toJson(kind: Kind, shapes: readonly Shape[], { width, height }: Size): Drawn {
  return { width, height, shapes: shapes.map(({ label, points }) => ({ ...(label === undefined ? {} : { label }), ...coordinates(kind, points) })) };
}

export function fromJson(kind: Kind, value: unknown): Shape[] {
  const drawn = (value as Partial<Drawn> | null | undefined)?.shapes ?? [];
  return drawn.map((shape) => {
    const points = places(kind, shape);
    return typeof shape.label === "string" ? { label: shape.label, points } : { points };
  });
}

function coordinates(kind: Kind, points: readonly Place[]): Record<string, unknown> {
  if (kind === "boxes") return { box: points.flat() };
  return kind === "points" ? { point: points[0] } : { points };
}

function places(kind: Kind, shape: Readonly<Record<string, unknown>>): Place[] {
  if (kind === "points") return [shape.point as Place];
  if (kind !== "boxes") return shape.points as Place[];
  const [left, top, right, bottom] = shape.box as [number, number, number, number];
  return [
    [left, top],
    [right, bottom],
  ];
}

/** What can be dragged: the corners; of a box also the middles of its sides, clockwise from the left upper corner. */
export function handles(kind: Kind, points: readonly Place[]): readonly Place[] {
  if (kind !== "boxes") return points;
  const [[left, top], [right, bottom]] = points as [Place, Place];
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return [
    [left, top],
    [x, top],
    [right, top],
    [right, y],
    [right, bottom],
    [x, bottom],
    [left, bottom],
    [left, y],
  ];
}

/** For each handle of a box: which corner gives its x and its y; null: it does not move that way. */
const SIDES: readonly (readonly [0 | 1 | null, 0 | 1 | null])[] = [
  [0, 0],
  [null, 0],
  [1, 0],
  [1, null],
  [1, 1],
  [null, 1],
  [0, 1],
  [0, null],
];

export function withHandle(kind: Kind, points: readonly Place[], handle: number, to: Place): readonly Place[] {
  if (kind !== "boxes") return points.with(handle, to);
  const [x, y] = SIDES[handle]!;
  return points.map(([oldX, oldY], corner) => [corner === x ? to[0] : oldX, corner === y ? to[1] : oldY] as const);
}

/** The outline as it is drawn: a box has four corners. */
export function outline(kind: Kind, points: readonly Place[]): readonly Place[] {
  return kind === "boxes" && points.length === 2 ? [0, 2, 4, 6].map((handle) => handles(kind, points)[handle]!) : points;
}

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const known = new WeakMap<readonly Place[], Bounds>();

export function bounds(points: readonly Place[]): Bounds {
  const before = known.get(points);
  if (before) return before;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const found = { left, top, right, bottom };
  known.set(points, found);
  return found;
}

/** A place on the picture, to a hundredth of a pixel. */
export function onPicture([x, y]: Place, { width, height }: Size): Place {
  const within = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)) * 100) / 100;
  return [within(x, width), within(y, height)];
}

/** The same shape elsewhere, but not beyond the picture's edges. */
export function moved(points: readonly Place[], [byX, byY]: Place, { width, height }: Size): readonly Place[] {
  const { left, top, right, bottom } = bounds(points);
  const x = Math.min(width - right, Math.max(-left, byX));
  const y = Math.min(height - bottom, Math.max(-top, byY));
  return points.map((point) => onPicture([point[0] + x, point[1] + y], { width, height }));
}

/** Corners in order, whatever way a box was drawn. */
export function upright(kind: Kind, points: readonly Place[]): readonly Place[] {
  if (kind !== "boxes") return points;
  const { left, top, right, bottom } = bounds(points);
  return [
    [left, top],
    [right, bottom],
  ];
}

export type Flaw = "too_few" | "no_size" | "crosses";

/** What is wrong with a shape, or null. */
export function flaw(kind: Kind, points: readonly Place[]): Flaw | null {
  if (points.length < FEWEST[kind]) return "too_few";
  if (kind === "points") return null;
  const { left, top, right, bottom } = bounds(points);
  if (kind === "lines") return left === right && top === bottom ? "no_size" : null;
  if (left >= right || top >= bottom) return "no_size";
  return kind === "polygons" && crossesItself(points) ? "crosses" : null;
}

export function distance([x, y]: Place, [otherX, otherY]: Place): number {
  return Math.hypot(x - otherX, y - otherY);
}

/** The place on the piece between two points that is nearest to `at`. */
export function nearest(at: Place, start: Place, end: Place): Place {
  const [x, y] = [end[0] - start[0], end[1] - start[1]];
  const square = x * x + y * y;
  const share = square === 0 ? 0 : Math.min(1, Math.max(0, ((at[0] - start[0]) * x + (at[1] - start[1]) * y) / square));
  return [start[0] + share * x, start[1] + share * y];
}

/** The edge that passes within reach, as the number of its first corner; -1 if none does. */
export function edgeAt(kind: Kind, points: readonly Place[], at: Place, reach: number): number {
  const around = outline(kind, points);
  const count = kind === "lines" ? around.length - 1 : around.length;
  let [found, least] = [-1, reach];
  for (let edge = 0; edge < count && around.length > 1; edge += 1) {
    const away = distance(at, nearest(at, around[edge]!, around[(edge + 1) % around.length]!));
    if (away <= least) [found, least] = [edge, away];
  }
  return found;
}

export function handleAt(kind: Kind, points: readonly Place[], at: Place, reach: number): number {
  let [found, least] = [-1, reach];
  handles(kind, points).forEach((handle, index) => {
    const away = distance(at, handle);
    if (away <= least) [found, least] = [index, away];
  });
  return found;
}

function isInside(points: readonly Place[], [x, y]: Place): boolean {
  let inside = false;
  points.forEach(([startX, startY], index) => {
    const [endX, endY] = points[(index + 1) % points.length]!;
    if (startY > y !== endY > y && x < startX + ((y - startY) / (endY - startY)) * (endX - startX)) inside = !inside;
  });
  return inside;
}

/** How near a handle or an edge has to be to be meant: within a small shape nearer, for its middle is what moves it. */
export function reachWithin(kind: Kind, points: readonly Place[], at: Place, reach: number, outside = reach): number {
  if (kind === "points" || kind === "lines" || !isInside(outline(kind, points), at)) return outside;
  const { left, top, right, bottom } = bounds(points);
  return Math.min(reach, (right - left) / 4, (bottom - top) / 4);
}

/** Whether a shape is under a place: its inside where it has one, or within reach of it. */
function isAt(kind: Kind, points: readonly Place[], at: Place, reach: number): boolean {
  const { left, top, right, bottom } = bounds(points);
  if (at[0] < left - reach || at[0] > right + reach || at[1] < top - reach || at[1] > bottom + reach) return false;
  if (kind === "points") return distance(at, points[0]!) <= reach;
  return (kind !== "lines" && isInside(outline(kind, points), at)) || edgeAt(kind, points, at, reach) >= 0;
}

function extent(points: readonly Place[]): number {
  const { left, top, right, bottom } = bounds(points);
  return (right - left) * (bottom - top);
}

/** All shapes under a place, the smallest first, of equal ones the last drawn. */
export function allAt(kind: Kind, shapes: readonly Shape[], at: Place, reach: number): number[] {
  const under = shapes.flatMap(({ points }, index) => (isAt(kind, points, at, reach) ? [index] : []));
  return under.sort((one, other) => extent(shapes[one]!.points) - extent(shapes[other]!.points) || other - one);
}

/** Whether an outline meets itself anywhere but where two neighbouring edges join. */
export function crossesItself(points: readonly Place[]): boolean {
  const count = points.length;
  const edges = points.map((start, index) => [start, points[(index + 1) % count]!] as const);
  for (let one = 0; one < count; one += 1) {
    const [a, b] = edges[one]!;
    const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
    for (let other = one + 1; other < count; other += 1) {
      const [c, d] = edges[other]!;
      if ((c[0] < left && d[0] < left) || (c[0] > right && d[0] > right)) continue;
      const joined = other === one + 1 || (one === 0 && other === count - 1);
      if (joined ? goesBack(a, b, c, d) : meet(a, b, c, d)) return true;
    }
  }
  return false;
}

function turn([aX, aY]: Place, [bX, bY]: Place, [x, y]: Place): number {
  return Math.sign((bX - aX) * (y - aY) - (bY - aY) * (x - aX));
}

function meet(a: Place, b: Place, c: Place, d: Place): boolean {
  const within = (axis: 0 | 1) => Math.max(Math.min(a[axis], b[axis]), Math.min(c[axis], d[axis])) <= Math.min(Math.max(a[axis], b[axis]), Math.max(c[axis], d[axis]));
  return within(0) && within(1) && turn(a, b, c) * turn(a, b, d) <= 0 && turn(c, d, a) * turn(c, d, b) <= 0;
}

/** Whether the second of two joined edges lies on the first. */
function goesBack(a: Place, b: Place, c: Place, d: Place): boolean {
  const [corner, one, two] = b === c ? [b, a, d] : [a, b, c];
  const along = (one[0] - corner[0]) * (two[0] - corner[0]) + (one[1] - corner[1]) * (two[1] - corner[1]);
  return turn(corner, one, two) === 0 && along > 0;
}
