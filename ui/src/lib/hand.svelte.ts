/** What a worker has in hand for one output of a task: a label, a tool, the width of a brush. It stays from item to item. */

import type { Field } from "./wire";

export class Hand {
  label = $state<string | undefined>();
  tool = $state<string | undefined>();
  brush = $state<number | undefined>();
  /** Whether what has a label already is not painted over. */
  keep = $state(false);

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
