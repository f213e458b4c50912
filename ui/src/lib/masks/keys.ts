/** What keys do where a mask is painted: everything that a pointer does. */

import type { Sight, Pressed } from "../shapes/keys";
import { ARROWS } from "../shapes/keys";
import { onPicture, type Place } from "../shapes/shape";
import type { Editor, Tool } from "./editor.svelte";

/** By the key's place on the keyboard; labels have digits and the upper rows. */
export const TOOL_KEYS: Readonly<Record<Tool, string>> = { brush: "b", eraser: "x", polygon: "n", fill: "c", assist: "m" };

/** The cross goes so many steps through what is seen; with Shift it goes farther at a time. */
const STEPS = 50;
const FAR = 5;

/** Use a key on the picture; tells whether it meant something. */
export function use(editor: Editor, pressed: Pressed, { centre, width, height, reach }: Sight): boolean {
  if (pressed.ctrlKey || pressed.metaKey) return command(editor, pressed);
  const at = editor.cursor ?? onPicture(centre, editor.size);
  const arrow = ARROWS[pressed.key];
  if (arrow) return done(editor.moveTo(stepped(at, arrow, Math.max(1, Math.min(width, height) / STEPS) * (pressed.shiftKey ? FAR : 1))));
  if (pressed.key === "Enter") return done(editor.press(at, reach));
  if (pressed.key === "Backspace" && editor.drawing.length > 0) return done(editor.undo());
  if (pressed.key === "Escape") return leave(editor);
  return wider(editor, pressed);
}

/** Whether a bracket was pressed, whatever stands on it. */
export function wider(editor: Editor, { key, code }: Pick<Pressed, "key" | "code">): boolean {
  if (key === "]" || code === "BracketRight") return done(editor.widen(1));
  if (key === "[" || code === "BracketLeft") return done(editor.widen(-1));
  return false;
}

function stepped([x, y]: Place, [right, down]: Place, step: number): Place {
  return [x + right * step, y + down * step];
}

function leave(editor: Editor): boolean {
  if (editor.prompt.box || editor.prompt.points.length > 0) editor.forget();
  else if (editor.drawing.length > 0) editor.abandon();
  else if (editor.down) editor.cancel();
  else editor.left = true;
  return true;
}

export function command(editor: Editor, { code, shiftKey }: Pick<Pressed, "code" | "shiftKey">): boolean {
  if (code === "KeyZ") return done(shiftKey ? editor.redo() : editor.undo());
  if (code === "KeyY") return done(editor.redo());
  return false;
}

function done(_: void): true {
  return true;
}
