/** A sound and its segments as they are painted, in pixels of the frame. */

import { hueOf } from "../hues";
import { numbersOf } from "../locale";
import { cleared } from "../shapes/paint";
import { extent, type Peaks } from "./peaks";
import { lanesOf, type Piece, type Segment } from "./segment";
import { marksOf } from "./sight";

/** The height of the time line above the sound. */
export const RULER = 26;
const NAME = 18;
const PADDING = 5;
/** Half of the length of the bar by which an edge is taken. */
const GRIP = 14;

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly sight: Piece;
  readonly length: number;
  readonly peaks: Peaks | null;
  /** By how much the sound is drawn larger, so that it fills the height. */
  readonly gain: number;
  readonly segments: readonly Segment[];
  readonly chosen: number;
  /** What is drawn or pulled right now. */
  readonly drawn: Piece | null;
  readonly begun: number | null;
  readonly fixed: boolean;
  readonly language: string;
  /** What readers call a label, and its place among all. */
  readonly labels: ReadonlyMap<string, { readonly name: string; readonly place: number }>;
}

interface Colours {
  readonly ink: string;
  readonly quiet: string;
  readonly dark: boolean;
  readonly font: string;
}

export function paint(canvas: HTMLCanvasElement, scene: Scene): void {
  const context = cleared(canvas, scene);
  if (!context) return;
  const style = getComputedStyle(canvas);
  const [red = 0, green = 0, blue = 0] = (style.color.match(/\d+/g) ?? []).map(Number);
  const colours = { ink: style.color, quiet: style.getPropertyValue("border-top-color"), dark: red + green + blue > 380, font: style.fontFamily };
  paintRuler(context, scene, colours);
  paintSound(context, scene, colours);
  paintSegments(context, scene, colours);
  if (scene.drawn && scene.chosen < 0) paintPiece(context, scene, colours, scene.drawn, undefined, [0, 1], true);
  if (scene.begun !== null) paintBegun(context, scene, colours, scene.begun);
}

export function toX({ sight, width }: Pick<Scene, "sight" | "width">, time: number): number {
  return ((time - sight.start) / (sight.end - sight.start)) * width;
}

function toTime({ sight, width }: Pick<Scene, "sight" | "width">, x: number): number {
  return sight.start + (x / Math.max(1, width)) * (sight.end - sight.start);
}

function paintRuler(context: CanvasRenderingContext2D, scene: Scene, { ink, quiet, font }: Colours): void {
  const { times, digits } = marksOf(scene.sight, scene.width);
  const numbers = new Intl.NumberFormat(numbersOf(scene.language), { minimumFractionDigits: digits, maximumFractionDigits: digits, minimumIntegerDigits: scene.length >= 60 ? 2 : 1 });
  context.font = `12px ${font}`;
  context.textBaseline = "middle";
  context.fillStyle = ink;
  context.strokeStyle = quiet;
  context.lineWidth = 1;
  context.beginPath();
  for (const time of times) {
    const x = Math.round(toX(scene, time)) + 0.5;
    context.moveTo(x, RULER - 6);
    context.lineTo(x, RULER);
    const minutes = Math.floor((time + 1e-9) / 60);
    const written = numbers.format(Math.max(0, time - minutes * 60));
    context.fillText(scene.length >= 60 ? `${minutes}:${written}` : written, x + 3, RULER / 2 - 1);
  }
  context.moveTo(0, RULER + 0.5);
  context.lineTo(scene.width, RULER + 0.5);
  context.stroke();
}

function paintSound(context: CanvasRenderingContext2D, scene: Scene, { quiet }: Colours): void {
  const { peaks, width, height, gain } = scene;
  const [middle, room] = [(RULER + height) / 2, (height - RULER) / 2 - 3];
  context.fillStyle = quiet;
  const end = Math.min(width, toX(scene, scene.length));
  if (!peaks) return context.fillRect(0, middle - 0.5, end, 1);
  for (let x = 0; x < end; x += 1) {
    const [low, high] = extent(peaks, toTime(scene, x), toTime(scene, x + 1));
    const top = middle - high * gain * room;
    context.fillRect(x, top, 1, Math.max(1, (high - low) * gain * room));
  }
}

