/** The price form in a notebook (anywidget): the kernel is asked, under a number, what follows from how the knobs stand. */

import { preferred } from "../lib/i18n";
import type { PriceFigures } from "../lib/wire";
import { PriceForm } from "./form";
import { languages, load, t } from "./messages";

/** What of a notebook's model is used; https://anywidget.dev says what it is. */
export interface Model {
  get: (name: "figures") => PriceFigures;
  send: (content: unknown) => void;
  on: (event: string, listener: (content: Reply) => void) => void;
  off: (event: string, listener: (content: Reply) => void) => void;
}
type Reply = { number: number; figures?: PriceFigures; wrong?: string };
type Waiting = { resolve: (figures: PriceFigures) => void; reject: (error: Error) => void };

async function render({ model, el }: { model: Model; el: HTMLElement }): Promise<() => void> {
  const language = preferred(navigator.languages, languages);
  await load(language);
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  const form = new PriceForm(model.get("figures"), {
    language,
    t: (key, params) => t(language, key, params),
    ask: (knobs) =>
      new Promise((resolve, reject) => {
        waiting.set(++asked, { resolve, reject });
        model.send({ number: asked, knobs });
      }),
  });
  const replied = ({ number, figures, wrong }: Reply): void => {
    const one = waiting.get(number);
    waiting.delete(number);
    if (figures) one?.resolve(figures);
    else one?.reject(new Error(wrong));
  };
  // Somebody turns a knob in Python, or in another view of the form.
  const turned = (): void => form.show(model.get("figures"));
  model.on("msg:custom", replied);
  model.on("change:figures", turned);
  el.append(form.element);
  return () => {
    model.off("msg:custom", replied);
    model.off("change:figures", turned);
    form.destroy();
  };
}

export default { render };
