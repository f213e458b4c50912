/** Regular expressions as the server matches them: with Python's meaning, and in bounded time whatever the text.
 *
 * A browser's own would take `\w` for the letters of English alone, and some patterns would hold up the page for ever.
 * Each part is tried at each place once; see `objects/_patterns.py`, which does the same.
 */

type Text = readonly string[];
type Test = (text: Text, place: number) => boolean;
type Node =
  | { kind: "one"; test: (character: string) => boolean }
  | { kind: "row"; parts: Node[] }
  | { kind: "either"; parts: Node[] }
  | { kind: "repeat"; part: Node; least: number; most: number }
  | { kind: "at"; test: Test }
  | { kind: "look"; part: Node; wanted: boolean };
type Step = { one: (character: string) => boolean } | { go: number[] } | { at: (text: Text, place: number, left: Left) => boolean } | "end";
interface Left {
  tries: number;
}

const MOST_STEPS = 50_000;
const MOST_TRIES = 500_000;

/** Something of Python's that only the server understands. */
class Unknown extends Error {}

/** What a pattern says of a text: whether it matches all of it; null where only the server can tell. */
export function patternOf(source: string): (text: string) => boolean | null {
  let steps: Step[];
  try {
    steps = stepsOf(new Parser([...source]).whole());
  } catch (error) {
    if (error instanceof Unknown) return () => null;
    throw error;
  }
  return (text) => {
    try {
      return run(steps, [...text], 0, { tries: MOST_TRIES }, true);
    } catch (error) {
      if (error instanceof Unknown) return false; // the server does not try any longer either
      throw error;
    }
  };
}

function run(steps: readonly Step[], text: Text, begin: number, left: Left, whole: boolean): boolean {
  const tried = new Set<number>();
  const waiting = [begin * steps.length];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    if (tried.has(pair)) continue;
    tried.add(pair);
    if (--left.tries < 0) throw new Unknown();
    const place = Math.floor(pair / steps.length);
    const step = steps[pair % steps.length] as Step;
    if (step === "end") {
      if (place === text.length || !whole) return true;
    } else if ("one" in step) {
      if (place < text.length && step.one(text[place] as string)) waiting.push(pair + steps.length + 1);
    } else if ("go" in step) for (const next of step.go) waiting.push(place * steps.length + next);
    else if (step.at(text, place, left)) waiting.push(pair + 1);
  }
  return false;
}

function stepsOf(node: Node): Step[] {
  const steps: Step[] = [];
  write(steps, node);
  return [...steps, "end"];
}

function write(steps: Step[], node: Node): void {
  if (steps.length > MOST_STEPS) throw new Unknown();
  if (node.kind === "one") steps.push({ one: node.test });
  else if (node.kind === "row") for (const part of node.parts) write(steps, part);
  else if (node.kind === "either") writeBranches(steps, node.parts);
  else if (node.kind === "repeat") writeRepeat(steps, node.part, node.least, node.most);
  else if (node.kind === "at") steps.push({ at: node.test });
  else {
    const inner = stepsOf(node.part);
    steps.push({ at: (text, place, left) => run(inner, text, place, left, false) === node.wanted });
  }
}

function writeRepeat(steps: Step[], part: Node, least: number, most: number): void {
  for (let time = 0; time < least; time++) write(steps, part);
  const leaving: { go: number[] }[] = [];
  const leave = () => {
    const step = { go: [steps.length + 1] };
    leaving.push(step);
    steps.push(step);
  };
  if (most === Infinity) {
    const begin = steps.length;
    leave();
    write(steps, part);
    steps.push({ go: [begin] });
  } else
    for (let time = least; time < most; time++) {
      leave();
      write(steps, part);
    }
  for (const step of leaving) step.go.unshift(steps.length);
}

function writeBranches(steps: Step[], parts: readonly Node[]): void {
  const fork: { go: number[] } = { go: [] };
  const ends: { go: number[] }[] = [];
  steps.push(fork);
  for (const part of parts) {
    fork.go.unshift(steps.length);
    write(steps, part);
    const end = { go: [] };
    ends.push(end);
    steps.push(end);
  }
  for (const end of ends) end.go.push(steps.length);
}

/** Python's classes of characters. */
const CLASSES: Readonly<Record<string, RegExp>> = {
  d: /\p{Nd}/u,
  w: /[\p{L}\p{N}_]/u,
  s: /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u,
};
const CONTROLS: Readonly<Record<string, string>> = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const HEX: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const QUANTIFIER = /^\{(\d*)(,?)(\d*)\}/;

const isWord = (character: string | undefined) => character !== undefined && (CLASSES.w as RegExp).test(character);
const isEdge: Test = (text, place) => isWord(text[place - 1]) !== isWord(text[place]);
const isEnd: Test = (text, place) => place === text.length;
const PLACES: Readonly<Record<string, Test>> = {
  "^": (_, place) => place === 0,
  A: (_, place) => place === 0,
  $: (text, place) => place === text.length || (place === text.length - 1 && text[place] === "\n"),
  Z: isEnd,
  b: isEdge,
  B: (text, place) => text.length > 0 && !isEdge(text, place),
};

class Parser {
  #source: readonly string[];
  #at = 0;

  constructor(source: readonly string[]) {
    this.#source = source;
  }

