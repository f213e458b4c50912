/**
 * Widgets by object type: the widget of the type `image` is the file `widgets/image.svelte`; that of a type of another
 * package is a module at an address which the server tells.
 */

import type { Component } from "svelte";
import { catchUp } from "./i18n";
import { loadOwn } from "./own";
import { at } from "./root";
import type { Key } from "./widget-messages";
import type { Field, TaskSpec, Texts, Values } from "./wire";

export type Json = unknown;

/** `show`: an input. `answer`: an output to be answered. `review`: an output that somebody answered. */
export type Mode = "show" | "answer" | "review";

/** A field and what it has. */
export interface Told {
  readonly field: Field;
  readonly value: Json;
}

/** What is pointed at on a picture: points with whether they lie in what is meant, and a box. */
export interface Pointing {
  readonly points: readonly (readonly [number, number, boolean])[];
  readonly box: readonly [number, number, number, number] | null;
}

export interface WidgetProps {
  field: Field;
  /** JSON; undefined when there is no answer yet. */
  value: Json;
  mode: Mode;
  /** Whether it is looked at in passing, with no room for tools; of inputs and of answers that somebody gave. */
  small?: boolean;
  language: string;
  /** The id of the element that names the field. */
  labelledby: string;
  /** The item's inputs, for options that depend on one of them. */
  inputs?: Values;
  /** The fields of those inputs, for widgets that draw some of them. */
  among?: readonly Field[];
  /** What others have of the same input, to be painted under this one's; of widgets that share their input. */
  beside?: readonly Told[];
  /** What `onchange` told of an answer that was not finished when the page was left. */
  draft?: Json;
  /** The answer changed; undefined: it was cleared, or is not finished. `draft` is what there is of it, or of its next part. */
  onchange?: (value: Json, draft?: Json) => void;
  /** Ask the assistant of this field for the runs of a mask of what is pointed at; none where nobody assists. */
  onassist?: (prompt: Pointing) => Promise<string>;
  /** The media input of that name was played to its end. */
  onplayed?: (input: string) => void;
  /** The field of that name cannot be shown, or can after all. */
  onfailed?: (name: string, failed: boolean) => void;
}

export interface WidgetKeys {
  /** Use a key that was pressed while the widget's item is in focus; tells whether it meant something. `again`: nobody else did. */
  press?: (key: string, again?: boolean) => boolean;
  /** The same for the inputs that the widget draws itself. */
  pressInputs?: (key: string, again: boolean) => boolean;
  /** Play what it shows; tells whether there is something that was not played yet. */
  play?: () => boolean;
  /** Whether playing what it shows was begun. */
  begun?: () => boolean;
  /** The item is left: nothing that the worker no longer sees goes on, such as a microphone. */
  halt?: () => void;
}

/** A key of something that is shown, and the widgets' message that says what it does. */
export interface Act {
  readonly key: string;
  readonly does: Key;
}

export type Widget = Component<WidgetProps, WidgetKeys>;

/** What was begun to be loaded ahead. */
export interface Preloaded {
  /** Holds it in memory until it is shown. */
  kept: unknown;
  /** Settled when the widget knows how much room it needs. */
  measured?: Promise<void>;
}

/** What a widget's file offers beside the widget. */
interface WidgetFile {
  default: Widget;
  /** Begin to load a value that will be shown soon; what it gives is kept until then. */
  preload?: (value: Json, field: Field) => Preloaded | undefined;
  /** The keys that answer this output. */
  keys?: (field: Field, language: string, inputs: Values) => string[];
  /** Whether an answer takes room where it is shown: it is drawn, or played. */
  needsRoom?: boolean;
  /** Whether one key or tap is not the whole answer, so that the page does not go on to the next question by itself. */
  stays?: boolean;
  /** The keys of this input. */
  acts?: readonly Act[] | ((field: Field) => readonly Act[]);
  /** The types of the inputs it draws whose keys it takes itself. */
  passes?: readonly string[];
  /** What keys do while this output is drawn or written, in words. */
  hint?: (field: Field, language: string) => string;
  /** The names of the inputs that the widget of this field draws itself; `among` are all inputs. */
  draws?: (field: Field, among: readonly Field[]) => string[];
  /** Whether it paints what others of its kind have of the same input, so that one of them is shown at a time. */
  shares?: boolean;
  /** What values that are compared have in common, to be shown once, and what is left of each; undefined: nothing. */
  common?: (values: readonly Json[]) => Common | undefined;
}

/** What several values have in common, and the rest of each, in forms that their widget shows. */
export interface Common {
  readonly common: Json;
  readonly rest: readonly Json[];
}

const files = import.meta.glob<WidgetFile>("../widgets/*.svelte");
const loaded = new Map<string, WidgetFile>();
/** Where the widgets came from that types bring. */
const addresses = new Map<string, string>();

/** Load the widgets of these fields, so that `widgetOf` has them at once; `own` are addresses of those that types bring. */
export async function loadWidgets(fields: readonly Field[], own: Readonly<Record<string, string>> = {}): Promise<void> {
  const types = [...new Set(fields.map((field) => field.type))].filter((type) => !loaded.has(type) || isMissing(type, own[type]));
  await Promise.all(types.map((type) => load(type, own[type])));
  await catchUp();
}

/** Whether a type brings a widget that is not loaded: its package has changed, or loading it failed. */
function isMissing(type: string, address: string | undefined): boolean {
  return address !== undefined && addresses.get(type) !== address;
}

/** The widget of a type, or undefined if it is not loaded or there is none. */
export function widgetOf(type: string): Widget | undefined {
  return loaded.get(type)?.default;
}

