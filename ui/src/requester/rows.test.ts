import { expect, test } from "vitest";
import type { Field } from "../lib/wire";
import { readRows } from "./rows";

const field = (name: string, type: string): Field => ({ name, type, title: {}, hint: {}, settings: {}, optional: false }) as unknown as Field;
const text = field("text", "text");
const count = field("count", "integer");
const label = field("label", "choice");

test("a value a line is an item a line where the task has one input", () => {
  expect(readRows("\uFEFFone\r\n\n two \n", [text], [label]).rows).toEqual([{ text: "one" }, { text: "two" }]);
  expect(readRows("one\ntwo", [text, count], [label]).wrong).toBe(1);
});

test("a table is read by its header, whatever separates its cells, and numbers are numbers", () => {
  const rows = [{ text: "a, b", count: 3, from: "x" }, { text: 'said "yes"\nand no', count: 4 }];
  expect(readRows('text,count,from\n"a, b",3,x\n"said ""yes""\nand no",4,\n', [text, count], [label])).toEqual({ columns: ["text", "count", "from"], rows });
  expect(readRows("text;count\r\n3;3\r\n", [text, count], [label]).rows).toEqual([{ text: "3", count: 3 }]);
  expect(readRows("text\tcount\nq\t1\n", [text, count], [label]).rows).toEqual([{ text: "q", count: 1 }]);
});

test("a number that is none stays a text, for the server to say so", () => {
  expect(readRows("text,count\na,many\n", [text, count], []).rows).toEqual([{ text: "a", count: "many" }]);
});

test("JSON and JSON Lines are rows as they are", () => {
  const rows = [{ text: "a", count: 1 }, { text: "b" }];
  expect(readRows(JSON.stringify(rows), [text, count], []).rows).toEqual(rows);
  expect(readRows(rows.map((row) => JSON.stringify(row)).join("\n"), [text, count], []).rows).toEqual(rows);
});

test("what cannot be read is named by its line", () => {
  expect(readRows('{"text": "a"}\n{"text": \n', [text], []).wrong).toBe(2);
  expect(readRows("text,count\na,1\nb\n", [text, count], []).wrong).toBe(3);
  expect(readRows('text,count\n"a,1\n', [text, count], []).wrong).toBe(2);
  expect(readRows('[{"text": "a"}, 2]', [text], []).wrong).toBe(2);
});

test("a line is counted as the text has it, after cells of several lines and lines of nothing as well", () => {
  expect(readRows('text,count\n"a\nb",1\nc\n', [text, count], []).wrong).toBe(4);
  expect(readRows('text,count\na,1\n"b,2\nc,3\n', [text, count], []).wrong).toBe(3);
  expect(readRows('\n\n{"text": "a"}\n{"text": \n', [text], []).wrong).toBe(4);
});

test("a value may begin as JSON does", () => {
  expect(readRows("[laughs] Hello\n{sigh} Well", [text], []).rows).toEqual([{ text: "[laughs] Hello" }, { text: "{sigh} Well" }]);
  expect(readRows("text,count\n[laughs],1\n", [text, count], []).rows).toEqual([{ text: "[laughs]", count: 1 }]);
  expect(readRows("[\n  {\"text\": \"a\"}\n]", [text], []).rows).toEqual([{ text: "a" }]);
});
