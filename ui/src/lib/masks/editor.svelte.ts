/** A mask that is being painted: the tools, what was done and can be taken back, and the answer. */

import type { Hand } from "../hand.svelte";
import { distance, onPicture, type Place, type Size } from "../shapes/shape";
import type { Pointing } from "../widgets";
import { Raster, weight, type Masked, type Step } from "./raster";

export type Tool = "brush" | "eraser" | "polygon" | "fill" | "assist";
export const TOOLS: readonly Tool[] = ["brush", "eraser", "polygon", "fill", "assist"];

/** Asks the assistant for the runs of a mask. */
export type Ask = (prompt: Pointing) => Promise<string>;

const NO_PROMPT: Pointing = { points: [], box: null };

/** Corners of an outline that is not closed yet, the label it will have, and a mask that cannot be sent as it is. */
export interface Unfinished {
  readonly drawing: readonly Place[];
  readonly label: string | undefined;
  readonly mask?: Masked;
}

type Tell = (value: Masked | undefined, unfinished: Unfinished | undefined) => void;

/** Steps that can be taken back: so many, and so many bytes of them. */
const MOST_STEPS = 200;
const MOST_BYTES = 48 << 20;
/** More characters of runs than the server takes. */
const MOST_CHARACTERS = 1_000_000;
const LARGEST = 200;
/** The first corner of an outline is hit this much more easily. */
const CLOSING = 1.5;

export class Editor {
  readonly size: Size;
  readonly raster: Raster;
  readonly labels: readonly (string | undefined)[];
  readonly hand: Hand;
  drawing = $state.raw<readonly Place[]>([]);
  /** Where the pointer or the keyboard's cross is. */
  cursor = $state.raw<Place | null>(null);
  /** Whether the brush is down by the keyboard. */
  down = $state(false);
  byKeys = false;
  /** Whether Esc was pressed with nothing begun: Tab leaves the picture then. */
  left = false;
  nothing = $state(false);
  trouble = $state<"mask_too_fine" | "assist_failed" | null>(null);
  prompt = $state.raw<Pointing>(NO_PROMPT);
  /** Whether the assistant was asked and has not answered. */
  waiting = $state(false);
  ask: Ask | undefined;
  #asked: Pointing | null = null;
  #assisted = 0;
  /** The steps that are the assistant's, and that of the present prompt. */
  #helped = new WeakSet<Step>();
  #suggested: Step | null = null;
  #from: Place | null = null;
  /** Counts what was painted, so that it is seen. */
  version = $state(0);
  /** Pixels of each label, by its code. */
  sizes = $state.raw<ReadonlyMap<number, number>>(new Map());
  #past = $state.raw<readonly Step[]>([]);
  #future = $state.raw<readonly Step[]>([]);
  #path: Place[] = [];
  #tell: Tell;
  /** The width of the brush, for a picture of this size, until somebody chooses one. */
  readonly #usual: number;

  constructor(size: Size, labels: readonly (string | undefined)[], value: Masked | null | undefined, begun: Unfinished | undefined, hand: Hand, tell: Tell) {
    this.size = size;
    this.labels = labels;
    this.hand = hand;
    this.raster = new Raster(size);
    const painted = value ?? begun?.mask;
    if (painted) this.raster.load(painted.masks, labels);
    if (begun?.mask) this.trouble = "mask_too_fine";
    this.nothing = painted?.masks.length === 0;
    this.#assisted = painted?.assisted ?? 0;
    this.sizes = this.raster.sizes();
    this.drawing = begun?.drawing ?? [];
    if (this.drawing.length > 0) hand.tool = "polygon" satisfies Tool;
    // What was begun may be of a label that there is no more.
    if (begun) hand.label = labels.includes(begun.label) ? begun.label : labels[0];
    this.#usual = Math.max(3, Math.min(LARGEST, Math.round(Math.max(size.width, size.height) / 40)));
    this.#tell = tell;
  }

  get label(): string | undefined {
    return this.hand.label;
  }

  set label(label: string | undefined) {
    this.hand.label = label;
  }

  get tool(): Tool {
    return (this.hand.tool as Tool | undefined) ?? "brush";
  }

  set tool(tool: Tool) {
    this.hand.tool = tool;
  }

