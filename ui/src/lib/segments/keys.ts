/** What keys do on the time line: everything that a pointer does. */

import type { Clip } from "./clip.svelte";
import type { Editor } from "./editor.svelte";
import type { Edge } from "./segment";

export type Pressed = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

export interface Desk {
  readonly editor: Editor;
  readonly clip: Clip;
  /** Whether segments are only looked at. */
  readonly fixed: boolean;
  /** How far an arrow goes, in seconds. */
  readonly step: number;
  /** A segment was made. */
  onmade(): void;
  /** The words of the chosen segment are to be written. */
  onwords(): void;
  zoom(factor: number): void;
}

/** Without a segment arrows go along the sound, farther than they move an edge. */
const ALONG = 5;
const FAR = 10;
const ZOOM = 1.5;

/** Use a key; tells whether it meant something. */
export function use(desk: Desk, pressed: Pressed): boolean {
  if (pressed.ctrlKey || pressed.metaKey) return !desk.fixed && command(desk.editor, pressed);
  if (pressed.key === "ArrowLeft" || pressed.key === "ArrowRight") return sideways(desk, pressed, pressed.key === "ArrowLeft" ? -1 : 1);
  // Alt with an arrow was meant for a segment, with anything else for the browser.
  if (pressed.altKey) return false;
  const edge = edgeOf(pressed);
  if (edge) return !desk.fixed && marked(desk, edge);
  return ACTS[pressed.key]?.(desk, pressed) ?? false;
}

/** `[` and `]` by what is printed on them or by their place: a Cyrillic layout has letters there. */
export function edgeOf({ key, code }: Pick<Pressed, "key" | "code">): Edge | null {
  if (key === "[" || (code === "BracketLeft" && key !== "]")) return "start";
  return key === "]" || code === "BracketRight" ? "end" : null;
}

export function marked(desk: Pick<Desk, "editor" | "clip" | "onmade">, edge: Edge): true {
  if (desk.editor.mark(edge, desk.clip.time)) desk.onmade();
  return true;
}

type Act = (desk: Desk, pressed: Pressed) => boolean;

const ACTS: Readonly<Record<string, Act>> = {
  " ": ({ editor, clip }, { shiftKey }) => done(clip.toggle(shiftKey ? null : (editor.segment ?? null))),
  ArrowUp: (desk) => step(desk, -1),
  ArrowDown: (desk) => step(desk, 1),
  Home: ({ clip }) => done(clip.seek(0)),
  End: ({ clip }) => done(clip.seek(clip.length ?? 0)),
  "+": ({ zoom }) => done(zoom(ZOOM)),
  "=": ({ zoom }) => done(zoom(ZOOM)),
  "-": ({ zoom }) => done(zoom(1 / ZOOM)),
  Delete: remove,
  Backspace: remove,
  Escape: leave,
  Enter: ({ editor, fixed, onwords }) => !fixed && editor.rules.spoken && editor.segment !== undefined && done(onwords()),
};

function done(_: void): true {
  return true;
}

/** By the key's place on the keyboard: a Cyrillic layout has no z. */
function command(editor: Editor, { code, shiftKey }: Pressed): boolean {
  if (code === "KeyZ") return done(shiftKey ? editor.redo() : editor.undo());
  return code === "KeyY" && done(editor.redo());
}

/** An arrow moves the segment, with Shift its edge on that side outwards, with Alt the other edge inwards; without one it goes along. */
function sideways({ editor, clip, fixed, step }: Desk, { shiftKey, altKey }: Pressed, way: 1 | -1): true {
  const { segment } = editor;
  if (!segment || fixed) return done(clip.seek(clip.time + way * step * ALONG * (shiftKey ? FAR : 1)));
  if (!shiftKey && !altKey) return done(editor.shift(way * step));
  const edge: Edge = (way > 0) === shiftKey ? "end" : "start";
  return done(void editor.setEdge(edge, segment[edge] + way * step));
}

function step({ editor, clip }: Desk, by: 1 | -1): boolean {
  if (!editor.step(by, clip.time)) return false;
  if (editor.segment && !clip.playing) clip.seek(editor.segment.start);
  return true;
}

function remove({ editor, fixed }: Desk): boolean {
  return !fixed && editor.segment !== undefined && done(editor.remove());
}

function leave({ editor }: Desk): boolean {
  if (editor.begun !== null) return done(editor.cancel());
  return editor.segment !== undefined && done(editor.choose(-1));
}
