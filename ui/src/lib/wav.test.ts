// @vitest-environment node
import { expect, test } from "vitest";
import { wav } from "./wav";

const words = (view: DataView, at: number, length: number) => String.fromCharCode(...new Uint8Array(view.buffer, at, length));

test("samples become a WAV file of one channel in 16 bits, and what is too loud is cut at the limit", async () => {
  const file = wav([Float32Array.of(0, 0.5, -0.5, 1, -1, 3)], 48_000);
  const view = new DataView(await file.arrayBuffer());
  expect(file.type).toBe("audio/wav");
  expect([words(view, 0, 4), view.getUint32(4, true), words(view, 8, 8)]).toEqual(["RIFF", 48, "WAVEfmt "]);
  expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint32(24, true), view.getUint32(28, true), view.getUint16(32, true), view.getUint16(34, true)]).toEqual([1, 1, 48_000, 96_000, 2, 16]);
  expect([words(view, 36, 4), view.getUint32(40, true)]).toEqual(["data", 12]);
  expect([0, 1, 2, 3, 4, 5].map((place) => view.getInt16(44 + 2 * place, true))).toEqual([0, 16_384, -16_383, 32_767, -32_767, 32_767]);
});

test("of two channels the samples of one moment stand beside each other", async () => {
  const view = new DataView(await wav([Float32Array.of(0, 1), Float32Array.of(0.5, -1)], 44_100).arrayBuffer());
  expect([view.getUint16(22, true), view.getUint32(28, true), view.getUint16(32, true), view.getUint32(40, true)]).toEqual([2, 176_400, 4, 8]);
  expect([0, 1, 2, 3].map((place) => view.getInt16(44 + 2 * place, true))).toEqual([0, 16_384, 32_767, -32_767]);
});
