/** Where marks lie on the screen, of those that can be seen. */

import type { Mark } from "./marks";
import type { Piece } from "./pieces";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Drawn extends Box {
  /** The place of its mark in the answer. */
  readonly mark: number;
  /** Whether it is the mark's beginning, which has the label. */
  readonly first: boolean;
  /** How wide the label may be. */
  readonly room: number;
}

/** The boxes of a piece of the text, a box a line, from the upper left corner of the text. */
export function boxesOf(node: Text, { start, end }: Piece): Box[] {
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, end);
  const origin = node.parentElement!.getBoundingClientRect();
  return [...range.getClientRects()].filter(({ width }) => width > 0).map(({ left, top, width, height }) => ({ left: left - origin.left, top: top - origin.top, width, height }));
}

/** The piece of the text between two heights, counted from its top; a line more rather than less. */
export function between(node: Text, top: number, bottom: number): Piece {
  return { start: firstBelow(node, top), end: firstBelow(node, bottom) };
}

/** What is drawn of the marks within a piece of the text. */
export function drawnIn(node: Text, marks: readonly Mark[], seen: Piece): Drawn[] {
  const drawn = marks.flatMap((mark, index) =>
    mark.start < seen.end && mark.end > seen.start ? boxesOf(node, mark).map((box, place) => ({ ...box, mark: index, first: place === 0, room: Infinity })) : [],
  );
  const lines = new Map<string, Drawn[]>();
  for (const one of drawn) {
    const line = `${marks[one.mark]!.lane} ${Math.round(one.top)}`;
    lines.set(line, [...(lines.get(line) ?? []), one]);
  }
  return [...lines.values()].flatMap((line) => {
    line.sort((one, other) => one.left - other.left);
    return line.map((one, place) => ({ ...one, room: Math.max(one.width, (line[place + 1]?.left ?? Infinity) - one.left - 6) }));
  });
}

/** The place of the first character that ends below a height. */
function firstBelow(node: Text, height: number): number {
  let [low, high] = [0, node.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    // A line's end has no box of its own: the next character that has one speaks for it.
    let [box, at] = [boxesOf(node, { start: middle, end: middle + 1 })[0], middle];
    while (!box && at + 1 < high) box = boxesOf(node, { start: (at += 1), end: at + 1 })[0];
    if (!box || box.top + box.height >= height) high = middle;
    else low = at + 1;
  }
  return low;
}
