import { expect, test } from "vitest";
import { placed, type Named, type Place } from "./pictures";

const [LETTER, LINE] = [6.5, 11];

function dot(x: number, y: number, name: string, chosen = false, radius = 10): Named {
  return { x, y, radius, name, chosen };
}

function box(name: string, { x, y, anchor }: Place): [number, number, number, number] {
  const width = name.length * LETTER;
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return [left, y - LINE + 2, left + width, y + 2];
}

function crossing(dots: Named[]): string[] {
  const boxes = placed(dots).map((place, number) => box(dots[number]!.name, place));
  return boxes.flatMap((one, first) =>
    boxes.slice(first + 1).flatMap((other, second) => (one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3] ? [`${dots[first]!.name} on ${dots[first + 1 + second]!.name}`] : [])),
  );
}

test("a dot by itself has its name below, and the chosen one above", () => {
  expect(placed([dot(100, 80, "Mild"), dot(220, 80, "Strict", true)])).toEqual([
    { x: 100, y: 101, anchor: "middle" },
    { x: 220, y: 65, anchor: "middle" },
  ]);
});

test("no name stands on another, however close the dots lie", () => {
  const names = ["Без контроля", "Мягкая", "Строгая", "Умеренная"];
  for (const apart of [0, 1, 3, 7, 12, 20, 33]) {
    for (const up of [0, 2, 9, -14]) {
      const dots = names.map((name, place) => dot(150 + apart * place, 80 + up * place, name, place === 3, 4 + 2 * place));
      expect(crossing(dots), `${apart}, ${up}`).toEqual([]);
    }
  }
});
