/** Cuboids painted over a picture: edges, a front that is marked, names. */

import { axesOf, cornersOf, EDGES, plus, type Cuboid, type Vec } from "./cuboid";
import type { Spot } from "./sight";
import { hueOf } from "../hues";
import type { Frustum } from "./projection";

export interface Named {
  readonly name: string;
  readonly place: number;
}

/** Names of more would cover everything. */
const MOST_NAMES = 80;
const CHOSEN = "#ffffff";
const HINT = "oklch(0.9 0.17 100)";

/** Bright, because what lies below is dark. */
export const colourOf = (place: number): string => `oklch(0.8 0.13 ${hueOf(place)})`;

export interface Painted {
  readonly cuboids: readonly Cuboid[];
  readonly chosen: number;
  readonly labels: ReadonlyMap<string, Named>;
}

/** Paint cuboids where `seen` says; a cuboid of which a corner is seen nowhere, as behind a camera, is left out. */
export function paintCuboids(context: CanvasRenderingContext2D, { cuboids, chosen, labels }: Painted, seen: (place: Vec) => Spot | null): void {
  cuboids.forEach((cuboid, index) => {
    const corners = cornersOf(cuboid).map(seen);
    if (corners.some((corner) => corner === null)) return;
    const spots = corners as Spot[];
    const label = cuboid.label === undefined ? undefined : labels.get(cuboid.label);
    const colour = colourOf(label?.place ?? 0);
    context.lineWidth = index === chosen ? 2.5 : 1.5;
    context.strokeStyle = index === chosen ? CHOSEN : colour;
    context.fillStyle = colour;
    trace(context, spots);
    front(context, cuboid, spots, seen);
    if (cuboids.length <= MOST_NAMES || index === chosen) write(context, [index + 1, label?.name ?? cuboid.label, cuboid.track].filter((one) => one !== undefined).join(" "), spots);
  });
}

function trace(context: CanvasRenderingContext2D, corners: readonly Spot[]): void {
  context.beginPath();
  for (const [one, other] of EDGES) {
    context.moveTo(...corners[one]!);
    context.lineTo(...corners[other]!);
  }
  context.stroke();
}

/** The front face filled, and a line to it from the middle. */
function front(context: CanvasRenderingContext2D, cuboid: Cuboid, corners: readonly Spot[], seen: (place: Vec) => Spot | null): void {
  context.globalAlpha = 0.35;
  context.beginPath();
  corners.slice(0, 4).forEach((corner) => context.lineTo(...corner));
  context.closePath();
  context.fill();
  context.globalAlpha = 1;
  const [middle, end] = [seen(cuboid.centre), seen(plus(cuboid.centre, axesOf(cuboid)[0], cuboid.size[0] * 0.75))];
  if (!middle || !end) return;
  context.beginPath();
  context.moveTo(...middle);
  context.lineTo(...end);
  context.stroke();
}

function write(context: CanvasRenderingContext2D, text: string, corners: readonly Spot[]): void {
  const [x, y] = [Math.min(...corners.map(([x]) => x)), Math.min(...corners.map(([, y]) => y))];
  context.font = "12px system-ui, sans-serif";
  context.lineWidth = 3;
  const stroke = context.strokeStyle;
  context.strokeStyle = "rgb(0 0 0 / 80%)";
  context.strokeText(text, x, y - 4);
  context.fillText(text, x, y - 4);
  context.strokeStyle = stroke;
}

/** Paint what boxes on pictures leave open: rays through their corners, joined near and far. */
export function paintFrustums(context: CanvasRenderingContext2D, frustums: readonly Frustum[], seen: (place: Vec) => Spot): void {
  context.strokeStyle = HINT;
  context.lineWidth = 1.5;
  for (const { near, far } of frustums) {
    const [ends, starts] = [far.map(seen), near.map(seen)];
    context.beginPath();
    for (const ring of [starts, ends]) [...ring, ring[0]!].forEach((spot, place) => (place ? context.lineTo(...spot) : context.moveTo(...spot)));
    ends.forEach((end, place) => {
      context.moveTo(...starts[place]!);
      context.lineTo(...end);
    });
    context.stroke();
  }
}

/** Paint boxes of hints on a picture that is shown in this scale. */
export function paintHints(context: CanvasRenderingContext2D, boxes: readonly (readonly number[])[], across: number, down: number): void {
  context.strokeStyle = HINT;
  context.lineWidth = 2;
  for (const [left, top, right, bottom] of boxes as readonly [number, number, number, number][]) context.strokeRect(left * across, top * down, (right - left) * across, (bottom - top) * down);
}

/** Make a canvas as fine as the screen, empty. */
export function cleared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const finest = Math.min(devicePixelRatio || 1, 2);
  const [wide, high] = [Math.max(1, Math.round(width * finest)), Math.max(1, Math.round(height * finest))];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  context?.setTransform(finest, 0, 0, finest, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/** Which cuboids are seen at a spot, the smallest first. */
export function underSpot(cuboids: readonly Cuboid[], spot: Spot, seen: (place: Vec) => Spot, reach: number): number[] {
  const frames = cuboids.map((cuboid, index) => {
    const corners = cornersOf(cuboid).map(seen);
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const hit = spot[0] >= left - reach && spot[0] <= right + reach && spot[1] >= top - reach && spot[1] <= bottom + reach;
    return { index, hit, area: (right - left) * (bottom - top) };
  });
  return frames
    .filter(({ hit }) => hit)
    .sort((one, other) => one.area - other.area)
    .map(({ index }) => index);
}
