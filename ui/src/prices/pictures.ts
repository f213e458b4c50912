/** Pictures of the price form, as SVG: dots of which one is chosen. Their numbers are named to who cannot see them. */

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [300, 190, 46, 10, 14, 40];
const [ACROSS, DOWN] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM];

/** What an axis measures, and how its numbers are written. */
export interface Measure {
  name: string;
  written: (value: number) => string;
}

export interface Dot {
  x: number;
  y: number;
  name: string;
  chosen: boolean;
  take?: () => void;
}

/** One measure of the pages over another; who clicks a page takes it. */
export function scatter(across: Measure, up: Measure, dots: readonly Dot[]): HTMLElement {
  const right = Math.max(...dots.map(({ x }) => x)) || 1;
  const top = Math.max(...dots.map(({ y }) => y)) || 1;
  const chosen = dots.find((dot) => dot.chosen);
  const title = `${up.name} / ${across.name}`;
  const told = (dot: Dot): string => `${dot.name}: ${up.name} ${up.written(dot.y)}, ${across.name} ${across.written(dot.x)}`;
  const marks = dots.map((dot) => {
    const circle = draw("circle", { cx: LEFT + (ACROSS * dot.x) / right, cy: TOP + DOWN * (1 - dot.y / top), r: dot.chosen ? 6 : 3, class: dot.chosen ? "chosen" : "dot" });
    circle.append(draw("title", {}, told(dot)));
    if (dot.take && !dot.chosen) circle.addEventListener("click", dot.take);
    return circle;
  });
  return figure(up.name, chosen ? told(chosen) : title, [...axes(across, up, [0, right], [0, top]), ...marks]);
}

export interface Bubble extends Dot {
  size: number;
}

export interface Named {
  x: number;
  y: number;
  radius: number;
  name: string;
  chosen: boolean;
}

export interface Place {
  x: number;
  y: number;
  anchor: "middle" | "start" | "end";
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

// How wide a letter is at most beside the size of the text, and how high a line is.
const [LETTER, LINE] = [6.5, 11];

const crosses = (one: Box, other: Box): boolean => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

function boxOf(name: string, { x, y, anchor }: Place): Box {
  const width = name.length * LETTER;
  const left = x - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
  return [left, y - LINE + 2, left + width, y + 2];
}

/** Where the names of dots stand, in their order: each where it covers neither another name nor a dot, if there is room, and no other name in any case. */
export function placed(dots: readonly Named[]): Place[] {
  const circles = dots.map(({ x, y, radius }): Box => [x - radius, y - radius, x + radius, y + radius]);
  const names: Box[] = [];
  const found = new Map<Named, Place>();
  // The chosen one moves while a knob is turned, and has the best place.
  for (const dot of [...dots].sort((one, other) => Number(other.chosen) - Number(one.chosen))) {
    const near = placesOf(dot, 1);
    const far = [2, 3, 4, 5, 6, 7, 8].flatMap((line) => placesOf(dot, line).slice(0, 2));
    const free = (place: Place, taken: readonly Box[]): boolean => !taken.some((box) => crosses(box, boxOf(dot.name, place)));
    const all = [...near, ...far];
    const place = all.find((one) => free(one, [...names, ...circles])) ?? all.find((one) => free(one, names)) ?? near[0]!;
    found.set(dot, place);
    names.push(boxOf(dot.name, place));
  }
  return dots.map((dot) => found.get(dot)!);
}

/** Above and below a dot, so many lines away, the chosen one's first above, and beside it. */
function placesOf({ x, y, radius, chosen }: Named, line: number): Place[] {
  const [above, below] = [y - radius - 5 - LINE * (line - 1), y + radius + LINE * line].map((at): Place => ({ x, y: at, anchor: "middle" })) as [Place, Place];
  const beside: Place[] = [{ x: x + radius + 4, y: y + 4, anchor: "start" }, { x: x - radius - 4, y: y + 4, anchor: "end" }];
  return [...(chosen ? [above, below] : [below, above]), ...beside];
}

/** What runs cost and how often they are right; the larger a dot, the more hours people work. */
export function outcomes(cost: Measure, right: Measure, hours: (value: number) => string, all: readonly Bubble[], title: string, note: string): HTMLElement {
  const most = Math.max(...all.map(({ x }) => x)) || 1;
  const ys = all.map(({ y }) => y);
  const [low, high] = [Math.max(0, Math.min(...ys) - 0.03), Math.min(1, Math.max(...ys) + 0.03)];
  const largest = Math.max(...all.map(({ size }) => size)) || 1;
  const told = (one: Bubble): string => `${one.name}: ${right.name} ${right.written(one.y)}, ${cost.name} ${cost.written(one.x)}, ${hours(one.size)}`;
  const dots = all.map((one): Named => ({
    x: LEFT + (ACROSS * one.x) / (most * 1.15),
    y: TOP + DOWN * (1 - (one.y - low) / (high - low || 1)),
    radius: 4 + 8 * Math.sqrt(one.size / largest),
    name: one.name,
    chosen: one.chosen,
  }));
  const places = placed(dots);
  const marks = all.flatMap((one, number) => {
    const [dot, place] = [dots[number]!, places[number]!];
    const circle = draw("circle", { cx: dot.x, cy: dot.y, r: dot.radius, class: one.chosen ? "chosen" : "preset" });
    circle.append(draw("title", {}, told(one)));
    const words = draw("text", { x: place.x, y: place.y, "text-anchor": place.anchor, class: one.chosen ? "now" : "name" }, one.name);
    return [circle, words];
  });
  const found = figure(title, all.map(told).join("; "), [...axes(cost, right, [0, most * 1.15], [low, high]), ...marks]);
  found.append(paragraph(note));
  return found;
}

/** Two lines, with the numbers at their ends and in the middle. */
function axes(across: Measure, up: Measure, [left, right]: readonly [number, number], [low, high]: readonly [number, number]): SVGElement[] {
  const lines = draw("path", { d: `M${LEFT} ${TOP}V${TOP + DOWN}H${LEFT + ACROSS}`, class: "axis" });
  const numbers = [0, 0.5, 1].flatMap((share) => [
    draw("text", { x: LEFT + ACROSS * share, y: TOP + DOWN + 15, "text-anchor": share === 1 ? "end" : share ? "middle" : "start" }, across.written(left + (right - left) * share)),
    draw("text", { x: LEFT - 5, y: TOP + DOWN * (1 - share) + 4, "text-anchor": "end" }, up.written(low + (high - low) * share)),
  ]);
  return [lines, ...numbers, draw("text", { x: LEFT + ACROSS / 2, y: HEIGHT - 6, "text-anchor": "middle" }, across.name)];
}

function figure(title: string, told: string, drawn: readonly SVGElement[]): HTMLElement {
  const frame = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = title;
  const picture = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": told });
  picture.append(...drawn);
  frame.append(caption, picture);
  return frame;
}

function paragraph(text: string): HTMLElement {
  const found = document.createElement("p");
  found.textContent = text;
  return found;
}

function draw<Name extends keyof SVGElementTagNameMap>(name: Name, attributes: Record<string, string | number>, text = ""): SVGElementTagNameMap[Name] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, typeof value === "number" ? String(Math.round(value * 10) / 10) : value);
  if (text) element.textContent = text;
  return element;
}
