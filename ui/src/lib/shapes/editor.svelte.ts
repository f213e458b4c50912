/** What is drawn on one picture, and every way to change it: by gestures, by keys, by the fields of the list. */

import { isForThis, type By, type Hand } from "../hand.svelte";
import { bounds, edgeAt, allAt, distance, FEWEST, flaw, handleAt, handles, moved, nearest, onPicture, reachWithin, toJson, upright, withHandle, type Drawn, type Flaw, type Kind, type Place, type Shape, type Size } from "./shape";

export type Tool = "draw" | "move";

/** What stands still while the pointer is held. */
type Gesture =
  | { kind: "handle"; handle: number; before: readonly Shape[]; points: readonly Place[] }
  | { kind: "move"; from: Place; before: readonly Shape[] }
  | { kind: "draw"; from: Place; under: number[]; drawing: readonly Place[] };

interface Step {
  readonly shapes: readonly Shape[];
  readonly chosen: number;
}

/** How far from a thing a pointer still means it, in pixels of the picture. */
export type Reach = number;

/** What was copied, on whatever picture: it is pasted at the same place. */
let copied: readonly Shape[] = [];
/** The first corner of a polygon is hit this much more easily. */
const CLOSING = 1.5;

/** A shape that is being drawn, and the label it will have. */
export interface Unfinished {
  readonly drawing: readonly Place[];
  readonly label: string | undefined;
}

/** Takes the answer, and what there is of the next shape. */
type Tell = (value: Drawn | undefined, unfinished: Unfinished) => void;

export class Editor {
  readonly kind: Kind;
  readonly size: Size;
  shapes = $state.raw<readonly Shape[]>([]);
  /** The shape that is worked on, -1: none. */
  chosen = $state(-1);
  /** Whether it was chosen on purpose, and not by drawing it. */
  #picked = false;
  /** The corner of it, -1: the shape as a whole. */
  corner = $state(-1);
  readonly hand: Hand;
  /** Corners of what is being drawn. */
  drawing = $state.raw<readonly Place[]>([]);
  /** Where the pointer or the keyboard's cross is. */
  cursor = $state.raw<Place | null>(null);
  /** Whether the cross was moved by keys last. */
  byKeys = false;
  /** Whether Esc was pressed with nothing chosen: Tab leaves the picture then. */
  left = false;
  /** That there is nothing to draw was said on purpose. */
  nothing = $state(false);
  /** Why something was not done. */
  trouble = $state<Flaw | null>(null);
  #past = $state.raw<readonly Step[]>([]);
  #future = $state.raw<readonly Step[]>([]);
  #gesture: Gesture | null = null;
  #tell: Tell;
  /** What was told of what is being drawn. */
  #told: readonly Place[];

  constructor(kind: Kind, size: Size, shapes: readonly Shape[], nothing: boolean, begun: Unfinished | undefined, hand: Hand, tell: Tell) {
    this.kind = kind;
    this.size = size;
    this.shapes = shapes;
    this.nothing = nothing;
    this.hand = hand;
    this.drawing = this.#told = begun?.drawing ?? [];
    if (begun) hand.label = begun.label;
    this.#tell = tell;
  }

  get label(): string | undefined {
    return this.hand.label;
  }

  set label(label: string | undefined) {
    this.hand.label = label;
  }

  get tool(): Tool {
    return (this.hand.tool as Tool | undefined) ?? "draw";
  }

  set tool(tool: Tool) {
    if (tool === "draw") this.#picked = false;
    this.hand.tool = tool;
  }

  get canUndo(): boolean {
    return this.#past.length > 0 || this.drawing.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  get canPaste(): boolean {
    return copied.length > 0;
  }

  get shape(): Shape | undefined {
    return this.shapes[this.chosen];
  }

  /** Whether the pointer holds something: then only that is drawn anew. */
  get held(): boolean {
    return this.#gesture !== null && this.#gesture.kind !== "draw";
  }

  /** Whether the pointer draws something new. */
  get draws(): boolean {
    return this.#gesture?.kind === "draw";
  }

