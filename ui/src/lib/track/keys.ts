/** What keys do with a film and its tracks. */

import type { Editor } from "./editor.svelte";

const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** So far Shift goes: frames, and pixels. */
const FAR = 10;
/** A box that a key puts down takes this share of each side. */
const SHARE = 0.2;

/** Use a key; tells whether it meant something. Letters go by their place, so that they work on every layout. */
export function use(editor: Editor, event: KeyboardEvent, fixed: boolean): boolean {
  const arrow = ARROWS[event.key];
  const far = event.shiftKey ? FAR : 1;
  if (arrow && (event.altKey || event.ctrlKey)) return !fixed && moved(editor, arrow, far, event.ctrlKey);
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (arrow && arrow[0]) return editor.go(editor.frame + arrow[0] * far), true;
  if (arrow) return editor.next(arrow[1] as 1 | -1), true;
  if (event.key === "Home") return editor.go(0), true;
  if (event.key === "End") return editor.go(editor.size.frames - 1), true;
  if (event.code === "Comma") return editor.goToKey(-1), true;
  if (event.code === "Period") return editor.goToKey(1), true;
  if (event.key === "Escape") return editor.drawn || editor.joining || editor.beginning || editor.chosen ? (editor.cancel(), editor.choose(0), true) : false;
  return !fixed && changed(editor, event);
}

function changed(editor: Editor, event: KeyboardEvent): boolean {
  if (event.key === "Enter") begin(editor);
  else if (event.key === "Delete" || event.key === "Backspace") editor.remove();
  else if (event.code === "KeyK") editor.toggleKey();
  else if (event.code === "KeyO") editor.leave();
  else if (event.code === "KeyH") editor.hide();
  else if (event.code === "KeyS") editor.split();
  else if (event.code === "KeyJ") editor.askJoin();
  else return false;
  return true;
}

/** Put something new down in the middle of the picture, to be moved from there. */
export function begin(editor: Editor): void {
  const { width, height } = editor.size;
  const [x, y] = [width / 2, height / 2];
  const [wide, high] = [(width * SHARE) / 2, (height * SHARE) / 2];
  editor.begin(editor.form === "box" ? [x - wide, y - high, x + wide, y + high] : editor.form === "point" ? [x, y] : []);
}

/** Move the chosen one's place, or with Ctrl its right lower corner. */
function moved(editor: Editor, [right, down]: readonly [number, number], far: number, corner: boolean): boolean {
  if (!editor.track || editor.form === "time") return false;
  const by = [right * far, down * far];
  editor.put(editor.place.map((one, index) => (corner && index < 2 ? one : one + by[index % 2]!)));
  return true;
}