  /** Across, in pixels of the picture. */
  get brush(): number {
    return Math.min(this.largest, this.hand.brush ?? this.#usual);
  }

  /** Whether pixels that have a label stay as they are. */
  get keep(): boolean {
    return this.hand.keep;
  }

  set keep(keep: boolean) {
    this.hand.keep = keep;
  }

  get largest(): number {
    return Math.max(LARGEST, Math.round(Math.max(this.size.width, this.size.height) / 8));
  }

  get canUndo(): boolean {
    return this.#past.length > 0 || this.drawing.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  get marked(): boolean {
    return this.sizes.size > 0;
  }

  get code(): number {
    return this.tool === "eraser" ? 0 : this.labels.indexOf(this.label) + 1;
  }

  /** Take up a tool. An outline that was begun ends with its own: another one would paint under its corners. */
  choose(tool: Tool): void {
    this.lift();
    this.forget();
    if (tool !== "polygon" && this.drawing.length > 0) this.abandon();
    this.tool = tool;
  }

  setLabel(label: string): void {
    this.lift();
    this.forget();
    this.label = label;
    if (this.tool === "eraser") this.tool = "brush";
  }

  /** A brush larger or smaller by a tenth, by one pixel at least. */
  widen(by: 1 | -1): void {
    this.resize(this.brush + by * Math.max(1, Math.round(this.brush / 10)));
  }

  resize(brush: number): void {
    if (Number.isFinite(brush)) this.hand.brush = Math.max(1, Math.min(this.largest, Math.round(brush)));
  }

  // --- gestures -----------------------------------------------------------------------------------

  /** Begin to paint; of a corner or a filling all is done when the pointer is lifted. */
  begin(at: Place, erase = false): void {
    this.left = this.byKeys = false;
    this.trouble = null;
    this.#erasing = erase;
    if (this.tool === "assist") this.#from = at;
    if (this.tool === "polygon" || this.tool === "fill" || this.tool === "assist") return;
    this.#path = [this.#snapped(at)];
    this.#paint(this.#path[0]!, this.#path[0]!);
  }

  drag(at: Place, reach: number): void {
    this.cursor = onPicture(at, this.size);
    if (this.tool === "assist") {
      if (this.#from && distance(this.#from, at) > reach) this.prompt = { points: [], box: boxOf(onPicture(this.#from, this.size), this.cursor) };
    } else if (this.tool === "polygon") {
      if (this.drawing.length > 0 && distance(this.drawing.at(-1)!, this.cursor) >= 2 * reach) this.drawing = [...this.drawing, this.cursor];
    } else if (this.#path.length > 0) {
      const [from, to] = [this.#path.at(-1)!, this.#snapped(at)];
      this.#path.push(to);
      this.#paint(from, to);
    }
  }

  end(at: Place, reach: number): void {
    if (this.tool === "polygon") this.addPoint(onPicture(at, this.size), reach);
    else if (this.tool === "fill") this.fillAt(onPicture(at, this.size));
    else if (this.tool === "assist") this.#pointed(onPicture(at, this.size), reach);
    else this.#lifted();
  }

  /** Give up what the pointer has begun. */
  cancel(): void {
    this.#path = [];
    this.#from = null;
    this.down = false;
    this.raster.abandon();
    this.version += 1;
  }

  #erasing = false;

  #paint(from: Place, to: Place): void {
    this.raster.keep = this.keep;
    this.raster.line(from, to, this.brush / 2, this.#erasing ? 0 : this.code);
    this.version += 1;
  }

  /** A brush of one pixel paints the pixel that is pointed at. */
  #snapped([x, y]: Place): Place {
    return this.brush > 1 ? [x, y] : [Math.floor(x) + 0.5, Math.floor(y) + 0.5];
  }

  /** The stroke is done. One that comes back to where it began is filled, which is a step of its own. */
  #lifted(): void {
    const path = this.#path;
    this.#path = [];
    if (path.length === 0) return;
    this.#done();
    if (!this.#erasing && this.tool === "brush" && closes(path, this.brush)) {
      this.raster.keep = this.keep;
      this.raster.fill(path, this.code);
      this.#done();
    }
    this.#erasing = false;
  }

  /** Set the next corner; the first or the last one again closes the outline. */
  addPoint(at: Place, reach: number): void {
    const { drawing } = this;
    const again = drawing.length > 0 && distance(drawing.at(-1)!, at) <= reach / 2;
    const around = drawing.length > 2 && distance(drawing[0]!, at) <= reach * CLOSING;
    if (drawing.length > 2 && (again || around)) return this.close();
    if (!again) this.drawing = [...drawing, at];
    this.#say();
  }

  /** Fill the outline. */
  close(): void {
    if (this.drawing.length < 3) return;
    this.raster.keep = this.keep;
    this.raster.fill(this.drawing, this.code);
    this.drawing = [];
    this.#done();
  }

  fillAt(at: Place): void {
    this.raster.keep = this.keep;
    this.raster.flood(at, this.code);
    this.#done();
  }

  // --- the assistant ------------------------------------------------------------------------------

  /** A click is one more point, a drag a new box. */
  #pointed(at: Place, reach: number): void {
    const dragged = this.#from !== null && distance(this.#from, at) > reach;
    this.#from = null;
    if (!dragged) this.pointAt(at, !this.#erasing);
    else if (this.prompt.box && this.prompt.box[0] < this.prompt.box[2] && this.prompt.box[1] < this.prompt.box[3]) {
      this.#suggested = null;
      void this.#request(this.prompt);
    }
  }

  pointAt([x, y]: Place, good: boolean): void {
    void this.#request({ ...this.prompt, points: [...this.prompt.points, [x, y, good]] });
  }

  async #request(prompt: Pointing): Promise<void> {
    if (!this.ask || this.code === 0) return;
    this.prompt = this.#asked = prompt;
    this.trouble = null;
    this.waiting = true;
    const counts = await this.ask(prompt).catch(() => null);
    // Meanwhile something else was begun, or the item is another: nobody wants it any more.
    if (this.#asked !== prompt) return;
    this.waiting = false;
    if (counts === null) this.trouble = "assist_failed";
    else this.#suggest(counts);
  }

  /** Paint what the assistant says, in place of what it said before of the same thing. */
  #suggest(counts: string): void {
    if (this.#suggested && this.#suggested === this.#past.at(-1)) {
      this.raster.swap(this.#suggested);
      this.#past = this.#past.slice(0, -1);
      this.#assisted -= 1;
    }
    this.raster.keep = this.keep;
    this.raster.runs(counts, this.code);
    const { prompt } = this;
    this.#assisted += 1;
    if (!this.#done()) return void (this.#assisted -= 1);
    this.#suggested = this.#past.at(-1)!;
    this.#helped.add(this.#suggested);
    this.prompt = this.#asked = prompt;
  }

  /** What was pointed at is done with; what the assistant says of it comes too late. */
  forget(): void {
    this.prompt = NO_PROMPT;
    this.#asked = this.#suggested = null;
    this.waiting = false;
  }

  // --- the keyboard -------------------------------------------------------------------------------

  /** Lower the brush, set a corner or fill, at the cross; lift the brush. */
  press(at: Place, reach: number): void {
    this.cursor = at;
    if (this.tool === "polygon") this.addPoint(at, reach);
    else if (this.tool === "fill") this.fillAt(at);
    else if (this.tool === "assist") this.pointAt(at, true);
    else if (this.down) this.lift();
    else {
      this.begin(at);
      this.down = true;
    }
    this.byKeys = true;
  }

  /** Move the cross; a brush that is down paints. */
  moveTo(at: Place): void {
    this.cursor = onPicture(at, this.size);
    this.byKeys = true;
    if (!this.down) return;
    const [from, to] = [this.#path.at(-1)!, this.#snapped(this.cursor)];
    this.#path.push(to);
    this.#paint(from, to);
  }

  /** The stroke that is being made, by whatever, ends here. */
  lift(): void {
    this.#lifted();
    this.down = false;
  }

  abandon(): void {
    this.drawing = [];
    this.#say();
  }

  // --- steps and the answer -----------------------------------------------------------------------

  undo(): void {
    if (this.#path.length > 0) return this.cancel();
    if (this.drawing.length > 0) this.drawing = this.drawing.slice(0, -1);
    else [this.#past, this.#future] = this.#back(this.#past, this.#future, -1);
    this.#say();
  }

  redo(): void {
    this.lift();
    [this.#future, this.#past] = this.#back(this.#future, this.#past, 1);
    this.#say();
  }

  #back(from: readonly Step[], to: readonly Step[], by: 1 | -1): [readonly Step[], readonly Step[]] {
    const step = from.at(-1);
    this.forget();
    if (!step) return [from, to];
    const now = this.raster.swap(step);
    if (this.#helped.has(step)) {
      this.#helped.add(now);
      this.#assisted += by;
    }
    this.version += 1;
    return [from.slice(0, -1), [...to, now]];
  }

  /** Keep what was done as a step; tells whether anything was. */
  #done(): boolean {
    const step = this.raster.step();
    this.forget();
    if (!step) return false;
    this.#past = bounded([...this.#past, step]);
    this.#future = [];
    this.version += 1;
    this.nothing = false;
    this.#say();
    return true;
  }

  sayNothing(nothing: boolean): void {
    this.nothing = nothing;
    this.#say();
  }

  #say(): void {
    this.sizes = this.raster.sizes();
    const masked = this.marked || this.nothing ? this.raster.toJson(this.labels) : undefined;
    const value = masked && this.#assisted > 0 ? { ...masked, assisted: this.#assisted } : masked;
    const characters = value?.masks.reduce((sum, { counts }) => sum + counts.length, 0) ?? 0;
    this.trouble = characters > MOST_CHARACTERS ? "mask_too_fine" : null;
    const tooFine = this.trouble && value ? { mask: value } : {};
    const unfinished = this.drawing.length > 0 || this.trouble ? { drawing: this.drawing, label: this.label, ...tooFine } : undefined;
    this.#tell(this.trouble ? undefined : value, unfinished);
  }
}

function boxOf([x0, y0]: Place, [x1, y1]: Place): [number, number, number, number] {
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

/** The last steps, as many as there is room for. */
export function bounded(steps: readonly Step[]): readonly Step[] {
  let bytes = 0;
  const first = steps.findLastIndex((step, place) => (bytes += weight(step)) > MOST_BYTES || steps.length - place > MOST_STEPS);
  return steps.slice(Math.min(first + 1, steps.length - 1));
}

/** Whether a stroke goes around something and comes back. */
function closes(path: readonly Place[], brush: number): boolean {
  const [columns, rows] = [path.map(([x]) => x), path.map(([, y]) => y)];
  const wide = (along: number[]) => Math.max(...along) - Math.min(...along);
  return path.length > 3 && distance(path[0]!, path.at(-1)!) <= brush && Math.min(wide(columns), wide(rows)) > 2 * brush;
}