  /** Begin a gesture; false: nothing is meant here but the picture itself. `beside`: how far beside the chosen shape
   *  it is taken hold of while others are drawn. */
  down(at: Place, reach: Reach, cut = false, beside = reach): boolean {
    this.trouble = null;
    this.byKeys = false;
    this.left = false;
    if (this.drawing.length > 0) this.#gesture = { kind: "draw", from: at, under: [], drawing: this.drawing };
    else if (!this.#grasp(at, reach, this.tool === "draw" ? beside : reach, cut)) {
      const under = allAt(this.kind, this.shapes, at, reach);
      if (this.tool === "draw") this.#gesture = { kind: "draw", from: at, under: this.#meant(under, at, reach), drawing: this.drawing };
      else return this.#take(under, at);
    }
    return true;
  }

  drag(at: Place, reach: Reach): void {
    const gesture = this.#gesture;
    this.cursor = onPicture(at, this.size);
    if (gesture?.kind === "handle") this.#replace(withHandle(this.kind, gesture.points, gesture.handle, this.cursor));
    else if (gesture?.kind === "move") this.#replace(moved(gesture.before[this.chosen]!.points, [at[0] - gesture.from[0], at[1] - gesture.from[1]], this.size));
    else if (gesture?.kind === "draw") this.#drawn(gesture.from, reach);
  }

  up(at: Place, reach: Reach, dragged: boolean): void {
    const gesture = this.#gesture;
    this.#gesture = null;
    if (gesture?.kind === "draw") this.#endDrawing(gesture, onPicture(at, this.size), reach, dragged);
    else if (gesture && this.shapes !== gesture.before) this.#settle(gesture.before);
    this.#keep();
  }

  /** Give up what is being drawn. */
  abandon(): void {
    this.drawing = [];
    this.trouble = null;
    this.#keep();
  }

  /** Tell what is being drawn, if that has changed. */
  #keep(): void {
    if (this.drawing !== this.#told) this.#say(this.shapes.length > 0 || this.nothing ? toJson(this.kind, this.shapes, this.size) : undefined);
  }

