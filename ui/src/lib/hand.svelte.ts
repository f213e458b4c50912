/** What a worker has in hand for one output of a task: a label, a tool, the width of a brush. It stays from item to item. */

import type { Kept } from "./cloud/sight";
import type { Field } from "./wire";

/** How a label was said: by its key, or by mouse or finger on the row of labels. */
export type By = "key" | "tap";

/**
 * Whether a label is for what is worked on, else for the next one. What was chosen on purpose takes any; what was only drawn
 * takes a key, as whoever draws first names it then. A tap leaves it: whoever goes to the row of labels does so before drawing.
 */
export const isForThis = (picked: boolean, by: By): boolean => picked || by === "key";

export class Hand {
  label = $state<string | undefined>();
  tool = $state<string | undefined>();
  brush = $state<number | undefined>();
  /** Whether what has a label already is not painted over. */
  keep = $state(false);
  /** How the last cloud was looked at. */
  sight: Kept | undefined;

  constructor(label?: string) {
    this.label = label;
  }
}

const hands = new WeakMap<Field, Hand>();

/** What is in hand for a field, the same on every item of a task; at first the label that stands first. */
export function handOf(field: Field, label?: string): Hand {
  const hand = hands.get(field) ?? new Hand(label);
  hands.set(field, hand);
  return hand;
}
