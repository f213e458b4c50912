/** Rows that somebody pastes or has in a file, read as items: CSV, JSON, JSON Lines, or a value a line. */

import type { Field } from "../lib/wire";

export type Row = Record<string, unknown>;

/** What was read; `wrong` names the line, counted from 1, that cannot be read. */
export interface Read {
  columns: string[];
  rows: Row[];
  wrong?: number;
}

const SEPARATORS = ["\t", ";", ","] as const;
const NUMBERS = ["integer", "number", "rating"];
const TRUE = /^(true|yes|1)$/i;
const FALSE = /^(false|no|0)$/i;
const ID = "id";

/** Rows of a text; `fields` are the task's inputs and outputs, by whose types cells are read. */
export function readRows(text: string, inputs: readonly Field[], outputs: readonly Field[]): Read {
  const written = text.replace(/^\uFEFF/, "").trim();
  if (written === "") return { columns: [], rows: [] };
  const fields = [...inputs, ...outputs];
  if (/^[[{]/.test(written)) return readJson(written);
  const separator = SEPARATORS.find((one) => (split(firstLine(written), one)?.[0] ?? []).some((cell) => isNamed(cell, fields)));
  if (separator !== undefined) return readTable(written, separator, fields);
  const [only] = inputs;
  if (inputs.length !== 1 || only === undefined) return { columns: [], rows: [], wrong: 1 };
  const rows = written.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  return { columns: [only.name], rows: rows.map((line) => ({ [only.name]: valueOf(line, only) })) };
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? "";
const isNamed = (cell: string, fields: readonly Field[]): boolean => fields.some((field) => field.name === cell.trim());

function readJson(text: string): Read {
  try {
    const whole: unknown = JSON.parse(text);
    const rows = Array.isArray(whole) ? whole : [whole];
    const bad = rows.findIndex((row) => !isRow(row));
    return bad < 0 ? told(rows as Row[]) : { ...told([]), wrong: bad + 1 };
  } catch {
    // A row a line, then.
  }
  const rows: Row[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    try {
      const row: unknown = JSON.parse(line);
      if (!isRow(row)) return { ...told(rows), wrong: index + 1 };
      rows.push(row);
    } catch {
      return { ...told(rows), wrong: index + 1 };
    }
  }
  return told(rows);
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);
const told = (rows: Row[]): Read => ({ columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows });

function readTable(text: string, separator: string, fields: readonly Field[]): Read {
  const cells = split(text, separator);
  if (cells === null) return { columns: [], rows: [], wrong: text.split(/\r?\n/).length };
  const columns = (cells[0] ?? []).map((name) => name.trim());
  const rows: Row[] = [];
  for (const [index, line] of cells.slice(1).entries()) {
    if (line.length === 1 && line[0]?.trim() === "") continue;
    if (line.length !== columns.length) return { columns, rows, wrong: index + 2 };
    // An empty cell is no value.
    const filled = columns.map((name, place): [string, string] => [name, line[place] ?? ""]).filter(([, cell]) => cell !== "");
    rows.push(Object.fromEntries(filled.map(([name, cell]) => [name, valueOf(cell, fields.find((field) => field.name === name))])));
  }
  return { columns, rows };
}

/** Cells by line, as RFC 4180 has them; null where a quote is left open. */
function split(text: string, separator: string): string[][] | null {
  const lines: string[][] = [[]];
  let cell = "";
  let quoted = false;
  for (let place = 0; place < text.length; place++) {
    const sign = text[place] ?? "";
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[place + 1] === '"') {
        cell += sign;
        place++;
      } else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === separator || sign === "\n") {
      lines.at(-1)?.push(cell.replace(/\r$/, ""));
      cell = "";
      if (sign === "\n") lines.push([]);
    } else cell += sign;
  }
  lines.at(-1)?.push(cell.replace(/\r$/, ""));
  return quoted ? null : lines;
}

/** A cell as its field has it; what does not fit stays a text, and the server says what is wrong with it. */
function valueOf(cell: string, field: Field | undefined): unknown {
  const type = field?.type ?? "text";
  if (NUMBERS.includes(type) && /^-?\d+(\.\d+)?$/.test(cell.trim())) return Number(cell);
  if (type === "boolean" && TRUE.test(cell.trim())) return true;
  if (type === "boolean" && FALSE.test(cell.trim())) return false;
  if (type !== "text" && type !== "choice" && /^\s*[[{]/.test(cell)) {
    try {
      return JSON.parse(cell) as unknown;
    } catch {
      return cell;
    }
  }
  return cell;
}

/** The rows, each with an id: one that has none gets it from what it says, so that adding it twice is adding it once. */
export function named(rows: readonly Row[]): Row[] {
  return rows.map((row) => (row[ID] === undefined ? { ...row, [ID]: `page-${digest(JSON.stringify(Object.entries(row).sort()))}` } : row));
}

/** 53 bits that follow from a text, written in base 36. */
function digest(text: string): string {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    one = Math.imul(one ^ code, 2654435761);
    other = Math.imul(other ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
  other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return (4294967296 * (2097151 & other) + (one >>> 0)).toString(36);
}
