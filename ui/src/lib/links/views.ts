/** Where the objects of links are seen: on pictures and in texts; what is seen nowhere stands in lists only. */

import { inputOf, mediaUrl } from "../widgets";
import type { Field, Values } from "../wire";
import type { Side } from "./links";
import { sidesOf } from "./words";

/** A picture or a text, and the sides of which it has the objects. */
export interface View {
  readonly kind: "image" | "text";
  readonly input: Field;
  readonly sides: readonly Side[];
}

const DRAWN: readonly string[] = ["boxes", "polygons", "lines", "points"];

/** The input on which a side's objects are seen: what they were drawn on, or for cuboids the picture of the other side. */
function seenOn(side: Field | undefined, other: Field | undefined, among: readonly Field[]): Field | undefined {
  if (side?.type === "spans") return inputOf(side, among, "text");
  if (side && DRAWN.includes(side.type)) return inputOf(side, among, "image");
  const solid = side?.type === "cuboids" && among.some(({ type }) => type === "calibration");
  return solid && other && DRAWN.includes(other.type) ? inputOf(other, among, "image") : undefined;
}

/** The pictures and texts of both sides; one that has both is there once. */
export function viewsOf(field: Field, among: readonly Field[]): View[] {
  const [one, other] = sidesOf(field, among);
  const seen = [seenOn(one, other, among), seenOn(other, one, among)];
  return [...new Set(seen)].flatMap((input) => {
    if (input?.type !== "image" && input?.type !== "text") return [];
    return { kind: input.type, input, sides: ([0, 1] as const).filter((side) => seen[side] === input) };
  });
}

/** Those of them that an item has. */
export function viewsIn(field: Field, among: readonly Field[], inputs: Values): View[] {
  return viewsOf(field, among).filter(({ kind, input }) => (kind === "image" ? mediaUrl(inputs[input.name]) : typeof inputs[input.name] === "string"));
}

/** What is seen with the links: the pictures and texts, the objects on them, and how a camera sees. */
export function drawnWith(field: Field, among: readonly Field[]): string[] {
  const views = viewsOf(field, among);
  const sides = sidesOf(field, among).flatMap((side, place) => (side && views.some((view) => view.sides.includes(place as Side)) ? side : []));
  const told = sides.some(({ type }) => type === "cuboids") ? among.filter(({ type }) => type === "calibration") : [];
  return [...new Set([...sides, ...views.map(({ input }) => input), ...told].map(({ name }) => name))];
}
