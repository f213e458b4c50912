/** The cuboids of one cloud, and every way to change them: by gestures, by keys, by fields. */

import { isForThis, type By, type Hand } from "../hand.svelte";
import { countInside, fittedTo, LARGEST, LEAST, movedBy, plus, turnedBy, wrapped, type Axis, type Cuboid, type Vec } from "./cuboid";
import { around, type Points } from "./points";

export type Tool = "draw" | "move";
/** Why something could not be done: a message. */
export type Trouble = "no_points" | "too_short";

interface Step {
  readonly cuboids: readonly Cuboid[];
  readonly chosen: number;
}

type Tell = (value: readonly Cuboid[] | undefined) => void;

/** What a thing measures of which none was marked yet. */
const USUAL: Vec = [4, 1.8, 1.6];
const LONGEST_TRACK = 40;
/** Shorter than this is no drag. */
const SHORTEST = 0.2;

export class Editor {
  cuboids = $state.raw<readonly Cuboid[]>([]);
  /** The cuboid that is worked on, -1: none. */
  chosen = $state(-1);
  /** Whether it was chosen on purpose, and not by drawing it. */
  #picked = false;
  readonly hand: Hand;
  /** That there is nothing was said on purpose. */
  nothing = $state(false);
  trouble = $state<Trouble | null>(null);
  /** The rear of the next cuboid, and where its front would be. */
  drawing = $state.raw<readonly Vec[]>([]);
  readonly tracked: boolean;
  readonly points: Points;
  #past = $state.raw<readonly Step[]>([]);
  #future = $state.raw<readonly Step[]>([]);
  #before: readonly Cuboid[] | null = null;
  #tell: Tell;

