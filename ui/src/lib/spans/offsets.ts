/** Places in a text: Python counts code points, JavaScript code units. Nothing else turns one into the other. */

export class Offsets {
  /** The places in code units at which a character of two units begins. */
  readonly #pairs: number[] = [];

  constructor(text: string) {
    for (let unit = 0; unit < text.length - 1; unit += 1) {
      if (text.codePointAt(unit)! <= 0xffff) continue;
      this.#pairs.push(unit);
      unit += 1;
    }
  }

  toPoints(unit: number): number {
    return unit - this.#below((pair) => pair < unit);
  }

  toUnits(point: number): number {
    return point + this.#below((pair, before) => pair - before < point);
  }

  /** How many pairs come first for which it is so; it is so for all before one for which it is. */
  #below(so: (pair: number, before: number) => boolean): number {
    let [low, high] = [0, this.#pairs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (so(this.#pairs[middle]!, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