  #say(value: Drawn | undefined): void {
    this.#told = this.drawing;
    this.#tell(value, { drawing: this.drawing, label: this.label });
  }

  /** Give up the gesture: what it changed is as it was before. */
  cancel(): void {
    const gesture = this.#gesture;
    this.#gesture = null;
    if (gesture?.kind === "draw") this.drawing = gesture.drawing;
    else if (gesture) this.shapes = gesture.before;
    this.#keep();
  }

  /** Take hold of the chosen shape: a handle of it, its edge, or, to be moved, its inside. */
  #grasp(at: Place, reach: Reach, beside: Reach, cut: boolean): boolean {
    const points = this.shape?.points;
    if (!points) return false;
    const near = reachWithin(this.kind, points, at, reach, beside);
    const handle = handleAt(this.kind, points, at, near);
    if (handle >= 0) {
      this.corner = handle;
      if (cut) this.removeCorner();
      else this.#gesture = { kind: "handle", handle, before: this.shapes, points };
      return true;
    }
    const edge = edgeAt(this.kind, points, at, near);
    if (edge < 0) return false;
    const before = this.shapes;
    if (this.kind === "boxes") {
      this.corner = 2 * edge + 1;
      this.#gesture = { kind: "handle", handle: this.corner, before, points };
    } else {
      const more = points.toSpliced(edge + 1, 0, onPicture(nearest(at, points[edge]!, points[(edge + 1) % points.length]!), this.size));
      this.#replace(more);
      this.corner = edge + 1;
      this.#gesture = { kind: "handle", handle: edge + 1, before, points: more };
    }
    return true;
  }

  /** Of what lies under a click in drawing: what is chosen by it instead. Outlines are begun beside and inside of others. */
  #meant(under: number[], at: Place, reach: Reach): number[] {
    return this.kind === "polygons" ? under.filter((index) => edgeAt(this.kind, this.shapes[index]!.points, at, reach) >= 0) : under;
  }

  #take(under: number[], at: Place): boolean {
    // Of shapes on one another the next one, if one of them is chosen already.
    const index = under[(under.indexOf(this.chosen) + 1) % under.length] ?? -1;
    const keep = this.chosen >= 0 && under.includes(this.chosen) ? this.chosen : index;
    this.choose(keep);
    if (keep < 0) return false;
    this.#gesture = { kind: "move", from: at, before: this.shapes };
    return true;
  }

  #drawn(from: Place, reach: Reach): void {
    if (this.kind === "boxes") this.drawing = [this.drawing[0] ?? onPicture(from, this.size), this.cursor!];
    else if (this.kind !== "points") {
      const last = this.drawing.at(-1);
      if (!last) this.drawing = [onPicture(from, this.size)];
      else if (distance(last, this.cursor!) >= reach) this.drawing = [...this.drawing, this.cursor!];
    }
  }

  #endDrawing({ under }: { under: number[] }, at: Place, reach: Reach, dragged: boolean): void {
    if (!dragged && this.drawing.length === 0 && under.length > 0) this.choose(under[(under.indexOf(this.chosen) + 1) % under.length]!);
    else if (this.kind === "boxes") this.#endBox(at, dragged);
    else this.addPoint(at, reach);
  }

  #endBox(at: Place, dragged: boolean): void {
    const [first] = this.drawing;
    if (!first && !dragged) {
      this.choose(-1);
      this.drawing = [at, at];
    } else this.#finish([first ?? at, at]);
  }

  /** Set the next corner; the first or the last one again closes the shape. */
  addPoint(at: Place, reach: Reach): void {
    this.#addPoint(at, reach);
    this.#keep();
  }

  #addPoint(at: Place, reach: Reach): void {
    const { drawing } = this;
    if (this.kind === "points") return this.#finish([at]);
    if (this.kind === "boxes") return drawing.length === 0 ? void (this.drawing = [at, at]) : this.#finish([drawing[0]!, at]);
    const enough = drawing.length >= FEWEST[this.kind];
    const again = drawing.length > 1 && distance(drawing.at(-1)!, at) <= reach / 2;
    const around = this.kind === "polygons" && enough && distance(drawing[0]!, at) <= reach * CLOSING;
    if (enough && (again || around)) this.close();
    else if (!again) {
      this.choose(-1);
      this.drawing = [...drawing, at];
    }
  }

  close(): void {
    this.#finish(this.drawing);
    this.#keep();
  }

  #finish(points: readonly Place[]): void {
    const shape = { ...(this.label === undefined ? {} : { label: this.label }), points: upright(this.kind, points) };
    this.trouble = flaw(this.kind, shape.points);
    if (this.trouble === "crosses" || this.trouble === "too_few") return;
    this.drawing = [];
    if (this.trouble) return;
    this.#change([...this.shapes, shape], this.shapes.length);
  }

  /** A box in the middle of what is seen, for those who draw without a pointer. */
  dropBox([x, y]: Place, width: number, height: number): void {
    const at = (byX: number, byY: number) => onPicture([x + byX, y + byY], this.size);
    this.#finish([at(-width / 2, -height / 2), at(width / 2, height / 2)]);
  }

  choose(index: number): void {
    this.#hold(index, index >= 0);
  }

  /** Choose from a list, or let go of what was chosen on purpose. */
  pick(index: number): void {
    this.choose(this.#picked && index === this.chosen ? -1 : index);
  }

  #hold(index: number, picked: boolean): void {
    this.chosen = index;
    this.corner = -1;
    this.#picked = picked;
    const label = this.shape?.label;
    if (picked && label !== undefined) this.label = label;
  }

  /** A label for what is chosen or for the next one, which lets go of what was just drawn. */
  setLabel(label: string, by: By): void {
    if ((isForThis(this.#picked, by) && this.drawing.length === 0) || this.tool === "move") return this.relabel(label);
    this.label = label;
    this.choose(-1);
  }

  /** Another label for the chosen shape, whoever chose it. */
  relabel(label: string): void {
    this.label = label;
    if (this.shape && this.shape.label !== label) this.#change(this.shapes.with(this.chosen, { ...this.shape, label }), this.chosen);
  }

  remove(index = this.chosen): void {
    if (this.shapes[index]) this.#change(this.shapes.toSpliced(index, 1), -1);
  }

  removeCorner(): void {
    const points = this.shape?.points;
    if (!points || this.kind === "boxes" || points.length <= FEWEST[this.kind]) return this.remove();
    this.#edit(points.toSpliced(this.corner, 1));
  }

  /** Another corner in the middle of the edge behind the chosen one. */
  addCorner(): void {
    const points = this.shape?.points;
    if (!points || this.kind === "boxes" || this.kind === "points") return;
    const start = Math.max(0, Math.min(this.corner, points.length - (this.kind === "lines" ? 2 : 1)));
    const [one, other] = [points[start]!, points[(start + 1) % points.length]!];
    this.#edit(points.toSpliced(start + 1, 0, [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]));
    this.corner = start + 1;
  }

  /** Move the chosen corner or shape; tells whether there is one. */
  nudge(by: Place): boolean {
    const points = this.shape?.points;
    if (!points) return false;
    const handle = handles(this.kind, points)[this.corner];
    this.#edit(handle ? withHandle(this.kind, points, this.corner, onPicture([handle[0] + by[0], handle[1] + by[1]], this.size)) : moved(points, by, this.size));
    return true;
  }

  /** Move the right and the lower side of the chosen box. */
  resize(by: Place): boolean {
    const points = this.shape?.points;
    if (!points || this.kind !== "boxes") return false;
    this.#edit([points[0]!, onPicture([points[1]![0] + by[0], points[1]![1] + by[1]], this.size)]);
    return true;
  }

  /** Set one number of the chosen shape, as a field says it. */
  setNumber(point: number, axis: 0 | 1, value: number): void {
    const points = this.shape?.points;
    if (!points || !Number.isFinite(value)) return;
    const [x, y] = points[point]!;
    this.#edit(points.with(point, onPicture(axis === 0 ? [value, y] : [x, value], this.size)));
  }

  copy(): void {
    copied = this.shape ? [this.shape] : this.shapes;
  }

  /** Paste at the same place; what lies there already is pasted beside itself. */
  paste(): void {
    const pasted = copied.map((shape) => {
      const { label: own, ...bare } = shape;
      const label = this.label === undefined ? undefined : (own ?? this.label);
      const there = this.shapes.some(({ points }) => JSON.stringify(points) === JSON.stringify(shape.points));
      const { right, bottom } = bounds(shape.points);
      const by: Place = there ? [right + 10 > this.size.width ? -10 : 10, bottom + 10 > this.size.height ? -10 : 10] : [0, 0];
      return { ...bare, ...(label === undefined ? {} : { label }), points: moved(shape.points, by, this.size) };
    });
    const fits = pasted.filter(({ points }) => flaw(this.kind, points) === null);
    if (fits.length > 0) this.#change([...this.shapes, ...fits], this.shapes.length + fits.length - 1);
  }

  sayNothing(nothing: boolean): void {
    this.nothing = nothing;
    this.#say(nothing ? toJson(this.kind, [], this.size) : undefined);
  }

  undo(): void {
    this.cancel();
    if (this.drawing.length > 0) this.drawing = this.kind === "boxes" ? [] : this.drawing.slice(0, -1);
    else [this.#past, this.#future] = this.#back(this.#past, this.#future);
    this.#keep();
  }

  redo(): void {
    this.cancel();
    [this.#future, this.#past] = this.#back(this.#future, this.#past);
  }

  #back(from: readonly Step[], to: readonly Step[]): [readonly Step[], readonly Step[]] {
    const step = from.at(-1);
    if (!step) return [from, to];
    const now = { shapes: this.shapes, chosen: this.chosen };
    this.#show(step.shapes, step.chosen);
    return [from.slice(0, -1), [...to, now]];
  }

  #replace(points: readonly Place[]): void {
    this.shapes = this.shapes.with(this.chosen, { ...this.shape!, points });
  }

  #edit(points: readonly Place[]): void {
    const before = this.shapes;
    const { corner } = this;
    this.#replace(points);
    this.#settle(before);
    this.corner = Math.min(corner, handles(this.kind, this.shape?.points ?? []).length - 1);
  }

  /** Keep what was changed, unless it is no shape any more. */
  #settle(before: readonly Shape[]): void {
    const shape = this.shape!;
    const points = upright(this.kind, shape.points);
    const { chosen, corner } = this;
    this.trouble = flaw(this.kind, points);
    const changed = this.shapes;
    this.shapes = before;
    if (!this.trouble) this.#change(changed.with(chosen, { ...shape, points }), chosen);
    this.corner = corner;
  }

  #change(shapes: readonly Shape[], chosen: number): void {
    this.#past = [...this.#past, { shapes: this.shapes, chosen: this.chosen }];
    this.#future = [];
    this.trouble = null;
    this.#show(shapes, chosen);
  }

  #show(shapes: readonly Shape[], chosen: number): void {
    this.shapes = shapes;
    const index = Math.min(chosen, shapes.length - 1);
    this.#hold(index, this.#picked && index === this.chosen);
    this.nothing = false;
    this.#say(shapes.length > 0 ? toJson(this.kind, shapes, this.size) : undefined);
  }
}
