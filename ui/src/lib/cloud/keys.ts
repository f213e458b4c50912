/** What keys do where cuboids are marked: everything that a pointer does. */

import type { Editor } from "./editor.svelte";
import type { Axis, Vec } from "./cuboid";
import { axesOf, type Sight } from "./sight";

export type Pressed = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey">;

const ARROWS: Readonly<Record<string, readonly [number, number, number]>> = { ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0], PageUp: [0, 0, 1], PageDown: [0, 0, -1] };
/** Metres, and radians; with Shift farther. */
const STEP = 0.05;
const FAR = 10;
const TURN = Math.PI / 180;
const FAR_TURN = 15;
const PAN = 40;

/** Use a key; tells whether it meant something. `place` is where the next cuboid goes, `pan` moves what is seen. */
export function use(editor: Editor, pressed: Pressed, sight: Sight, place: () => Vec, pan: (x: number, y: number) => void): boolean {
  const arrow = ARROWS[pressed.key];
  const far = pressed.shiftKey ? FAR : 1;
  if (pressed.ctrlKey || pressed.metaKey) return arrow !== undefined && editor.cuboid ? done(resize(editor, arrow, far)) : command(editor, pressed);
  if (arrow && editor.cuboid) return done(editor.nudge(onGround(arrow, sight, STEP * far)));
  if (arrow) return done(pan(-arrow[0] * PAN, arrow[1] * PAN));
  const turn = (pressed.shiftKey ? FAR_TURN : 1) * TURN;
  if (pressed.code === "BracketLeft") return done(editor.rotate(turn));
  if (pressed.code === "BracketRight") return done(editor.rotate(-turn));
  switch (pressed.key) {
    case "Enter":
      return done(editor.cuboid ? editor.choose(-1) : editor.drop(place(), sight.azimuth));
    case "Tab":
      return editor.turn(pressed.shiftKey ? -1 : 1);
    case "Escape":
      return done(editor.drawing.length > 0 ? editor.undo() : editor.choose(-1));
    case "Delete":
    case "Backspace":
      return done(editor.drawing.length > 0 ? editor.undo() : editor.remove());
  }
  return false;
}

function done(_: void): true {
  return true;
}

/** Up on the screen is a direction on the ground; page keys go up and down. */
function onGround([x, y, z]: readonly [number, number, number], sight: Sight, step: number): Vec {
  const [right] = axesOf(sight);
  const up: Vec = [Math.cos(sight.azimuth), Math.sin(sight.azimuth), 0];
  return [step * (x * right[0] + y * up[0]), step * (x * right[1] + y * up[1]), step * z];
}

/** Right and left change the length, up and down the width, page keys the height. */
function resize(editor: Editor, [x, y, z]: readonly [number, number, number], far: number): void {
  const axis: Axis = x !== 0 ? 0 : y !== 0 ? 1 : 2;
  editor.resize(axis, STEP * far * (x + y + z));
}

/** By the key's place on the keyboard: a Cyrillic layout has no z. */
function command(editor: Editor, { code, shiftKey }: Pressed): boolean {
  if (code === "KeyZ") return done(shiftKey ? editor.redo() : editor.undo());
  if (code === "KeyY") return done(editor.redo());
  return false;
}
