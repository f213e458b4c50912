import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it, vi } from "vitest";
import { says } from "../lib/masks/messages";
import { written } from "../lib/masks/runs";
import type { Field } from "../lib/wire";
import type { Json } from "../lib/widgets";
import Mask from "./mask.svelte";

const FIELD: Field = { name: "cat", type: "mask", title: { en: "Cat" }, required: true, settings: { of: "photo" } };
const PHOTO: Field = { name: "photo", type: "image", title: { en: "Photo" }, required: true, settings: {} };

/** A picture of 20 by 10 pixels, as soon as it is asked for. */
class Picture {
  naturalWidth = 20;
  naturalHeight = 10;
  onload: (() => void) | null = null;
  set src(_: string) {
    queueMicrotask(() => this.onload?.());
  }
}

afterEach(() => vi.unstubAllGlobals());

async function shown(value: Json, mode: "answer" | "show"): Promise<{ told: unknown[]; said: string }> {
  vi.stubGlobal("Image", Picture);
  vi.stubGlobal("ResizeObserver", class { observe(): void {} unobserve(): void {} disconnect(): void {} });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  const told: unknown[] = [];
  const props = { field: FIELD, among: [PHOTO, FIELD], inputs: { photo: { url: "/photo" } }, value, mode, language: "en", labelledby: "", onchange: (now: unknown) => told.push(now) };
  const widget = mount(Mask, { target: document.body, props });
  flushSync();
  await Promise.resolve();
  flushSync();
  const said = document.querySelector("[role=status]")?.textContent ?? "";
  await unmount(widget);
  return { told, said };
}

const whole = (width: number, height: number): Json => ({ width, height, masks: [{ counts: written([0, width * height]) }] });

it("says that a mask of another picture is not shown, and does not send what nobody sees", async () => {
  const other = await shown(whole(40, 20), "answer");
  expect(other.told).toEqual([undefined]);
  expect(other.said).toBe(says("en", "mask_other_size"));
  expect(await shown(whole(40, 20), "show")).toEqual({ told: [], said: other.said });
  expect((await shown(whole(20, 10), "answer")).told).toEqual([]);
});
