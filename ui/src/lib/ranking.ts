/** An order that is being made: all names, of which the first `done` stand where whoever ranks has put them. */

export interface Order {
  readonly names: readonly string[];
  readonly done: number;
}

/** The order after the next name was called, from the best on; of the last two the other needs not be. A called name begins anew. */
export function placed(order: Order, name: string): Order {
  const done = order.names.indexOf(name) < order.done ? 0 : order.done;
  const names = moved(order, name, done).names;
  return { names, done: done + 2 >= names.length ? names.length : done + 1 };
}

/** The order with a name moved to a place, which says something of all: it is whole. */
export function moved({ names }: Order, name: string, to: number): Order {
  const others = names.filter((other) => other !== name);
  return { names: [...others.slice(0, to), name, ...others.slice(to)], done: names.length };
}

/** The names in any order. */
export function shuffled(names: readonly string[], random: () => number = Math.random): string[] {
  return names.map((name) => ({ name, by: random() })).sort((one, other) => one.by - other.by).map(({ name }) => name);
}
