/** A wheel of hues: choose one with the mouse or a finger, or go round with the arrow keys. */

const SIZE = 280, OUTER = 136, INNER = 78;

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: block; max-width: ${SIZE}px; }
  svg { display: block; width: 100%; color: var(--text); font: 580 1.05rem var(--font); }
  [role="radio"] { cursor: pointer; outline: none; stroke: var(--surface); stroke-width: 4; }
  [aria-disabled="true"] { cursor: default; }
  .outline { fill: none; pointer-events: none; stroke-width: 4; }
  [aria-checked="true"] ~ .outline { stroke: var(--text); }
  :focus-visible ~ .outline { stroke: var(--accent); stroke-width: 7; }
`);

export default class ColourWheel extends HTMLElement {
  /** What the page sets; `draw` is called when any of it changes. */
  #given = { value: undefined, settings: {}, language: "en", label: "", readonly: false };

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
    this.shadowRoot.addEventListener("click", (event) => this.choose(Number(event.target.dataset.place)));
    this.shadowRoot.addEventListener("keydown", (event) => this.turn(event));
  }

  set value(value) { this.draw({ value }); }
  set settings(settings) { this.draw({ settings }); }
  set language(language) { this.draw({ language }); }
  set label(label) { this.draw({ label }); }
  set readonly(readonly) { this.draw({ readonly }); }

  get options() { return this.#given.settings.options ?? []; }
  get place() { return this.options.findIndex((option) => option.value === this.#given.value); }

  choose(place) {
    const option = this.options[place];
    if (!option || this.#given.readonly) return;
    this.draw({ value: option.value });
    this.shadowRoot.querySelector(`[data-place="${place}"]`).focus();
    this.dispatchEvent(new CustomEvent("change", { detail: option.value }));
  }

  turn(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, " ": 0 }[event.key];
    if (steps === undefined || this.#given.readonly) return;
    event.preventDefault();
    const count = this.options.length;
    const from = Number(event.target.dataset.place ?? 0);
    this.choose((from + steps + count) % count);
  }

  draw(changed) {
    Object.assign(this.#given, changed);
    const { language, label, readonly } = this.#given;
    const chosen = this.place;
    const count = this.options.length;
    const words = (option) => option?.label[language] ?? option?.label.en ?? "";
    const wheel = element("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "radiogroup", "aria-label": label });
    const reached = this.shadowRoot.activeElement?.dataset.place;
    for (const [place, option] of this.options.entries()) {
      wheel.append(element("path", {
        d: sector(place, count),
        fill: `hsl(${(360 * place) / count} 75% 50%)`,
        role: "radio",
        "data-place": place,
        "aria-label": words(option),
        "aria-checked": place === chosen,
        "aria-disabled": readonly,
        tabindex: !readonly && place === Math.max(0, chosen) ? 0 : -1,
      }));
    }
    // Above all sectors, so that no neighbour covers a part of it.
    wheel.append(element("path", { class: "outline", d: sector(Math.max(0, chosen), count) }));
    const name = element("text", { x: SIZE / 2, y: SIZE / 2 + 6, "text-anchor": "middle", fill: "currentColor" });
    name.setAttribute("aria-hidden", "true");
    name.textContent = words(this.options[chosen]);
    wheel.append(name);
    this.shadowRoot.replaceChildren(wheel);
    if (reached !== undefined) this.shadowRoot.querySelector(`[data-place="${reached}"]`)?.focus();
  }
}

function element(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

/** The outline of one hue's part of the ring. */
function sector(place, count) {
  const [from, to] = [place - 0.5, place + 0.5].map((turn) => (2 * Math.PI * turn) / count - Math.PI / 2);
  const at = (angle, radius) => `${SIZE / 2 + radius * Math.cos(angle)} ${SIZE / 2 + radius * Math.sin(angle)}`;
  const outside = `M ${at(from, OUTER)} A ${OUTER} ${OUTER} 0 0 1 ${at(to, OUTER)}`;
  return `${outside} L ${at(to, INNER)} A ${INNER} ${INNER} 0 0 0 ${at(from, INNER)} Z`;
}