  whole(): Node {
    const node = this.#either();
    if (this.#at < this.#source.length) throw new Unknown();
    return node;
  }

  get #next(): string | undefined {
    return this.#source[this.#at];
  }

  #take(): string {
    const character = this.#source[this.#at++];
    if (character === undefined) throw new Unknown();
    return character;
  }

  #takes(words: string): boolean {
    if (this.#source.slice(this.#at, this.#at + words.length).join("") !== words) return false;
    this.#at += words.length;
    return true;
  }

  #either(): Node {
    const parts = [this.#row()];
    while (this.#takes("|")) parts.push(this.#row());
    return parts.length === 1 ? (parts[0] as Node) : { kind: "either", parts };
  }

  #row(): Node {
    const parts: Node[] = [];
    while (this.#next !== undefined && this.#next !== "|" && this.#next !== ")") parts.push(this.#repeated(this.#part()));
    return { kind: "row", parts };
  }

  #repeated(part: Node): Node {
    const [least, most] = this.#times() ?? [1, 1];
    if (least === 1 && most === 1) return part;
    if (part.kind === "at" || part.kind === "look" || least > most) throw new Unknown();
    this.#takes("?"); // how much is tried first changes nothing in what matches as a whole
    if (this.#next === "+" || this.#next === "*" || this.#next === "?" || this.#times()) throw new Unknown();
    return { kind: "repeat", part, least, most };
  }

  #times(): [number, number] | null {
    if (this.#takes("*")) return [0, Infinity];
    if (this.#takes("+")) return [1, Infinity];
    if (this.#takes("?")) return [0, 1];
    const found = QUANTIFIER.exec(this.#source.slice(this.#at, this.#at + 30).join(""));
    if (!found || (found[1] === "" && found[2] === "")) return null;
    this.#at += found[0].length;
    const least = Number(found[1] || 0);
    return [least, found[2] === "" ? least : found[3] === "" ? Infinity : Number(found[3])];
  }

  #part(): Node {
    const character = this.#take();
    if (character === "(") return this.#group();
    if (character === "[") return { kind: "one", test: this.#set() };
    if (character === ".") return { kind: "one", test: (one) => one !== "\n" };
    if (character === "^" || character === "$") return { kind: "at", test: PLACES[character] as Test };
    if (character === "*" || character === "+" || character === "?") throw new Unknown();
    if (character !== "\\") return { kind: "one", test: (one) => one === character };
    const place = PLACES[this.#next ?? ""];
    if (place && this.#next !== "^" && this.#next !== "$") {
      this.#at += 1;
      return { kind: "at", test: place };
    }
    return { kind: "one", test: this.#escaped() };
  }

  #group(): Node {
    const look = this.#takes("?=") ? true : this.#takes("?!") ? false : null;
    if (look === null && !this.#takes("?:")) {
      if (this.#takes("?P<")) while (this.#take() !== ">");
      else if (this.#next === "?") throw new Unknown();
    }
    const part = this.#either();
    if (!this.#takes(")")) throw new Unknown();
    return look === null ? part : { kind: "look", part, wanted: look };
  }

  /** What stands behind a backslash, as a test of a character. */
  #escaped(): (character: string) => boolean {
    const letter = this.#next ?? "";
    const named = CLASSES[letter.toLowerCase()];
    if (named && letter !== "") {
      this.#at += 1;
      return (one) => named.test(one) === (letter === letter.toLowerCase());
    }
    const character = this.#literal();
    return (one) => one === character;
  }

  /** The one character that an escape stands for. */
  #literal(): string {
    const letter = this.#take();
    if (letter in CONTROLS) return CONTROLS[letter] as string;
    const digits = HEX[letter];
    if (digits) {
      const code = this.#source.slice(this.#at, this.#at + digits).join("");
      if (!/^[0-9a-fA-F]+$/.test(code) || code.length < digits || parseInt(code, 16) > 0x10ffff) throw new Unknown();
      this.#at += digits;
      return String.fromCodePoint(parseInt(code, 16));
    }
    if (/[A-Za-z0-9]/.test(letter)) throw new Unknown();
    return letter;
  }

  #set(): (character: string) => boolean {
    const wanted = !this.#takes("^");
    const tests: ((character: string) => boolean)[] = [];
    for (let first = true; first || this.#next !== "]"; first = false) tests.push(this.#member());
    this.#at += 1;
    return (one) => tests.some((test) => test(one)) === wanted;
  }

  #member(): (character: string) => boolean {
    if (this.#next === "\\" && /[dwsDWS]/.test(this.#source[this.#at + 1] ?? "")) {
      this.#at += 1;
      return this.#escaped();
    }
    const low = this.#bound();
    const after = this.#source[this.#at + 1];
    if (this.#next !== "-" || after === "]" || after === undefined) return (one) => one === low;
    this.#at += 1;
    if (after === "\\" && /[dwsDWS]/.test(this.#source[this.#at + 1] ?? "")) throw new Unknown();
    const [from, to] = [low.codePointAt(0) as number, this.#bound().codePointAt(0) as number];
    if (from > to) throw new Unknown();
    return (one) => from <= (one.codePointAt(0) as number) && (one.codePointAt(0) as number) <= to;
  }

  #bound(): string {
    const character = this.#take();
    if (character !== "\\") return character;
    if (this.#takes("b")) return "\b";
    return this.#literal();
  }
}
