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

/** What begins as rows of JSON do: an object with a name in it, or a list of such. */
const AS_JSON = /^(\[\s*(\{|\])|\{\s*("|\}))/;

/** Rows of a text; its cells are read by the types of the task's inputs and outputs. */
export function readRows(text: string, inputs: readonly Field[], outputs: readonly Field[]): Read {
  const bare = text.replace(/^\uFEFF/, "");
  const written = bare.trim();
  if (written === "") return { columns: [], rows: [] };
  const above = bare.slice(0, bare.indexOf(written)).split("\n").length - 1;
  const read = readWritten(written, inputs, outputs);
  return read.wrong === undefined ? read : { ...read, wrong: read.wrong + above };
}

function readWritten(written: string, inputs: readonly Field[], outputs: readonly Field[]): Read {
  const fields = [...inputs, ...outputs];
  if (AS_JSON.test(written)) return readJson(written);
  const separator = SEPARATORS.find((one) => firstCells(written, one).some((cell) => isNamed(cell, fields)));
  if (separator !== undefined) return readTable(written, separator, fields);
  const [only] = inputs;
  if (inputs.length !== 1 || only === undefined) return { columns: [], rows: [], wrong: 1 };
  const rows = written.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  return { columns: [only.name], rows: rows.map((line) => ({ [only.name]: valueOf(line, only) })) };
}

const firstCells = (text: string, separator: string): string[] => split(text.split(/\r?\n/, 1)[0] ?? "", separator).lines[0]?.cells ?? [];
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
  const { lines, open } = split(text, separator);
  if (open !== undefined) return { columns: [], rows: [], wrong: open };
  const columns = (lines[0]?.cells ?? []).map((name) => name.trim());
  const rows: Row[] = [];
  for (const { cells, at } of lines.slice(1)) {
    if (cells.length === 1 && cells[0]?.trim() === "") continue;
    if (cells.length !== columns.length) return { columns, rows, wrong: at };
    // An empty cell is no value.
    const filled = columns.map((name, place): [string, string] => [name, cells[place] ?? ""]).filter(([, cell]) => cell !== "");
    rows.push(Object.fromEntries(filled.map(([name, cell]) => [name, valueOf(cell, fields.find((field) => field.name === name))])));
  }
  return { columns, rows };
}

/** Cells by line, as RFC 4180 has them, each with the line of the text where it begins; `open`: where a quote begins that has no end. */
function split(text: string, separator: string): { lines: { cells: string[]; at: number }[]; open?: number } {
  const lines: { cells: string[]; at: number }[] = [{ cells: [], at: 1 }];
  let cell = "";
  let quoted = false;
  let at = 1;
  let opened = 1;
  const end = (): void => {
    lines.at(-1)?.cells.push(cell.replace(/\r$/, ""));
    cell = "";
  };
  for (let place = 0; place < text.length; place++) {
    const sign = text[place] ?? "";
    if (sign === "\n") at++;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[place + 1] === '"') {
        cell += sign;
        place++;
      } else quoted = false;
    } else if (sign === '"' && cell === "") {
      quoted = true;
      opened = at;
    } else if (sign === separator) end();
    else if (sign === "\n") {
      end();
      lines.push({ cells: [], at });
    } else cell += sign;
  }
  end();
  return quoted ? { lines, open: opened } : { lines };
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
