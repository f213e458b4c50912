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

/** What runs cost and how often they are right; the larger a dot, the more hours people work. */
export function outcomes(cost: Measure, right: Measure, hours: (value: number) => string, all: readonly Bubble[], title: string, note: string): HTMLElement {
  const most = Math.max(...all.map(({ x }) => x)) || 1;
  const ys = all.map(({ y }) => y);
  const [low, high] = [Math.max(0, Math.min(...ys) - 0.03), Math.min(1, Math.max(...ys) + 0.03)];
  const largest = Math.max(...all.map(({ size }) => size)) || 1;
  const told = (one: Bubble): string => `${one.name}: ${right.name} ${right.written(one.y)}, ${cost.name} ${cost.written(one.x)}, ${hours(one.size)}`;
  const marks = all.flatMap((one) => {
    const [x, y] = [LEFT + (ACROSS * one.x) / (most * 1.15), TOP + DOWN * (1 - (one.y - low) / (high - low || 1))];
    const radius = 4 + 8 * Math.sqrt(one.size / largest);
    const circle = draw("circle", { cx: x, cy: y, r: radius, class: one.chosen ? "chosen" : "preset" });
    circle.append(draw("title", {}, told(one)));
    const words = draw("text", { x, y: one.chosen ? y - radius - 5 : y + radius + 11, "text-anchor": "middle", class: one.chosen ? "now" : "name" }, one.name);
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
