import { describe, expect, it, test } from "vitest";
import { hindrance, markAt, marksOf, withSpan, type Span } from "./marks";
import { Offsets } from "./offsets";
import { Pieces } from "./pieces";

const FAMILY = "👩‍❤️‍👨";
const PARTS = ["a", "é", "e\u0301", " ", "\r\n", "\t", "<", "&amp;", "🙂", FAMILY, "🇷🇺", "漢", "ก็", "שלום", "\ud83d", "\u00a0"];

function random(seed: number): () => number {
  return () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
}

describe("places in a text", () => {
  it("are those of Python, in 10,000 random texts and back", () => {
    const draw = random(1);
    for (let round = 0; round < 10_000; round += 1) {
      const text = Array.from({ length: 1 + Math.floor(draw() * 12) }, () => PARTS[Math.floor(draw() * PARTS.length)]).join("");
      const [points, offsets] = [Array.from(text), new Offsets(text)];
      const [start, end] = [draw(), draw()].map((share) => Math.floor(share * (points.length + 1))).sort((one, other) => one - other) as [number, number];
      const [from, to] = [offsets.toUnits(start), offsets.toUnits(end)];
      expect(text.slice(from, to)).toBe(points.slice(start, end).join(""));
      expect([offsets.toPoints(from), offsets.toPoints(to)]).toEqual([start, end]);
    }
  });
});

describe("what is selected", () => {
  const chosen = (text: string, start: number, end: number, whole = true) => {
    const piece = new Pieces(text).snapped({ start, end }, whole);
    return piece && text.slice(piece.start, piece.end);
  };

  it("grows to whole words and loses the spaces around it", () => expect(chosen("Ann Lee lives.", 1, 8)).toBe("Ann Lee"));
  it("may be letters only", () => expect(chosen("unhappy", 2, 7, false)).toBe("happy"));
  it("is nothing where there are only spaces", () => expect(chosen("a \t\u00a0 b", 1, 5)).toBeNull());
  it("is characters in scripts without spaces", () => expect([chosen("我住在北京市", 3, 5), chosen("東京へ行く", 0, 2), chosen("กรุงเทพ", 0, 1)]).toEqual(["北京", "東京", "ก"]));
  it("never cuts a character in two", () => expect([chosen(`x${FAMILY}y`, 1, 3, false), chosen("cafe\u0301", 0, 4, false), chosen("🇷🇺🇩🇪", 0, 5, false)]).toEqual([FAMILY, "cafe\u0301", "🇷🇺🇩🇪"]));

  it("goes from word to word by the keyboard and grows by words", () => {
    const text = "Hello, big  world";
    const pieces = new Pieces(text);
    const words = (piece: { start: number; end: number } | null) => piece && text.slice(piece.start, piece.end);
    const first = pieces.next(0, 1, true)!;
    expect(words(first)).toBe("Hello");
    expect(words(pieces.next(text.length, -1, true))).toBe("world");
    const big = { start: 7, end: 10 };
    expect(words(pieces.moved(big, "end", 1, true))).toBe("big  world");
    expect(words(pieces.moved({ start: 7, end: 17 }, "end", -1, true))).toBe("big");
    expect(words(pieces.moved({ start: 7, end: 17 }, "start", 1, true))).toBe("world");
    expect(pieces.moved(big, "end", -1, true)).toBeNull();
  });
});

describe("marks", () => {
  const spans: Span[] = [
    { start: 0, end: 9, label: "place" },
    { start: 4, end: 9, label: "name" },
    { start: 12, end: 14, label: "name" },
  ];

  it("that overlap lie on lanes of their own", () => expect(marksOf(spans, new Offsets("x".repeat(20))).map((mark) => mark.lane)).toEqual([0, 1, 0]));

  it("at one place are chosen one after the other, the smallest first", () => {
    const marks = marksOf(spans, new Offsets("x".repeat(20)));
    expect([markAt(marks, 5, -1), markAt(marks, 5, 1), markAt(marks, 5, 0), markAt(marks, 10, -1)]).toEqual([1, 0, 1, -1]);
  });

  it("are kept in reading order, each once, overlapping only where that is allowed", () => {
    expect(withSpan(spans, { start: 4, end: 9, label: "a" }).map(({ label }) => label)).toEqual(["place", "a", "name", "name"]);
    expect(hindrance(spans, { start: 12, end: 14, label: "name" }, true)).toBe("span_there");
    expect(hindrance(spans, { start: 8, end: 13, label: "name" }, false)).toBe("span_overlaps");
    expect(hindrance(spans, { start: 8, end: 13, label: "name" }, true)).toBe("");
  });
});

test("a text of 200,000 characters with 2,000 spans is marked", () => {
  const text = "Ann 👩‍❤️‍👨 lives in Kazan. ".repeat(200_000 / 25).slice(0, 200_000);
  const spans: Span[] = Array.from({ length: 2_000 }, (_, at) => ({ start: at * 80, end: at * 80 + 40, label: "name" }));
  const offsets = new Offsets(text);
  const marks = marksOf(spans, offsets);
  expect(marks.length).toBe(2_000);
  expect(markAt(marks, marks[1_999]!.start, -1)).toBe(1_999);
  expect(hindrance(spans, { start: 0, end: 200, label: "name" }, false)).toBe("span_overlaps");
  expect(withSpan(spans, { start: 50, end: 60, label: "name" }).length).toBe(2_001);
});
