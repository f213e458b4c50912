/** Shapes as they are painted over a picture, in pixels of the frame. */

import { bounds, distance, handles, outline, type Kind, type Place, type Shape, type Size } from "./shape";
import { toFrame, type Placement } from "./placement";

/** A colour for each label, by its place, in the order of `hueOf`; dark enough for white letters. What is meant is never told by colour alone. */
const COLOURS = ["#1d4ed8", "#c2410c", "#15803d", "#a21caf", "#a16207", "#0e7490", "#be185d", "#4d7c0f", "#7c3aed", "#b91c1c"];
/** Names of more would cover the picture, and light edges of more take too long. */
const MOST_NAMES = 150;
const HALO = "rgb(255 255 255 / 85%)";
const DOT = 5;
const LEAST_HANDLE = 2;

export interface Scene {
  readonly kind: Kind;
  readonly placement: Placement;
  readonly frame: Size;
  /** What readers call a label, and which colour it has. */
  readonly labels: ReadonlyMap<string, { readonly name: string; readonly colour: string }>;
}

/** Shapes that lie under those in question. */
export interface Layer extends Pick<Scene, "kind" | "labels"> {
  readonly shapes: readonly Shape[];
}

export function colourOf(place: number): string {
  return COLOURS[place % COLOURS.length]!;
}

/** Make a canvas as fine as the screen, empty. */
export function cleared(canvas: HTMLCanvasElement, { width, height }: Size): CanvasRenderingContext2D | null {
  const finest = Math.min(devicePixelRatio || 1, 3);
  const [wide, high] = [Math.round(width * finest), Math.round(height * finest)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  context?.setTransform(finest, 0, 0, finest, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/** All shapes but one, each in a stroke of its own: one path of thousands that overlap takes seconds. */
export function paintShapes(context: CanvasRenderingContext2D, scene: Scene, shapes: readonly Shape[], except: number): void {
  const seen = shapes.filter((shape, index) => index !== except && isSeen(scene, shape));
  for (const shape of seen) {
    context.beginPath();
    trace(context, scene, shape.points, true);
    stroke(context, scene.kind, colourIn(scene, shape), 2, seen.length <= MOST_NAMES);
  }
  if (seen.length <= MOST_NAMES) for (const shape of seen) paintName(context, scene, shape);
}

/** The shape that is worked on, with its handles. */
export function paintChosen(context: CanvasRenderingContext2D, scene: Scene, shape: Shape, corner: number, coarse: boolean): void {
  context.beginPath();
  trace(context, scene, shape.points, true);
  stroke(context, scene.kind, colourIn(scene, shape), 3);
  paintName(context, scene, shape);
  const places = handles(scene.kind, shape.points).map((handle) => toFrame(scene.placement, handle));
  const reach = handleReach(places, coarse);
  places.forEach(([x, y], index) => {
    context.beginPath();
    context.rect(x - reach, y - reach, 2 * reach, 2 * reach);
    context.fillStyle = index === corner ? "#111827" : "#fff";
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = index === corner ? "#fff" : "#111827";
    context.stroke();
  });
}

/** How far handles reach from their places: those near each other are smaller, so that the thing between them is seen. */
export function handleReach(places: readonly Place[], coarse: boolean): number {
  const gaps = places.slice(1).map((place, index) => distance(places[index]!, place));
  return Math.max(LEAST_HANDLE, Math.min(coarse ? 9 : DOT, ...gaps.map((gap) => gap / 5)));
}

/** What is being drawn, up to where the pointer is. */
export function paintDrawing(context: CanvasRenderingContext2D, scene: Scene, drawing: readonly Place[], cursor: Place | null, colour: string): void {
  if (drawing.length === 0) return;
  const reached = scene.kind === "boxes" ? [drawing[0]!, cursor ?? drawing[1]!] : cursor ? [...drawing, cursor] : drawing;
  context.beginPath();
  trace(context, scene, reached, scene.kind === "boxes");
  stroke(context, "lines", colour, 2);
  if (scene.kind === "boxes") return;
  drawing.forEach((point, index) => {
    const [x, y] = toFrame(scene.placement, point);
    dot(context, x, y, index === 0 ? DOT * 1.5 : DOT, colour);
  });
}

/** Lines through a place, from edge to edge. */
export function paintCross(context: CanvasRenderingContext2D, scene: Scene, cursor: Place): void {
  const [x, y] = toFrame(scene.placement, cursor).map((value) => Math.round(value) + 0.5) as [number, number];
  for (const [colour, dash] of [["#fff", []], ["#111827", [4, 4]]] as const) {
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, scene.frame.height);
    context.moveTo(0, y);
    context.lineTo(scene.frame.width, y);
    context.setLineDash([...dash]);
    context.lineWidth = 1;
    context.strokeStyle = colour;
    context.stroke();
  }
  context.setLineDash([]);
}

function trace(context: CanvasRenderingContext2D, { kind, placement }: Scene, points: readonly Place[], closed: boolean): void {
  if (kind === "points") {
    const [x, y] = toFrame(placement, points[0]!);
    context.moveTo(x + DOT, y);
    context.arc(x, y, DOT, 0, 2 * Math.PI);
    return;
  }
  outline(kind, points).forEach((point, index) => {
    const [x, y] = toFrame(placement, point);
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  if (closed && kind !== "lines") context.closePath();
}

function stroke(context: CanvasRenderingContext2D, kind: Kind, colour: string, width: number, haloed = true): void {
  context.lineJoin = "bevel";
  if (kind !== "lines") {
    context.fillStyle = kind === "points" ? colour : `${colour}22`;
    context.fill();
  }
  if (haloed) {
    context.lineWidth = width + 2;
    context.strokeStyle = HALO;
    context.stroke();
  }
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, radius: number, colour: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = "#fff";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.stroke();
}

function paintName(context: CanvasRenderingContext2D, scene: Scene, shape: Shape): void {
  const name = shape.label === undefined ? "" : (scene.labels.get(shape.label)?.name ?? shape.label);
  if (!name) return;
  const { left, top } = bounds(shape.points);
  const [x, y] = toFrame(scene.placement, [left, top]);
  context.font = "600 12px sans-serif";
  const width = context.measureText(name).width + 8;
  const [atX, atY] = [Math.max(0, Math.min(x - 1, scene.frame.width - width)), Math.max(0, y - 19)];
  context.fillStyle = colourIn(scene, shape);
  context.fillRect(atX, atY, width, 18);
  context.fillStyle = "#fff";
  context.fillText(name, atX + 4, atY + 13);
}

function colourIn({ labels }: Scene, { label }: Shape): string {
  return (label === undefined ? undefined : labels.get(label)?.colour) ?? COLOURS[0]!;
}

function isSeen({ placement, frame }: Scene, { points }: Shape): boolean {
  const { left, top, right, bottom } = bounds(points);
  const [startX, startY] = toFrame(placement, [left, top]);
  const [endX, endY] = toFrame(placement, [right, bottom]);
  return endX >= -DOT && startX <= frame.width + DOT && endY >= -DOT && startY <= frame.height + DOT;
}
