/** The table of a run's control items, as the run writes it. */

import type { Field, Values } from "../lib/wire";

export interface ControlRow {
  key: string;
  known: Values;
  answered: number;
  missed: number;
  /** The 95 % interval of the share that misses it; null where nobody answered. */
  low: number | null;
  high: number | null;
  shown: boolean;
  /** How many times likelier the answers are if `rather` is right and not the known answer. */
  suspicion: number | null;
  rather: unknown;
}

type Row = Readonly<Record<string, unknown>>;

/** The rows with the most suspicious first, then those that are missed most; the id is the first column of the table. */
export function controlRows(table: readonly Row[], outputs: readonly Field[]): ControlRow[] {
  const rows = table.map((row) => ({
    key: String(row[Object.keys(row)[0] ?? ""]),
    known: Object.fromEntries(outputs.map((output) => [output.name, row[output.name]])),
    answered: Number(row.answered),
    missed: Number(row.missed),
    low: numberOf(row.miss_low),
    high: numberOf(row.miss_high),
    shown: row.shown !== false,
    suspicion: numberOf(row.suspicion),
    rather: row.rather ?? null,
  }));
  return rows.sort((one, next) => (next.suspicion ?? 0) - (one.suspicion ?? 0) || (next.low ?? 0) - (one.low ?? 0));
}

/** What is right rather than the known answers, by output: of several outputs it is named. */
export function ratherOf(row: ControlRow, outputs: readonly Field[]): Values {
  const [output] = outputs;
  const found = outputs.length === 1 && output ? { [output.name]: row.rather } : (row.rather as Values);
  return { ...row.known, ...found };
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