/** Whether the task's author has named a field; else its title is made of its name in the code. */
export function isNamed({ name, title }: Field): boolean {
  const words = name.replace(/^_+|_+$/g, "").replaceAll("_", " ");
  return Object.keys(title).some((language) => language !== "en") || title.en?.toLowerCase() !== words.toLowerCase();
}

/** Those of the inputs that no widget of these fields draws itself. */
export function undrawn(inputs: readonly Field[], fields: readonly Field[]): Field[] {
  const drawn = new Set(fields.flatMap((field) => loaded.get(field.type)?.draws?.(field, inputs) ?? []));
  return inputs.filter((field) => !drawn.has(field.name));
}

/** The inputs whose keys do something: those that are shown by themselves, and those whose keys the widget takes that draws them. */
export function reached({ inputs, outputs }: TaskSpec): Field[] {
  const shown = undrawn(inputs, [...inputs, ...outputs]);
  const passed = [...shown, ...outputs].flatMap((field) => {
    const { draws, passes = [] } = loaded.get(field.type) ?? {};
    const drawn = draws?.(field, inputs) ?? [];
    return inputs.filter(({ name, type }) => drawn.includes(name) && passes.includes(type));
  });
  return [...new Set([...shown, ...passed])];
}

/** Those of the fields that share an input with this one, itself among them; only itself if there are none. */
export function sharing(field: Field, fields: readonly Field[], among: readonly Field[]): Field[] {
  const drawn = (one: Field): string => (loaded.get(one.type)?.shares ? (loaded.get(one.type)?.draws?.(one, among)[0] ?? "") : "");
  const input = drawn(field);
  return input ? fields.filter((one) => drawn(one) === input) : [field];
}

/** What these values of a field's type have in common, where its widget can tell. */
export function commonOf(field: Field | undefined, values: readonly Json[]): Common | undefined {
  return field && loaded.get(field.type)?.common?.(values);
}

/** Whether one widget of this type paints all that there is of its input. */
export const paintsAll = (field: Field): boolean => loaded.get(field.type)?.shares === true;

/** Whether a field, or an input that its widget draws, is played. */
export function plays(field: Field, among: readonly Field[]): boolean {
  const drawn = loaded.get(field.type)?.draws?.(field, among) ?? [];
  return actsOf([field, ...among.filter((input) => drawn.includes(input.name))]).some((act) => act.does === "play_or_pause");
}

/** The input that a field is about: the one that its setting `of` names, else the only one of a type. */
export function inputOf(field: Field, among: readonly Field[], type: string): Field | undefined {
  const of = setting<string | null>(field, "of", null);
  if (of !== null) return among.find((one) => one.name === of);
  const [only, another] = among.filter((one) => one.type === type);
  return another ? undefined : only;
}

/** The keys that answer an output; none where its widget is written into, or is not loaded. */
export function keysOf(field: Field, language: string, inputs: Values): string[] {
  return loaded.get(field.type)?.keys?.(field, language, inputs) ?? [];
}

/** What keys do while an output is drawn or written, in words; empty where there are none. */
export function hintOf(field: Field, language: string): string {
  return loaded.get(field.type)?.hint?.(field, language) ?? "";
}

/** Whether an answer of this type is whole with one key or tap. */
export function isOnePress(field: Field, language: string, inputs: Values): boolean {
  return keysOf(field, language, inputs).length > 0 && loaded.get(field.type)?.stays !== true;
}

/** Whether an answer takes room where it is shown, so that a few words would not do; known once the widget is loaded. */
export function needsRoom(field: Field): boolean {
  return loaded.get(field.type)?.needsRoom === true;
}

/** The keys of inputs, each once. */
export function actsOf(fields: readonly Field[]): Act[] {
  const acts = fields.flatMap((field) => {
    const told = loaded.get(field.type)?.acts ?? [];
    return typeof told === "function" ? told(field) : told;
  });
  return [...new Map(acts.map((act) => [act.key, act])).values()];
}

/** Begin to load the items' media; hold what this gives until the items are shown. */
export function preload(task: TaskSpec, items: readonly { inputs: Values }[]): Preloaded[] {
  return items.flatMap((item) => task.inputs.map((field) => loaded.get(field.type)?.preload?.(item.inputs[field.name], field))).filter((one) => one !== undefined);
}

/** Wait until it is known how much room all of it needs, but not for long. */
export async function measured(media: readonly Preloaded[], patience = 1_500): Promise<void> {
  const all = Promise.all(media.map((one) => one.measured));
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, patience))]);
}

async function load(type: string, address: string | undefined): Promise<void> {
  const file = files[`../widgets/${type}.svelte`];
  if (file) loaded.set(type, await file());
  else if (address !== undefined) {
    // A widget that cannot be loaded says so in its place; everything around it works, and the next page tries again.
    await loadOwn(type, at(address)).then(
      () => addresses.set(type, address),
      (error: unknown) => console.error(error),
    );
    loaded.set(type, await import("./OwnWidget.svelte"));
  }
}

/** The address of a media value: `{"url": …}`, or `{"media": …}` as the requester sees it; empty if there is none. Of a frame of a film its picture. */
export function mediaUrl(value: Json): string {
  const media = value as { url?: string; media?: string; frame?: number } | string | null | undefined;
  if (typeof media === "string") return at(media);
  const whole = at(media?.url ?? (media?.media ? `/api/media/${media.media}` : ""));
  return whole && typeof media?.frame === "number" ? `${whole}?frame=${media.frame}` : whole;
}

/** A setting of a field, typed by its default. */
export function setting<Value>(field: Field, name: string, otherwise: Value): Value {
  return (field.settings?.[name] as Value | undefined) ?? otherwise;
}

/** One of a field's options as settings write it. */
export interface WrittenOption {
  value: Json;
  label: Texts;
  hint?: Texts;
}