  constructor(points: Points, cuboids: readonly Cuboid[], nothing: boolean, hand: Hand, tracked: boolean, tell: Tell) {
    this.points = points;
    this.cuboids = cuboids;
    this.nothing = nothing;
    this.hand = hand;
    this.tracked = tracked;
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

  get cuboid(): Cuboid | undefined {
    return this.cuboids[this.chosen];
  }

  get canUndo(): boolean {
    return this.#past.length > 0 || this.drawing.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** How many points the chosen one holds. */
  get inside(): number {
    return this.cuboid ? countInside(this.cuboid, this.#near(this.cuboid)) : 0;
  }

  choose(index: number): void {
    this.chosen = index;
    this.#picked = index >= 0;
    this.trouble = null;
    if (this.cuboid?.label !== undefined) this.label = this.cuboid.label;
  }

  /** The next cuboid or the one before; tells whether there is one. */
  turn(by: 1 | -1): boolean {
    const index = this.chosen < 0 && by < 0 ? -1 : this.chosen + by;
    if (index < 0 || index >= this.cuboids.length) return false;
    this.choose(index);
    return true;
  }

  /** Choose from a list, or let go of what was chosen on purpose. */
  pick(index: number): void {
    this.choose(this.#picked && index === this.chosen ? -1 : index);
  }

  /** A label for what is chosen or for the next one, which lets go of what was just drawn. */
  setLabel(label: string, by: By): void {
    if (isForThis(this.#picked, by) || this.tool !== "draw") return this.relabel(label);
    this.choose(-1);
    this.label = label;
  }

  /** Another label for the chosen cuboid, whoever chose it. */
  relabel(label: string): void {
    this.label = label;
    if (this.cuboid && this.cuboid.label !== label) this.change({ ...this.cuboid, label });
  }

  /** A cuboid from its rear to its front, as wide and high as the last one of its label, then fitted to the points there. */
  draw(rear: Vec, front: Vec): void {
    this.drawing = [];
    const [dx, dy] = [front[0] - rear[0], front[1] - rear[1]];
    const length = Math.hypot(dx, dy);
    if (length < SHORTEST) return void (this.trouble = "too_short");
    const [, width, height] = this.#usual();
    this.#add({ centre: [(rear[0] + front[0]) / 2, (rear[1] + front[1]) / 2, rear[2] + height / 2], size: [Math.min(length, LARGEST), width, height], heading: Math.atan2(dy, dx) });
  }

  /** A cuboid as large as the last one of its label, with its bottom at a place. */
  drop(place: Vec, heading: number): void {
    const size = this.#usual();
    this.#add({ centre: plus(place, [0, 0, size[2] / 2]), size, heading: wrapped(heading) });
  }

  #add(cuboid: Cuboid): void {
    const fitted = fittedTo(cuboid, this.#near(cuboid)) ?? cuboid;
    const named = { ...(this.label === undefined ? {} : { label: this.label }), ...fitted, ...(this.tracked ? { track: this.#free() } : {}) };
    this.#set([...this.cuboids, named], this.cuboids.length);
    this.#picked = false;
  }

  #usual(): Vec {
    return this.cuboids.findLast((one) => one.label === this.label)?.size ?? USUAL;
  }

  #free(): string {
    const taken = new Set(this.cuboids.map(({ track }) => track));
    let number = 1;
    while (taken.has(String(number))) number += 1;
    return String(number);
  }

  /** Fit the chosen one to the points there; where there are none it stays. */
  fit(): void {
    if (!this.cuboid) return;
    const fitted = fittedTo(this.cuboid, this.#near(this.cuboid));
    if (fitted) this.change(fitted);
    else this.trouble = "no_points";
  }

  flip(): void {
    if (this.cuboid) this.change(turnedBy(this.cuboid, Math.PI));
  }

  rotate(by: number): void {
    if (this.cuboid) this.change(turnedBy(this.cuboid, by));
  }

  /** Move the chosen one, along the axes of the cloud. */
  nudge(by: Vec): void {
    if (this.cuboid) this.change({ ...this.cuboid, centre: plus(this.cuboid.centre, by) });
  }

  resize(axis: Axis, by: number): void {
    if (!this.cuboid) return;
    const size = this.cuboid.size.map((one, place) => (place === axis ? Math.min(LARGEST, Math.max(LEAST, one + by)) : one)) as unknown as Vec;
    // What grows upwards stands where it stood.
    const grown = axis === 2 ? size[2] - this.cuboid.size[2] : 0;
    this.change({ ...movedBy(this.cuboid, [0, 0, grown / 2]), size });
  }

  setNumber(what: "centre" | "size" | "heading", axis: Axis, value: number): void {
    if (!this.cuboid || !Number.isFinite(value)) return;
    if (what === "heading") return this.change({ ...this.cuboid, heading: wrapped((value * Math.PI) / 180) });
    const bounded = what === "size" ? Math.min(LARGEST, Math.max(LEAST, value)) : value;
    this.change({ ...this.cuboid, [what]: this.cuboid[what].map((one, place) => (place === axis ? bounded : one)) });
  }

  setTrack(track: string): void {
    const named = track.trim();
    if (this.cuboid && named && [...named].length <= LONGEST_TRACK && !this.cuboids.some((one) => one.track === named)) this.change({ ...this.cuboid, track: named });
  }

  remove(): void {
    if (this.cuboid) this.#set(this.cuboids.toSpliced(this.chosen, 1), -1);
  }

  sayNothing(nothing: boolean): void {
    this.nothing = nothing;
    this.#tell(nothing ? [] : undefined);
  }

  /** The chosen one while the pointer holds it; `settle` makes one step of all of it. */
  hold(cuboid: Cuboid): void {
    if (!this.cuboid) return;
    this.#before ??= this.cuboids;
    this.cuboids = this.cuboids.with(this.chosen, cuboid);
  }

  settle(): void {
    const [before, held] = [this.#before, this.cuboids];
    this.#before = null;
    if (!before) return;
    this.cuboids = before;
    this.#set(held, this.chosen);
  }

  change(cuboid: Cuboid): void {
    this.#set(this.cuboids.with(this.chosen, cuboid), this.chosen);
  }

  undo(): void {
    if (this.#before) [this.cuboids, this.#before] = [this.#before, null];
    else if (this.drawing.length > 0) this.drawing = [];
    else [this.#past, this.#future] = this.#back(this.#past, this.#future);
  }

  redo(): void {
    this.settle();
    [this.#future, this.#past] = this.#back(this.#future, this.#past);
  }

  #back(from: readonly Step[], to: readonly Step[]): [readonly Step[], readonly Step[]] {
    const step = from.at(-1);
    if (!step) return [from, to];
    const now = { cuboids: this.cuboids, chosen: this.chosen };
    this.#show(step.cuboids, step.chosen);
    return [from.slice(0, -1), [...to, now]];
  }

  #set(cuboids: readonly Cuboid[], chosen: number): void {
    this.#past = [...this.#past, { cuboids: this.cuboids, chosen: this.chosen }];
    this.#future = [];
    this.#show(cuboids, chosen);
  }

  #show(cuboids: readonly Cuboid[], chosen: number): void {
    this.cuboids = cuboids;
    const picked = this.#picked;
    this.choose(Math.min(chosen, cuboids.length - 1));
    this.#picked &&= picked;
    this.nothing = false;
    this.#tell(cuboids.length > 0 ? cuboids : undefined);
  }

  #near({ centre, size }: Cuboid): Float32Array {
    return around(this.points, centre, Math.hypot(...size) / 2 + 2);
  }
}
