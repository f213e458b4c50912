/** Widgets by object type: the widget of the type `image` is the file `widgets/image.svelte`. */

import type { Component } from "svelte";
import type { Field, Json, Values } from "./records";

/** `show`: an input. `answer`: an output to be answered. `review`: an output that somebody answered. */
export type Mode = "show" | "answer" | "review";

export interface WidgetProps {
  field: Field;
  /** JSON; undefined when there is no answer yet. */
  value: Json;
  mode: Mode;
  language: string;
  /** The id of the element that names the field. */
  labelledby: string;
  /** The item's inputs, for options that depend on one of them. */
  inputs?: Values;
  /** The answer changed; undefined: it was cleared. */
  onchange?: (value: Json) => void;
  /** A media input was played to its end. */
  onplayed?: () => void;
}

export interface WidgetKeys {
  /** Use a key that was pressed while the widget's item is in focus; tells whether it meant something. */
  press?: (key: string) => boolean;
}

export type Widget = Component<WidgetProps, WidgetKeys>;

const files = import.meta.glob<Widget>("../widgets/*.svelte", { import: "default" });
const loaded = new Map<string, Widget>();

/** Load the widgets of these fields, so that `widgetOf` has them at once. */
export async function loadWidgets(fields: readonly Field[]): Promise<void> {
  const types = [...new Set(fields.map((field) => field.type))].filter((type) => !loaded.has(type));
  await Promise.all(types.map(load));
}

/** The widget of a type, or undefined if it is not loaded or there is none. */
export function widgetOf(type: string): Widget | undefined {
  return loaded.get(type);
}

async function load(type: string): Promise<void> {
  const file = files[`../widgets/${type}.svelte`];
  if (file) loaded.set(type, await file());
}

/** The address of a media value: `{"url": …}`, or `{"media": …}` as the requester sees it; empty if there is none. */
export function mediaUrl(value: Json): string {
  if (typeof value === "string") return value;
  const media = value as { url?: string; media?: string } | null | undefined;
  return media?.url ?? (media?.media ? `/api/media/${media.media}` : "");
}

/** A setting of a field, typed by its default. */
export function setting<Value>(field: Field, name: string, otherwise: Value): Value {
  return (field.settings?.[name] as Value | undefined) ?? otherwise;
}
