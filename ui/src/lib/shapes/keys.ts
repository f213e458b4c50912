/** What keys do where shapes are drawn: everything that a pointer does. */

import type { Editor } from "./editor.svelte";
import { handles, onPicture, type Place } from "./shape";

export type Pressed = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey">;

/** What is seen of the picture, in its own pixels. */
export interface Sight {
  readonly centre: Place;
  readonly width: number;
  readonly height: number;
  /** How near is meant. */
  readonly reach: number;
}

export const ARROWS: Readonly<Record<string, Place>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 10;
/** The cross goes so many steps through what is seen; with Shift it goes farther at a time. */
const STEPS = 50;
/** A box that is dropped takes this share of what is seen. */
const DROPPED = 0.25;

/** Use a key; tells whether it meant something. */
export function use(editor: Editor, pressed: Pressed, sight: Sight): boolean {
  const arrow = ARROWS[pressed.key];
  if (pressed.ctrlKey || pressed.metaKey) return arrow ? editor.resize(longer(arrow, pressed)) : command(editor, pressed);
  if (arrow) return editor.drawing.length === 0 && editor.nudge(longer(arrow, pressed)) ? true : moveCross(editor, arrow, pressed, sight);
  const act = ACTS[pressed.key];
  return act ? act(editor, sight, pressed) : false;
}

type Act = (editor: Editor, sight: Sight, pressed: Pressed) => boolean;

const ACTS: Readonly<Record<string, Act>> = {
  Enter: enter,
  Escape: leave,
  Tab: (editor, _, { shiftKey }) => next(editor, shiftKey ? -1 : 1),
  Backspace: (editor) => (editor.drawing.length > 0 ? done(editor.undo()) : cut(editor)),
  Delete: cut,
  Insert: (editor) => editor.shape !== undefined && done(editor.addCorner()),
  "]": (editor) => turn(editor, 1),
  "[": (editor) => turn(editor, -1),
};

function done(_: void): true {
  return true;
}

function longer([x, y]: Place, { shiftKey }: Pressed): Place {
  return shiftKey ? [x * FAR, y * FAR] : [x, y];
}

/** By the key's place on the keyboard: a Cyrillic layout has no z. */
function command(editor: Editor, { code, shiftKey }: Pressed): boolean {
  if (code === "KeyZ") return done(shiftKey ? editor.redo() : editor.undo());
  if (code === "KeyY") return done(editor.redo());
  if (code === "KeyC") return done(editor.copy());
  if (code === "KeyV") return done(editor.paste());
  if (code === "KeyD") return done(duplicate(editor));
  return false;
}

function duplicate(editor: Editor): void {
  editor.copy();
  editor.paste();
}

function moveCross(editor: Editor, [x, y]: Place, { shiftKey }: Pressed, { centre, width, height }: Sight): true {
  const step = (Math.min(width, height) / STEPS) * (shiftKey ? FAR / 2 : 1);
  const from = editor.cursor ?? centre;
  editor.cursor = onPicture([from[0] + x * step, from[1] + y * step], editor.size);
  editor.byKeys = true;
  return true;
}

function enter(editor: Editor, { centre, width, height, reach }: Sight): boolean {
  const at = editor.cursor ?? onPicture(centre, editor.size);
  if (editor.drawing.length > 0) return done(editor.byKeys || editor.kind === "boxes" ? editor.addPoint(at, reach) : editor.close());
  // Done with this one: the next one is drawn.
  if (editor.shape) return done(editor.choose(-1));
  if (editor.kind === "boxes") return done(editor.dropBox(at, width * DROPPED, height * DROPPED));
  return done(editor.addPoint(at, reach));
}

function leave(editor: Editor): boolean {
  if (editor.drawing.length > 0) return done(editor.abandon());
  if (editor.corner >= 0) return done(void (editor.corner = -1));
  if (editor.shape) editor.choose(-1);
  return done(void (editor.left = true));
}

/** The shapes in their order; behind the last one the keyboard goes on to what follows. */
function next(editor: Editor, by: 1 | -1): boolean {
  const index = editor.chosen < 0 && by < 0 ? -1 : editor.chosen + by;
  if (index < 0 || index >= editor.shapes.length || editor.left) return false;
  return done(editor.choose(index));
}

function cut(editor: Editor): boolean {
  return editor.shape !== undefined && done(editor.corner < 0 ? editor.remove() : editor.removeCorner());
}

function turn(editor: Editor, by: 1 | -1): boolean {
  if (!editor.shape) return false;
  const count = handles(editor.kind, editor.shape.points).length;
  editor.corner = editor.corner < 0 ? (by > 0 ? 0 : count - 1) : (editor.corner + by + count) % count;
  return true;
}
