/** Widgets that object types of other packages bring: ES modules whose default export is a custom element. */

import type { Values } from "./wire";

/** What the page sets on the element; it tells of an answer by a `change` event whose `detail` is the value. */
export interface Given {
  /** JSON; undefined when there is no answer yet. */
  value: unknown;
  /** What the type's `settings()` gave. */
  settings: Readonly<Record<string, unknown>>;
  /** The item's inputs. */
  inputs: Values;
  language: string;
  /** The field's title in that language. */
  label: string;
  /** Whether it only shows the value. */
  readonly: boolean;
}

export type OwnElement = HTMLElement & Given & { press?: (key: string) => boolean };
type OwnClass = new () => OwnElement;

const classes = new Map<string, OwnClass>();
const known = new Set<OwnClass>();
/** How often loading from an address failed. */
const failures = new Map<string, number>();

/** Load the widget of a type and make its element known; raises whatever the module or the network did wrong. */
export async function loadOwn(type: string, address: string): Promise<void> {
  const module = await moduleAt(address);
  if (!isElement(module.default)) throw new TypeError(`${address}: expected a class that extends HTMLElement as default export`);
  // The browser refuses a class, and a name, that it knows already.
  if (!known.has(module.default)) {
    customElements.define(`own-widget-${known.size + 1}`, module.default);
    known.add(module.default);
  }
  classes.set(type, module.default);
}

/** The module of an address; the browser remembers a failure too, so that another attempt needs another address. */
async function moduleAt(address: string): Promise<{ default?: unknown }> {
  const failed = failures.get(address) ?? 0;
  try {
    return (await import(/* @vite-ignore */ failed ? `${address}#${failed}` : address)) as { default?: unknown };
  } catch (error) {
    failures.set(address, failed + 1);
    throw error;
  }
}

/** A new element of a type's own widget. */
export function newElement(type: string): OwnElement {
  const kind = classes.get(type);
  if (!kind) throw new Error(`the widget of the type ${type} is not loaded`);
  return new kind();
}

/** Whether something is the element of a type's own widget. */
export function isOwn(target: EventTarget): boolean {
  return [...known].some((kind) => target instanceof kind);
}

/** Do something with an element of somebody else's; tells whether it failed, be it when called or when it was put into the page. */
export function attempt(act: () => void): boolean {
  let failed = false;
  const note = (event: ErrorEvent): void => {
    event.preventDefault();
    console.error(event.error);
    failed = true;
  };
  // The browser hands errors of an element's callbacks to the window and not to who put it there.
  addEventListener("error", note);
  try {
    act();
  } catch (error) {
    console.error(error);
    failed = true;
  } finally {
    removeEventListener("error", note);
  }
  return !failed;
}

function isElement(found: unknown): found is OwnClass {
  return typeof found === "function" && found.prototype instanceof HTMLElement;
}