function paintSegments(context: CanvasRenderingContext2D, scene: Scene, colours: Colours): void {
  const { segments, chosen, drawn, sight } = scene;
  const lanes = lanesOf(segments);
  const rows = Math.max(1, ...lanes.map((lane) => lane + 1));
  let painted = -1;
  segments.forEach((segment, index) => {
    if (index === chosen || segment.end < sight.start || segment.start > sight.end) return;
    // Of thousands that share a pixel one is enough.
    const right = Math.round(toX(scene, segment.end));
    if (rows === 1 && right === painted) return;
    painted = right;
    paintPiece(context, scene, colours, segment, segment.label, [lanes[index]!, rows], false);
  });
  const segment = segments[chosen];
  if (segment) paintPiece(context, scene, colours, drawn ?? segment, segment.label, [lanes[chosen]!, rows], true);
}

function paintPiece(context: CanvasRenderingContext2D, scene: Scene, { dark, font, ink }: Colours, piece: Piece, label: string | undefined, [lane, rows]: readonly [number, number], chosen: boolean): void {
  const known = label === undefined ? undefined : scene.labels.get(label);
  const hue = hueOf(known?.place ?? 0);
  const colour = (share: number) => (dark ? `oklch(0.8 0.13 ${hue} / ${share})` : `oklch(0.5 0.15 ${hue} / ${share})`);
  const high = (scene.height - RULER - 1) / rows;
  const [left, top] = [toX(scene, piece.start), RULER + 1 + lane * high];
  const wide = Math.max(2, toX(scene, piece.end) - left);
  context.fillStyle = colour(chosen ? 0.34 : 0.18);
  context.fillRect(left, top, wide, high);
  context.fillStyle = colour(1);
  for (const x of [left, left + wide - 2]) context.fillRect(x, top, 2, high);
  if (chosen) {
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.strokeRect(left, top + 1, wide, high - 2);
    if (!scene.fixed) for (const x of [left, left + wide]) paintGrip(context, x, top + high / 2, Math.min(GRIP, high / 3), ink, dark);
  }
  if (known) paintName(context, known.name, left, top, wide, colour(1), dark, font);
}

function paintGrip(context: CanvasRenderingContext2D, x: number, y: number, half: number, ink: string, dark: boolean): void {
  context.beginPath();
  context.roundRect(x - 4, y - half, 8, 2 * half, 4);
  context.fillStyle = dark ? "#111318" : "#fff";
  context.fill();
  context.strokeStyle = ink;
  context.stroke();
}

/** The label's name at the segment's upper edge, as much of it as there is room for. */
function paintName(context: CanvasRenderingContext2D, name: string, left: number, top: number, wide: number, colour: string, dark: boolean, font: string): void {
  const from = Math.max(0, left);
  const room = left + wide - from;
  if (room < NAME) return;
  context.save();
  context.font = `600 12px ${font}`;
  context.textBaseline = "middle";
  const shown = Math.min(room, context.measureText(name).width + 2 * PADDING);
  context.beginPath();
  context.rect(from, top, shown, NAME);
  context.clip();
  context.fillStyle = colour;
  context.fillRect(from, top, shown, NAME);
  context.fillStyle = dark ? "#111318" : "#fff";
  context.fillText(name, from + PADDING, top + NAME / 2 + 0.5);
  context.restore();
}

/** Where a segment begins that has no end yet. */
function paintBegun(context: CanvasRenderingContext2D, scene: Scene, { ink }: Colours, begun: number): void {
  const x = toX(scene, begun);
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x, RULER);
  context.lineTo(x, scene.height);
  context.stroke();
  context.setLineDash([]);
}
