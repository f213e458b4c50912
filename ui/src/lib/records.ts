/** The records of docs/http-api.md. Fields that the server leaves out at their default are optional here. */

export type Texts = Readonly<Record<string, string>>;
/** An integer number of millionths of a currency unit. */
export type Money = number;
/** Seconds since the epoch. */
export type Time = number;
export type Json = unknown;
export type Values = Readonly<Record<string, Json>>;

export interface Field {
  name: string;
  type: string;
  title: Texts;
  required?: boolean;
  settings?: Readonly<Record<string, Json>>;
}

export interface TaskSpec {
  id: string;
  name: Texts;
  instruction: Texts;
  duration: number;
  inputs: Field[];
  outputs: Field[];
  description?: Texts;
}

/** One item as a worker gets it: its inputs and its place on the page, nothing else. */
export interface PageItem {
  inputs: Values;
}

export interface Page {
  page: string;
  run: string;
  items: PageItem[];
  price: Money;
  currency: string;
  seconds_left: number;
}

export type ClosedReason = "restricted" | "all_done" | "paused" | "finished" | "language" | "budget" | "busy";

export interface Closed {
  reason: ClosedReason;
  until: Time | null;
  text: Texts;
}

// --- the worker's page ------------------------------------------------------------------------

export interface Joined {
  worker: string;
  token: string;
  return_path: string;
}

export interface Me {
  worker: string;
  name: string;
  language: string;
  currency: string;
  earned: Money;
  pending: Money;
  pages_accepted: number;
  pages_pending: number;
  pages_rejected: number;
}

export interface OpenRun {
  run: string;
  name: Texts;
  description: Texts;
  page_price: Money;
  page_items: number;
  page_seconds: number;
  currency: string;
  earned: Money;
  pending: Money;
  pages_done: number;
  open: boolean;
  closed: Closed | null;
}

export interface RunTask {
  run: string;
  task: TaskSpec;
  instruction_html: Texts;
  currency: string;
  page_price: Money;
  page_items: number;
}

export interface NextPage {
  page: Page | null;
  closed: Closed | null;
}

export interface Submitted {
  state: "submitted" | "late";
  earned: Money;
  pending: Money;
}

export interface HistoryPage {
  page: string;
  run: string;
  name: Texts;
  state: string;
  price: Money;
  items: number;
  at: Time;
  reason: Texts | null;
}

// --- the requester's pages --------------------------------------------------------------------

export type RunState = "open" | "paused" | "closed";

export interface Publication {
  name: string;
  task: TaskSpec;
  prices: Money[];
  real_per_page: number;
  control_per_page: number;
  lease: number;
  currency?: string;
  budget?: Money | null;
  languages?: string[];
}

export interface WorkerQuality {
  worker: string;
  responses: number;
  pages_accepted: number;
  pages_rejected: number;
  control_correct: number;
  control_total: number;
  seconds_per_item?: number | null;
  skill?: number | null;
  earned?: Money;
}

export interface ItemQuality {
  key: string;
  answer: Values;
  confidence: Readonly<Record<string, number>>;
  overlap: number;
  final?: boolean;
  flag?: string;
}

export interface Snapshot {
  at: Time;
  stage: string;
  items_total: number;
  items_final: number;
  control_total: number;
  responses: number;
  pages_accepted: number;
  pages_rejected: number;
  pages_pending: number;
  cost: Money;
  mean_confidence?: number | null;
  /** What the run's policy asks for. */
  min_confidence?: number | null;
  control_accuracy?: number | null;
  notices?: Texts[];
  series?: Readonly<Record<string, [number, number][]>>;
  confidence?: number[];
  overlap?: number[];
  durations?: number[];
  durations_to?: number;
  answers?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  workers?: WorkerQuality[];
  items?: ItemQuality[];
}

export interface RunSummary {
  run: string;
  name: Texts;
  state: RunState;
  created: Time;
  currency: string;
  budget: Money | null;
  snapshot: Snapshot | null;
}

export interface RunView extends RunSummary {
  version: number;
  publication: Publication;
  invitation_path: string;
  active_workers: number;
}

export interface WorkerView extends WorkerQuality {
  name: string;
  language: string;
  joined: Time;
  state: "active" | "restricted" | "away";
  until: Time | null;
  reason: Texts | null;
  pages_held: number;
}

export interface ResponseView {
  worker: string;
  name: string;
  page: string;
  /** Null while the page is held. */
  values: Values | null;
  at: Time;
  state: string;
  seconds: number | null;
}

export interface ItemView {
  key: string;
  inputs: Values;
  control: boolean;
  wanted: number;
  held: number;
  submitted: number;
  answer: Values | null;
  confidence: Readonly<Record<string, number>> | null;
  overlap: number;
  final: boolean;
  flag: string;
  responses?: ResponseView[];
}

export interface PreviewView {
  run: string | null;
  task: TaskSpec;
  instruction_html: Texts;
  page: Page;
}
