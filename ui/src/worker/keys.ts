/** What a key means on a page of items, by where the keyboard is. */

import { isOwn } from "../lib/own";

export type Action = { kind: "move"; by: number } | { kind: "submit" } | { kind: "press"; key: string } | { kind: "undo" } | { kind: "help" };

export interface Pressed {
  key: string;
  /** The key's place on the keyboard, whatever is printed on it. */
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  /** 229: an input method has the key, which some browsers say of the one that ends the composing, too. */
  keyCode: number;
  repeat: boolean;
}

/** `writing`: a field for text. `line`: one for a single line, which Enter ends. `radio`: an option, a slider, or a widget that an object type brings. `control`: a button, a link, a list, a player. `page`: anywhere else. */
export type Where = "writing" | "line" | "radio" | "control" | "page";

/** The question mark of Latin, Arabic and East Asian keyboards. */
const QUESTION = "?؟？";
/** What a keyboard says of a key while an input method or an accent waits for more, or where it has no name for it. */
const NAMELESS = ["Process", "Dead", "Unidentified"];
const COMPOSING = 229;
const ARROWS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** What to do, or null if the browser should do what it does. */
export function meaning(pressed: Pressed, where: Where): Action | null {
  const { key } = pressed;
  if (pressed.isComposing || pressed.keyCode === COMPOSING || pressed.altKey) return null;
  if (pressed.ctrlKey || pressed.metaKey) return pressed.repeat ? null : chord(pressed, where);
  if (where === "writing" || (where === "line" && key !== "Enter")) return null;
  if (key === "Enter") return where === "control" || pressed.repeat ? null : { kind: "submit" };
  if (key in ARROWS) return where === "page" ? { kind: "move", by: ARROWS[key]! } : null;
  // Space and letters belong to the control that has the keyboard.
  if (key === " " && where !== "page") return null;
  if (key === "Backspace") return { kind: "press", key };
  if (pressed.repeat || (key.length !== 1 && !NAMELESS.includes(key))) return null;
  if (QUESTION.includes(key)) return { kind: "help" };
  const named = plain(pressed);
  return named === "" ? null : { kind: "press", key: named };
}

/** What a key means together with Ctrl or Cmd: fields for text take back what was written themselves. */
function chord(pressed: Pressed, where: Where): Action | null {
  if (pressed.key === "Enter") return { kind: "submit" };
  const writes = where === "writing" || where === "line";
  return plain(pressed) === "z" && !pressed.shiftKey && !writes ? { kind: "undo" } : null;
}

/**
 * The key as the page names it: a digit or a small Latin letter whatever the layout. What is printed on the key counts; where
 * it is no digit or Latin letter (Cyrillic letters, the upper row of a French keyboard, Arabic digits), its place does.
 */
function plain({ key, code, shiftKey }: Pressed): string {
  const small = key.toLowerCase();
  if (/^[a-z0-9]$/.test(small)) return small;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1];
  if (digit !== undefined && !shiftKey) return digit;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  return letter?.toLowerCase() ?? (NAMELESS.includes(key) ? "" : small);
}

/** Whether something lies over the page: what is pressed then is not meant for the items under it. */
export function covered(): boolean {
  return Boolean(document.fullscreenElement) || document.querySelector("dialog[open]") !== null;
}

/** Where the keyboard is, by the path of its event: the element that has it, and what that lies in. */
export function whereIs(path: readonly EventTarget[]): Where {
  const where = whereOf(path[0]);
  return where === "page" && path.some(isOwn) ? "radio" : where;
}

function whereOf(target: EventTarget | undefined): Where {
  if (!(target instanceof Element)) return "page";
  if (target instanceof HTMLInputElement && ["radio", "checkbox", "range"].includes(target.type)) return "radio";
  if (target.matches("[enterkeyhint='next']")) return "line";
  if (target.matches("input, textarea, [contenteditable='true']")) return "writing";
  return target.closest("button, [role='button'], a, select, summary, audio, video, dialog") ? "control" : "page";
}
