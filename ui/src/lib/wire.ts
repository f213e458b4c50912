/** What travels between the server and its pages. Made by `make wire`; do not edit. */

/**
 * What a worker has told of themselves: languages and country by their codes, the year of birth; all optional.
 *
 * `asked`: what tasks ask for that the worker was invited to. `fixed`: until when what was told stays as it is.
 */
export interface About {
  speaks: string[];
  region: string;
  born: number | null;
  asked: Told[];
  fixed: Readonly<Record<string, Time>>;
}

/** What a worker tells of themselves; what is left out stays, an empty list or text and null take it back. */
export interface AboutChange {
  speaks?: string[];
  region?: string;
  born?: number | null;
}

/** Accept a page, whatever is or was found of it: it is paid, if the budget allows, and its answers count. */
export interface Accept {
  kind: "accept";
  page: string;
}

/** Put items into the run; one that is there already is left as it is, and refused if it says something else. */
export interface AddItems {
  kind: "add_items";
  key: string;
  items: Item[];
}

/**
 * What an addition did: how many items are new to the run, and how many it knew already.
 *
 * `repeated`: how many of the new ones have the inputs of an item that the run has under another id; they are asked,
 * and paid, all the same.
 */
export interface Added {
  new: number;
  known: number;
  repeated?: number;
}

/** Lift a worker's restriction. */
export interface Allow {
  kind: "allow";
  key: string;
  worker: string;
}

/** Money in a currency: what was earned, and what waits for a verdict. */
export interface Amount {
  currency: string;
  earned: Money;
  pending: Money;
}

/**
 * Answers to a page's items in the order shown, or at an item's place the reason for which it is reported.
 *
 * `seconds`: how long the page was on the screen. It counts as far as the server's clock leaves room for it; without
 * it the pages that the worker holds share what there was.
 */
export interface Answers {
  answers: (Values | ReportReason)[];
  seconds?: number | null;
}

/**
 * What is decided of an appeal; `reply` is for the worker, who reads it as it is: it gives no control item away.
 *
 * A page is paid only once: deciding the same again changes nothing, and the first reply stays.
 */
export interface AppealDecision {
  upheld: boolean;
  reply?: string;
}

/**
 * An appeal with the page's items and all that was answered to them, by this worker and others.
 *
 * What control items are known to be is not among it: see `GET /api/runs/{run}/known/{key}`.
 */
export interface AppealDetail {
  appeal: PageAppeal;
  items: ItemView[];
  seconds: number | null;
  who: WorkerView | null;
}

/** A part of the appeals: the open ones by age, then the others, the newest first; counts are of all. */
export interface AppealList {
  open: number;
  upheld: number;
  dismissed: number;
  appeals: PageAppeal[];
}

/** What became of an appeal; `upheld`: the page is paid after all. */
export type AppealState = "dismissed" | "open" | "upheld";

/** A worker's appeal, and what was decided: `decided` is when, null while it is open; they read the `reply`. */
export interface AppealView {
  state: AppealState;
  text: string;
  at: Time;
  decided: Time | null;
  reply: string;
}

/** Have so many more workers answer an item, though it was final; an answer given by hand is taken back. */
export interface AskMore {
  kind: "ask_more";
  item: string;
  count?: number;
}

/**
 * What a run asks of its workers; what is empty asks nothing.
 *
 * `speaks`: all of these languages; `regions`: one of these; both as ISO codes. `age`: the least and the most, in
 * whole years. `allowed`: nobody but these, by their ids; `barred`: none of these. `named`: whom a link with their
 * name let in, into any run of the workspace.
 */
export interface AskedOfWorkers {
  speaks?: string[];
  regions?: string[];
  age?: [number | null, number | null];
  device?: Device | null;
  skills?: WantedSkill[];
  allowed?: string[];
  barred?: string[];
  named?: boolean;
}

/** The mask of what is meant: runs as COCO writes them in a string, on the whole picture. */
export interface Assisted {
  counts: string;
}

/** What a share of right answers rests on. `model`: on claims alone; `like_controls`: control items are like the others; `drawn`: verified items were drawn by chance; `left_out`: answers without a confidence are not in it. */
export type Assumption = "drawn" | "left_out" | "like_controls" | "model";

/**
 * Events after a cursor, oldest first; `cursor` is where to go on. `more`: others are already waiting.
 *
 * The rest tells a run whether the platform's store is the one that its log was written with, and not an older copy:
 * `epoch` names the store, `commands` is how many commands of the run it has taken, repeated ones too, `since` when
 * the event at the cursor that was asked for happened. What a platform leaves out is not looked at.
 */
export interface Batch {
  events: (WorkerJoined | PageTaken | PageSubmitted | PageExpired | PageSkipped | PageReleased | PageJudged | WorkerRestricted | WorkerAllowed | BonusPaid | NotPaid | ToppedUp | WorkerTrained | RunStateChanged)[];
  cursor: number;
  more?: boolean;
  epoch?: string;
  commands?: number | null;
  since?: Time | null;
}

/** A worker was paid an amount beside the prices of their pages. */
export interface BonusPaid {
  kind: "bonus_paid";
  cursor: number;
  at: Time;
  worker: string;
  amount: Money;
}

/** An amount that is paid once to who is certain to answer at least this share of items right. */
export interface BonusStep {
  share: number;
  amount: Money;
}

/** What a run is called now. */
export interface Called {
  run: string;
}

/** An invitation by which a worker came: whom it was for and its label, empty where unsaid; `run` null: to all. */
export interface CameBy {
  invitation: string;
  name: string;
  label: string;
  run: string | null;
}

/**
 * What can be said of the answers of a run at a time, by a version of the software.
 *
 * `instruction` is Markdown, `instruction_html` the same as HTML that is safe to show.
 *
 * `headline` says it in short, `parts` at length; `flags` counts items by why they have no sure answer. `paid` and
 * `total`, which has the platform's commission, are in `currency`, checks by other workers among them.
 */
export interface Certificate {
  run: string;
  task: Texts;
  instruction: Texts;
  instruction_html: Texts;
  at: Time;
  launched: Time;
  version: string;
  stage: Stage;
  items: number;
  answered: number;
  flags: Readonly<Record<string, number>>;
  outputs: OutputCertificate[];
  control_items: number;
  control_answers: number;
  control_right: number;
  verified: VerifiedItems;
  responses: number;
  workers: number;
  paid: number;
  total: number;
  currency: string;
  headline?: Texts[];
  parts?: Part[];
}

/** What differs from before; nothing, if all was so already. */
export interface Changes {
  changed: Difference[];
}

/** Why a run has no page for a worker; `untold`: what they could tell of themselves to be let in. */
export interface Closed {
  reason: ClosedReason;
  until: Time | null;
  text: Texts;
  untold?: Told | null;
}

/** Why a run has no page for a worker. */
export type ClosedReason = "age" | "all_done" | "budget" | "busy" | "device" | "elsewhere" | "finished" | "judging" | "language" | "newcomers" | "no_answers" | "no_items" | "paused" | "people" | "region" | "restricted" | "skill" | "speaks" | "training" | "unchecked";

/** Commands that take effect together or not at all. */
export interface Commands {
  commands: (AddItems | Want | Judge | Restrict | Allow | Withhold | Deal | Recheck | Learn | PayBonus | SetState | Republish)[];
}

/** Say which answers to an item are right: of a control item they are the known ones, of another its final ones. */
export interface Correct {
  kind: "correct";
  item: string;
  answer: Values;
}

/** How many corrections the run has, and those that were asked for, in their order. */
export interface Corrected {
  count: number;
  corrections: (Discard | Reinstate | GiveBonus | Draw | Upheld | Accept | Reject | Correct | Uncorrect | Withdraw | Verify | AskMore | SetAside)[];
}

/**
 * Wishes about the pages that these workers get from now on; a platform that cannot do so passes over them.
 *
 * `controls`: how many control items a page of theirs has on average, 0 or more; each page has as many as there may be
 * where that many are wished. First pages, and those after one that was rejected, have them whatever is wished.
 */
export interface Deal {
  kind: "deal";
  key: string;
  controls: Readonly<Record<string, number>>;
}

/** What a worker did and earned in a task that is no more; its pages are gone. */
export interface DeletedRun {
  name: Texts;
  currency: string;
  pages_accepted: number;
  pages_rejected: number;
  earned: Money;
  at: Time;
}

/** What a worker works on, as the browser shows it. */
export type Device = "computer" | "phone";

/** A setting that differs: what it was, and what it is now. */
export interface Difference {
  name: string;
  was: unknown;
  now: unknown;
}

/** Let a worker's answers count no more, those to come neither; what was paid stays paid. */
export interface Discard {
  kind: "discard";
  worker: string;
}

/** How many commands took effect, and how many had done so before. */
export interface Done {
  done: number;
  repeated: number;
}

/** Note which items were drawn by chance, for somebody trusted to judge, and with which probability each was. */
export interface Draw {
  kind: "draw";
  items: string[];
  chances: number[];
}

/**
 * What a worker is owed in a currency, below 0 a debt; what was paid out, and what waits for a verdict.
 *
 * `name` is empty of one who is forgotten.
 */
export interface DueAmount {
  worker: string;
  name: string;
  currency: string;
  due: Money;
  paid: Money;
  pending: Money;
}

/** Nothing. */
export interface Empty {}

/** The path by which one expert comes, once. */
export interface ExpertLink {
  expert: string;
  path: string;
}

/**
 * One input or output of a task: an object type and the settings its widget needs.
 *
 * `settings` is what the object type's `settings()` returns and `from_settings` reads: for a choice
 * `{"options": [{"value": "dog", "label": {"en": "dog"}}, ...]}`; see each file of `dataforge.objects`.
 */
export interface Field {
  name: string;
  type: string;
  title: Texts;
  required?: boolean;
  settings?: Readonly<Record<string, unknown>>;
}

/** How many bytes of a file are here; `whole`: an answer to the page may name it. */
export interface FileState {
  received: number;
  whole: boolean;
}

/** Why an item has no sure answer; empty where it has one. `incomplete`: the run goes on and wants more answers to it. `corrected`: the requester gave the answer; `withdrawn`: a control item no more. `verified`: somebody trusted has found the answer right; `wrong`: has found it wrong, and gave no other. `set_aside`: the requester leaves it out of the results. `rejected`: all its answers are on rejected pages, and nobody is asked any more. */
export type Flag = "" | "budget" | "corrected" | "incomplete" | "no_answers" | "rejected" | "reported" | "set_aside" | "stopped" | "time" | "unsure" | "unverified" | "verified" | "withdrawn" | "wrong";

/**
 * What a run will have cost when it ends, from how it went so far: expected, and with eight chances in ten.
 *
 * `answers` are still to come. `ends`: when they are there at the pace of the last hour, None where too few came.
 * `most`: what it costs if every item gets as many answers as it may. `overlap`: how many answers an item will have,
 * `right`: which share of the answers will be right; None where the run was not rehearsed.
 */
export interface Forecast {
  cost: Money;
  low: Money;
  high: Money;
  answers: number;
  ends?: Time | null;
  most?: Money;
  overlap?: Span | null;
  right?: Span | null;
}

/**
 * Pay a worker an amount, in millionths, beside the prices of their pages; the same `key` again pays nothing.
 *
 * `reason` is what the worker reads.
 */
export interface GiveBonus {
  kind: "give_bonus";
  worker: string;
  amount: Money;
  key: string;
  reason?: Texts;
}

/** A worker's answer to an item; `values` null: none was given, or they reported the item with `report`. */
export interface GivenAnswer {
  key: string;
  control: boolean;
  values: Values | null;
  report: ReportReason | null;
}

/** A skill of a worker, 0 to 100; `by`: hand, training, or what of a run. */
export interface GivenSkill {
  name: string;
  value: number;
  by: string;
  at: Time;
}

/** The pages on the screen or fetched ahead. */
export interface Have {
  have?: string[];
}

/** The server answers. */
export interface Health {
  status: "ok";
  version: string;
}

/** A worker's pages, the newest first, and what they earned in tasks that were deleted. */
export interface History {
  pages: HistoryPage[];
  deleted: DeletedRun[];
}

/**
 * A page that a worker had; `reason` says why it was rejected, `appeal` what they said against that.
 *
 * Its `price` is in the run's `currency`, and `on_top`, what the wage floor brought for it, too.
 */
export interface HistoryPage {
  page: string;
  run: string;
  name: Texts;
  state: PageState;
  price: Money;
  currency: string;
  items: number;
  at: Time;
  reason: Texts | null;
  appeal?: AppealView | null;
  on_top?: Money;
}

/** What waits for a requester: appeals to decide, messages to answer. */
export interface Inbox {
  appeals: number;
  messages: number;
}

/**
 * The share of right ones of `of` answers, with bounds that hold it in 95 of 100 cases.
 *
 * `left_out`: of so many more nothing shows how many are right.
 */
export interface Interval {
  mean: number;
  low: number;
  high: number;
  of: number;
  left_out: number;
}

/**
 * An invitation and the path that newcomers open.
 *
 * `name` is whom a personal one is for, and `worker` who came by it; `name` is empty where it is for anybody.
 */
export interface Invitation {
  invitation: string;
  path: string;
  run: string | null;
  created: Time;
  expires: Time;
  uses: number | null;
  used: number;
  revoked: boolean;
  name?: string;
  label?: string;
  worker?: string | null;
}

/**
 * What an invitation should open (None: all runs), for how many seconds and how many newcomers (None: any).
 *
 * `label` is for the requester: what those who come by it are called together.
 */
export interface InvitationOrder {
  run?: string | null;
  expires_in?: number;
  uses?: number | null;
  label?: string;
}

/** Invitations, the newest first; `total` of them there are. */
export interface Invitations {
  invitations: Invitation[];
  total: number;
}

/** The token of an invitation. */
export interface Invited {
  invitation: string;
}

/**
 * A task that an invitation opens; `open`: it gives out pages now.
 *
 * `wage_floor`: what an hour of honest work brings at least, 0: whatever comes of the price.
 * `bonuses`: what is paid besides, once, for so large a share of right answers.
 */
export interface InvitedTask {
  run: string;
  name: Texts;
  description: Texts;
  page_price: Money;
  page_items: number;
  page_seconds: number;
  currency: string;
  open: boolean;
  wage_floor?: Money;
  bonuses?: BonusStep[];
}

/** The tasks that an invitation opens, and the name of whom it is for, empty if it is for anybody. */
export interface InvitedTasks {
  tasks: InvitedTask[];
  name?: string;
}

/**
 * One row of the user's data as the platform sees it: the inputs in JSON form, never the answer.
 *
 * `key` is the run's name of the item; workers never see it. `wanted` is how many responses are wanted now.
 * A control item has no limit of responses: `wanted` is ignored. `notes` are for the requester alone, who finds the
 * item by them: columns that are carried, and the names of files by the input. They make no other item of it.
 * `draft`: values by output with which workers begin, mended or left as they are.
 */
export interface Item {
  key: string;
  inputs: Values;
  control?: boolean;
  wanted?: number;
  notes?: Values;
  draft?: Values;
}

/** A part of a run's items; `total` of them are of the kind asked for, or `more` than so many. */
export interface ItemList {
  total: number;
  more: boolean;
  items: ItemView[];
}

/**
 * One item's answer so far: output name to answer and confidence. `flag` says why an item has no sure answer.
 *
 * `reported` counts the reports among the accepted responses; `overlap` the answers. `grades`: of outputs that are
 * grades of a scale the mean, and from which to which grade the true one lies.
 */
export interface ItemQuality {
  key: string;
  answer: Values;
  confidence: Readonly<Record<string, number>>;
  overlap: number;
  final?: boolean;
  flag?: Flag;
  reported?: number;
  grades?: Readonly<Record<string, [number, number, number]>>;
}

/**
 * An item with what is known of its answer; `responses` only where one item is asked for.
 *
 * `draft`: what workers begin with, null if with nothing. `reports`: how many workers reported it, by reason.
 * `notes`: columns that its requester carries along, and by the input what its file was called. `grades`: of outputs
 * that are grades of a scale the mean, and between which grades the true one lies.
 */
export interface ItemView {
  key: string;
  inputs: Values;
  notes: Values;
  control: boolean;
  wanted: number;
  held: number;
  submitted: number;
  answer: Values | null;
  confidence: Readonly<Record<string, number>> | null;
  overlap: number;
  final: boolean;
  flag: Flag;
  reports: Readonly<Record<string, number>>;
  responses: ResponseView[] | null;
  draft?: Values | null;
  grades?: Readonly<Record<string, [number, number, number]>> | null;
}

/**
 * A newcomer with an invitation; `token`, made by the newcomer, makes it harmless to ask again.
 *
 * Whoever comes by a personal invitation is called as it says, and needs no `name`.
 */
export interface Join {
  invitation: string;
  name?: string;
  language?: string;
  token?: string | null;
}

/** The account; a newcomer's `token` opens it again anywhere. Who had one already has the token too: it is null. */
export interface Joined {
  worker: string;
  token: string | null;
  return_path: string | null;
}

/**
 * Accept pages (paid) or reject them (not paid, places given back); what is accepted is not rejected by that.
 *
 * A page that was rejected may be accepted later: it is paid, if the budget allows. `reasons[page]` is what the worker
 * reads about a rejection. Pages `taken_back` are rejected even if they were accepted: their price is earned no more.
 */
export interface Judge {
  kind: "judge";
  key: string;
  accepted?: string[];
  rejected?: string[];
  reasons?: Readonly<Record<string, Texts>>;
  taken_back?: string[];
}

/** The answers to a control item that the run knows, and whether it was withdrawn or corrected by hand. */
export interface KnownAnswer {
  answer: Values;
  withdrawn: boolean;
  corrected: boolean;
}

/**
 * What control items show of these workers, for runs to come; a platform that keeps no skills passes over it.
 *
 * `controls`: by worker how many control items of the run they answered right so far, and how many in all. From
 * those of all runs the platform makes the skill of that name.
 */
export interface Learn {
  kind: "learn";
  key: string;
  skill: string;
  controls: Readonly<Record<string, [number, number]>>;
}

/** How many items have an answer at least so sure, and which share of these is `right`; None: nothing shows it. */
export interface Level {
  confidence: number;
  items: number;
  right?: Interval | null;
}

/** A worker's personal link, which opens the account in any browser, and the token in it. */
export interface Link {
  token: string;
  return_path: string;
}

/**
 * Items that were asked together, in the loop's run `run`; round 0 is what is held out. `labelled` of its `items`
 * have an answer. `cost` is what was paid or promised from when it was asked until the next one was.
 */
export interface LoopBatch {
  round: number;
  how: "chance" | "holdout" | "sampler";
  run: string;
  items: number;
  labelled: number;
  cost: Money;
}

/** Why a loop asks no more; empty while it does. */
export type LoopEnd = "" | "budget" | "gain" | "labels" | "pool" | "stopped" | "target" | "time";

/** The loops of the workspace, by their names. */
export interface LoopList {
  loops: LoopSummary[];
}

/**
 * What the model knew after a round: learnt from so many labels, it was right on this share of what is held out,
 * between these 95 % limits.
 */
export interface LoopPoint {
  round: number;
  labels: number;
  accuracy: number;
  low: number;
  high: number;
}

/**
 * How a loop stood when it went round last, at `written`. `held` of the items `labelled` are held out, `waiting`
 * are still to get an answer; `failed` says what keeps it from asking more, `runs` are where people have labelled.
 */
export interface LoopShown {
  pool: number;
  labelled: number;
  held: number;
  waiting: number;
  cost: Money;
  currency: string;
  stop: LoopStop;
  batches: LoopBatch[];
  curve: LoopPoint[];
  runs: string[];
  ended: LoopEnd;
  failed: string;
  written: Time;
}

/** Whether a loop goes on: `asking`: some process chooses what is asked, `waits_launch`: none does until `df.loop` is called again; `ended`; `failed`: it stopped with an error. */
export type LoopState = "asking" | "ended" | "failed" | "waits_launch";

/**
 * What ends a loop beside the end of its pool: what is null does not. `gain` is that of `rounds` rounds together;
 * `budget` is in the currency's units. `low` and `gained` are what the target and the gain are held to by now: limits
 * wider than those of the curve, as they are looked at after each round.
 */
export interface LoopStop {
  target: number | null;
  gain: number | null;
  rounds: number;
  labels: number | null;
  budget: number | null;
  low?: number | null;
  gained?: number | null;
}

/**
 * A loop of the workspace, and how far it is; what nobody has shown yet is null. `last` is what the model knew
 * after the last round.
 */
export interface LoopSummary {
  loop: string;
  state: LoopState;
  ended: LoopEnd;
  pool: number | null;
  labelled: number | null;
  last: LoopPoint | null;
  cost: Money | null;
  currency: string;
  budget: number | null;
}

/**
 * One loop. `here` are those of its runs at which workers work on this server, `asks` the one in which they are
 * asked now, null where nobody is. `shown`: null where nobody has shown how it stands yet.
 */
export interface LoopView {
  loop: string;
  state: LoopState;
  here: string[];
  asks: string | null;
  shown: LoopShown | null;
}

/**
 * A worker's account as they see it; `earned` and `pending` are in `currency`, that of the run worked in last.
 *
 * `others`: what there is in other currencies. `replies`: how many answers to their messages they have not read.
 */
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
  replies: number;
  others: Amount[];
}

/** What a worker changes about themselves. */
export interface MeChange {
  language?: string | null;
  name?: string | null;
}

/** The reference that items carry in place of an uploaded file. */
export interface MediaName {
  media: string;
}

/** A message as its requester reads it; `item` is the key of the item that it is about. */
export interface Message {
  message: number;
  run: string;
  task: Texts;
  page: string | null;
  place: number | null;
  text: string;
  at: Time;
  reply: string | null;
  replied: Time | null;
  new: boolean;
  worker: string;
  name: string;
  language: string;
  item: string | null;
}

/** A part of the messages: those that wait by age, or those that are answered, the newest first. */
export interface MessageList {
  waiting: number;
  answered: number;
  messages: Message[];
}

/** An integer number of millionths of a currency unit. */
export type Money = number;

/** Why a worker finds the rejection of a page wrong. */
export interface NewAppeal {
  text: string;
}

/**
 * What is to be corrected in a run, in this order.
 *
 * `after`: how many corrections of the run were seen; what was said since of the same items is not overwritten.
 */
export interface NewCorrections {
  corrections: (Discard | Reinstate | GiveBonus | Draw | Upheld | Accept | Reject | Correct | Uncorrect | Withdraw | Verify | AskMore | SetAside)[];
  after?: number | null;
}

/**
 * Rows as at a launch: inputs, carried columns, the item's name in `id`; control items with their answers.
 *
 * `prefill`: the column with drafts, or that of each output. `by_content`: rows without a name get one from what they
 * say, so that adding them twice is adding them once.
 */
export interface NewItems {
  items?: Values[];
  control?: Values[];
  prefill?: string | Readonly<Record<string, string>> | null;
  by_content?: boolean;
}

/**
 * What a worker writes about a run's task, a page of theirs in it, or the item at a place of the page.
 *
 * Sending it again with the same `key`, made by who writes, changes nothing.
 */
export interface NewMessage {
  run: string;
  text: string;
  key: string;
  page?: string | null;
  place?: number | null;
}

/** What a run should be called; with `identity` only if it is that run. */
export interface NewName {
  name: string;
  identity?: string | null;
}

/** What the requester has paid; sending it again with the same `key`, made by who sends, changes nothing. */
export interface NewPayments {
  key: string;
  payments: Payment[];
}

/** What a worker is answered. */
export interface NewReply {
  text: string;
}

/** How many answers of a run are to be judged, and by whom: experts by name. */
export interface NewSample {
  experts: string[];
  sample?: number;
}

/** The state that a run should have. */
export interface NewState {
  state: State;
}

/**
 * What a run is to ask from now on; what is left out stays. Durations are seconds, or texts such as `2d`.
 *
 * `training`: rows of items in place of those of the training, with known answers and hints.
 */
export interface NewTerms {
  budget?: number | null;
  overlap?: number | [number, number];
  min_confidence?: number;
  target?: number | null;
  time_limit?: number | string | null;
  lease?: number | string | null;
  stall_after?: number | string;
  languages?: string[];
  workers?: Readonly<Record<string, unknown>> | null;
  task?: TaskSpec;
  training?: Values[];
  training_score?: number;
}

/** A page, or why there is none; neither if the worker already holds as many as they may. */
export interface NextPage {
  page: Page | null;
  closed: Closed | null;
}

/**
 * The budget did not reach for an amount that was ordered: a bonus, or a `page` that was to be accepted after all.
 *
 * The page stays rejected. Nothing is paid later by itself: who raises the budget orders it again. `reason` and `step`
 * are those of the bonus; `budget` is the one that did not reach, by which whoever orders tells whether the refusal is
 * older than a budget that was raised meanwhile.
 */
export interface NotPaid {
  kind: "not_paid";
  cursor: number;
  at: Time;
  worker: string;
  amount: Money;
  page?: string;
  reason?: Texts;
  step?: number;
  budget?: Money | null;
}

/** What the requester keeps of a worker for themselves; empty for nothing. */
export interface Note {
  note: string;
}

/** How many payments were noted, and how many had been before. */
export interface Noted {
  noted: number;
  repeated: number;
}

/**
 * A run in a worker's list; `closed` says why there is no new page for them.
 *
 * `held`: they hold a page of it, and have `seconds_left` for it. `earned` is with what came beside prices.
 * `wage_floor`: what an hour of honest work brings at least, 0: whatever comes of the price.
 * `bonuses`: what is paid besides, once, for so large a share of right answers.
 */
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
  held: boolean;
  seconds_left: number | null;
  open: boolean;
  closed: Closed | null;
  wage_floor?: Money;
  bonuses?: BonusStep[];
}

/** The runs that a worker was invited to. */
export interface OpenRuns {
  runs: OpenRun[];
}

/**
 * What is expected of a run: its cost and its highest cost, in units of the currency, and hours of people's work.
 *
 * `answers` are those to an item; `accuracy`: how many of the items' answers are right. Both cannot be told where
 * answers are no options; then each item has its fewest answers.
 */
export interface Outcome {
  cost: number;
  highest: number;
  hours: number;
  answers: number;
  accuracy: number | null;
}

/**
 * What is known of the answers to one output.
 *
 * `accuracy` is None where nothing shows it; `most`: how sure an answer can be at best, as known answers show, None
 * where nothing does. `levels` counts items by confidence, `unverified` those that have an answer and none.
 */
export interface OutputCertificate {
  output: string;
  title: Texts;
  accuracy: Interval | null;
  assumptions: Assumption[];
  most: number | null;
  levels: Level[];
  unverified: number;
}

/** What a worker is owed in a currency, below 0 a debt that is set against what they earn next, and was paid. */
export interface OwnBalance {
  currency: string;
  due: Money;
  paid: Money;
}

/** A message as its worker reads it; `place` is that of an item on its page, `new`: the reply was not read yet. */
export interface OwnMessage {
  message: number;
  run: string;
  task: Texts;
  page: string | null;
  place: number | null;
  text: string;
  at: Time;
  reply: string | null;
  replied: Time | null;
  new: boolean;
}

/** A worker's messages, the newest first; `new` of them have a reply that was not read yet. */
export interface OwnMessages {
  new: number;
  messages: OwnMessage[];
}

/** A worker's balances by currency, and their receipts, the newest first. */
export interface OwnMoney {
  balances: OwnBalance[];
  receipts: Receipt[];
}

/** A page as a worker gets it; its task is that of its `revision`. */
export interface Page {
  page: string;
  run: string;
  items: PageItem[];
  price: Money;
  currency: string;
  seconds_left: number;
  revision: number;
}

/**
 * An appeal against the rejection of a page; `text` is why, `reply` what its worker reads about the decision.
 *
 * `reason` is that of the rejection, null once the page is accepted; `verdict` what the page is now; `items` how many
 * it has. `decided` is when, null while the appeal is open. `task` is what the run's task is called.
 */
export interface PageAppeal {
  page: string;
  run: string;
  task: Texts;
  worker: string;
  name: string;
  state: AppealState;
  text: string;
  at: Time;
  decided: Time | null;
  reply: string;
  reason: Texts | null;
  price: Money;
  currency: string;
  items: number;
  verdict: PageState;
}

/** A lease ran out; the page's places are free again. */
export interface PageExpired {
  kind: "page_expired";
  cursor: number;
  at: Time;
  page: string;
  worker: string;
}

/**
 * A page that there can be: its items, its price in units of the currency, how long it takes, in seconds.
 *
 * `robustness` is the probability that somebody who guesses is rejected.
 */
export interface PageFigures {
  real: number;
  control: number;
  price: number;
  seconds: number;
  robustness: number;
  control_share: number;
}

/**
 * An item as a worker gets it: its inputs, as they are stored, the draft to begin with, if it has one, and nothing
 * else.
 */
export interface PageItem {
  inputs: Values;
  draft?: Values;
}

/** A verdict took effect; `amount` is what was paid, below 0 what an accepted page had earned and earns no more. */
export interface PageJudged {
  kind: "page_judged";
  cursor: number;
  at: Time;
  page: string;
  worker: string;
  accepted: boolean;
  amount?: Money;
}

/** What became of a page. */
export interface PageOutcome {
  state: PageState;
}

/** A page fetched ahead was handed back unseen; its places are free again. */
export interface PageReleased {
  kind: "page_released";
  cursor: number;
  at: Time;
  page: string;
  worker: string;
}

/** A worker declined a page; its places are free again and the worker will not see its items again. */
export interface PageSkipped {
  kind: "page_skipped";
  cursor: number;
  at: Time;
  page: string;
  worker: string;
}

/** What became of a page; `late`: answers that came when its places were gone. */
export type PageState = "accepted" | "expired" | "held" | "late" | "rejected" | "released" | "skipped" | "submitted";

/**
 * A worker's answers: `answers[i]` maps output names to JSON values for `items[i]`, or says why it is reported.
 *
 * `seconds` is how long the page was on the worker's screen, within the time that the platform's clock leaves for it;
 * None if that is not known.
 */
export interface PageSubmitted {
  kind: "page_submitted";
  cursor: number;
  at: Time;
  page: string;
  worker: string;
  items: string[];
  answers: (Values | ReportReason)[];
  seconds?: number | null;
}

/** A worker was given a page; `items` are item keys in the order shown. */
export interface PageTaken {
  kind: "page_taken";
  cursor: number;
  at: Time;
  page: string;
  worker: string;
  items: string[];
}

/** A part of a certificate in words: lines, and rows of a name and a value. */
export interface Part {
  title: Texts;
  lines?: Texts[];
  rows?: [Texts, Texts][];
}

/**
 * Of so many workers, how many pass all that a run asks, and how many each filter leaves by itself.
 *
 * Filters by their names: "people" (allowed, barred, named), "language" (of their pages), "age", "region", "speaks",
 * "device", and each skill, "skill medical".
 */
export interface PassingWorkers {
  workers: number;
  passing: number;
  by_filter: Readonly<Record<string, number>>;
}

/**
 * Pay a worker an amount beside the prices of their pages, for a reason that they read, if the budget allows.
 *
 * `step`: the share of right answers that it is for, 0 for one given by hand.
 */
export interface PayBonus {
  kind: "pay_bonus";
  key: string;
  worker: string;
  amount: Money;
  reason?: Texts;
  step?: number;
}

/** A part of the workers who are owed anything, `count` in all; `sums`: what may be paid to all, by currency. */
export interface PayOuts {
  count: number;
  sums: Readonly<Record<string, Money>>;
  workers: DueAmount[];
}

/** An amount that was paid to a worker; `worker` is the public id. */
export interface Payment {
  worker: string;
  currency: string;
  amount: Money;
}

/** A part of all workers; `total` of them are of the kind asked for. `labels` are those of all invitations. */
export interface People {
  total: number;
  people: PersonView[];
  labels: string[];
}

/** One worker: what the requester noted, their runs, the one worked in last first, and runs that were deleted. */
export interface Person {
  worker: string;
  name: string;
  language: string;
  joined: Time;
  seen: Time;
  state: PersonState;
  came_by: CameBy[];
  responses: number;
  pages_accepted: number;
  pages_rejected: number;
  control_correct: number;
  control_total: number;
  control_low: number | null;
  control_high: number | null;
  seconds_per_item: number | null;
  pace: number | null;
  money: Amount[];
  noted: boolean;
  note: string;
  runs: PersonRun[];
  deleted: DeletedRun[];
  sessions: SessionView[];
}

/** Pages of a worker, the newest first; `next` is the `before` by which to ask for those behind, null at the end. */
export interface PersonAnswers {
  pages: PersonPage[];
  next: number | null;
}

/** A page that a worker was given, with the answers to its items in the order shown. */
export interface PersonPage {
  page: string;
  run: string;
  state: PageState;
  at: Time;
  seconds: number | null;
  price: Money;
  currency: string;
  reason: Texts | null;
  answers: GivenAnswer[];
}

/** A worker in a run; `hint`: how many seconds an item is meant to take, `hurries_since`: see `WorkerView`. */
export interface PersonRun {
  run: string;
  name: Texts;
  run_state: State;
  state: WorkerState;
  until: Time | null;
  reason: Texts | null;
  joined: Time;
  active: Time;
  responses: number;
  pages_accepted: number;
  pages_rejected: number;
  pages_pending: number;
  control_correct: number;
  control_total: number;
  control_low: number | null;
  control_high: number | null;
  seconds_per_item: number | null;
  hint: number;
  earned: Money;
  pending: Money;
  currency: string;
  discarded: boolean;
  hurries_since?: Time | null;
}

/** Whether a worker gets pages: `restricted` in some run that goes on, `shut_out` of all. */
export type PersonState = "active" | "forgotten" | "restricted" | "shut_out";

/**
 * A worker over all runs.
 *
 * `control_low` to `control_high` is the 95 % interval of the accuracy on control items (Wilson, 1927), null without
 * any. `pace`: the time they took as a share of what the hint says. `seen`: when they last did something.
 */
export interface PersonView {
  worker: string;
  name: string;
  language: string;
  joined: Time;
  seen: Time;
  state: PersonState;
  came_by: CameBy[];
  responses: number;
  pages_accepted: number;
  pages_rejected: number;
  control_correct: number;
  control_total: number;
  control_low: number | null;
  control_high: number | null;
  seconds_per_item: number | null;
  pace: number | null;
  money: Amount[];
  noted: boolean;
}

/** People to be invited by name, each by a link that lets one person join; run, time and label as for others. */
export interface PersonalInvitations {
  names: string[];
  run?: string | null;
  expires_in?: number;
  label?: string;
}

/** An arrow: how many items took it, its line as an SVG path, where its tip and its number are. */
export interface PipelineArrow {
  start: string;
  to: string;
  items: number;
  path: string;
  tip: [number, number];
  number: [number, number];
}

/**
 * A question in the picture, and where its box stands; `items` and `results` are what items come from and go to.
 *
 * `count` is how many items there are, have their answer, were done or have a result; `waiting` questions have none
 * yet, or, of a step, are under way. `stuck` says why it takes no more.
 */
export interface PipelineBox {
  name: string;
  kind: "items" | "results" | "step" | "task";
  x: number;
  y: number;
  count: number;
  waiting?: number;
  stuck?: string;
  cost?: Money;
}

/** The pipelines of the workspace, by their names. */
export interface PipelineList {
  pipelines: PipelineSummary[];
}

/** What came out of an item, as JSON that may be cut; `error` says why nothing did. */
export interface PipelineResult {
  item: string;
  result: string;
  confidence: number | null;
  flag?: string;
  error?: string;
}

/**
 * How a pipeline stood when it was played last, at `written`.
 *
 * `held_up` says why the function itself does not go on. `results` are the last ones.
 */
export interface PipelineShown {
  items: number;
  done: number;
  failed: number;
  outdated: number;
  cost: Money;
  currency: string;
  size: [number, number];
  boxes: PipelineBox[];
  arrows: PipelineArrow[];
  results: PipelineResult[];
  written: Time;
  held_up?: string;
  expected?: Span | null;
}

/** Who plays a pipeline: `playing`: the process that launched it, `beside`: one beside the server. `waits_server`: nobody yet, and the server will; `waits_launch`: nobody until it is launched again, as no other process finds its function. `stopped` by its owner; `failed`: it could not be played on. */
export type PipelineState = "beside" | "ended" | "failed" | "playing" | "stopped" | "waits_launch" | "waits_server";

/** A pipeline of the workspace, and how far it is; `done`, `failed` and `cost` are null until that is shown. */
export interface PipelineSummary {
  pipeline: string;
  state: PipelineState;
  items: number;
  done: number | null;
  failed: number | null;
  cost: Money | null;
  currency: string;
  budget: number | null;
}

/**
 * One pipeline. `runs` are those of its tasks that are here, by the task.
 *
 * `held`: why nobody plays it, where it was stopped or failed; `goes_on`: the server could play it on. `shown`: null
 * where nobody has shown how it stands yet.
 */
export interface PipelineView {
  pipeline: string;
  function: string;
  state: PipelineState;
  held: string;
  goes_on: boolean;
  items: number;
  budget: number | null;
  runs: Readonly<Record<string, string>>;
  shown: PipelineShown | null;
}

/**
 * What a worker points at on an item's picture, for one of the outputs, in pixels of the picture as it is seen.
 *
 * A point is x, y and whether it lies in what is meant; a box is left, top, right and bottom.
 */
export interface Pointed {
  item: number;
  output: string;
  points?: [number, number, boolean][];
  box?: [number, number, number, number] | null;
}

/** What a preset comes to, to compare with. */
export interface PresetOutcome {
  preset: PricePreset;
  outcome: Outcome;
}

/** A task and items to look at before anything is published; `drafts` are those of the first items. */
export interface PreviewOrder {
  task: TaskSpec;
  items: Values[];
  drafts?: Values[];
}

/** Where to look at it. */
export interface PreviewPlace {
  preview: string;
  path: string;
}

/** A task and a page as a worker would get it. */
export interface PreviewView {
  run: string | null;
  task: TaskSpec;
  instruction_html: Texts;
  page: Page;
  widgets: Readonly<Record<string, string>>;
}

/**
 * What follows from how the knobs stand: the page, all `pages` there are, what is expected, and what to know.
 *
 * `policy` is what makes a launch so, as Python, and `launch` the same as options of the command line.
 */
export interface PriceFigures {
  knobs: PriceKnobs;
  currency: string;
  page: PageFigures;
  pages: PageFigures[];
  outcome: Outcome;
  presets: PresetOutcome[];
  notices: Texts[];
  policy: string;
  launch: string;
}

/**
 * How the knobs of the price form stand.
 *
 * `real`, `control`, `control_ratio` and `overlap` follow from a preset, and are those given where it is `custom`.
 * `duration` is in seconds for an item; `options` null: answers are no options; `language` empty: workers of any;
 * `price_per_hour` null: by the language. `items` are to be asked; `people`: how often people are assumed to be right.
 */
export interface PriceKnobs {
  preset?: PricePreset;
  duration?: number;
  options?: number | null;
  language?: string;
  price_per_hour?: number | null;
  real?: number | null;
  control?: number | null;
  control_ratio?: number | null;
  overlap?: [number, number] | null;
  items?: number;
  people?: number;
}

/** Which settings a launch begins with; `custom`: those of the knobs. */
export type PricePreset = "custom" | "mild" | "moderate" | "no-control" | "strict";

/** What only the server of the asker's own workspace knows: a code of the nonce, the secret and the folder. */
export interface Proof {
  proof: string;
}

/**
 * A run as it is put on a platform; publishing the same name again with the same content changes nothing.
 *
 * `prices[n - 1]` is the price of a page with n items, control items included; its length is the largest page.
 * `budget` bounds the sum of prices of pages taken, submitted and accepted;
 * no page is given out beyond it. None: no bound.
 * `lease` is how long, in seconds, a worker may keep a page. `languages`: empty means any.
 * `identity` tells a run from every other that was or will be launched under its name. `checks` is that of the run
 * whose answers are judged in this one, empty: of none; whoever is invited to that one may work at both.
 * `most_waiting`: how many pages of a worker may be out or wait for their verdict, and one more for each that was
 * accepted; None: any number. `groups_apart`: what is withheld from somebody is withheld from all who came by the
 * same invitation. `workers`: what is asked of workers besides; `training`: what they must have passed before.
 * `wage_floor`: what an hour of honest work brings at least, in millionths; 0: whatever comes of the prices.
 * `bonuses`: what the run pays besides, which workers read before they start.
 * `alone`: whoever answers labels for themselves, and mends answers that were sent.
 */
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
  identity?: string;
  checks?: string;
  most_waiting?: number | null;
  groups_apart?: boolean;
  workers?: AskedOfWorkers | null;
  training?: Training | null;
  alone?: boolean;
  wage_floor?: Money;
  bonuses?: BonusStep[];
}

/** The run is there; `created` tells whether it is new. */
export interface Published {
  run: string;
  created: boolean;
}

/** A bonus, or what was paid out; `number` counts the worker's own of the kind, from 1. */
export interface Receipt {
  number: number;
  kind: "bonus" | "paid_out";
  amount: Money;
  currency: string;
  at: Time;
  reason: Texts | null;
}

/**
 * Give these items, by their keys, once more, though all answers that are wanted of them are there.
 *
 * They go to people of whom nothing is known, beside control items that came to so many that whoever shares what they
 * see knows them: what these answer tells the run how far to believe them, and nothing about their pay. Nobody else
 * gets them, and a platform that cannot tell such people passes over it.
 */
export interface Recheck {
  kind: "recheck";
  key: string;
  items: string[];
}

/** What every refusal says; `code` is stable, `message` is for the log. */
export interface Refusal {
  error: {
    code: string;
    message: string;
    details: Readonly<Record<string, unknown>>;
  };
}

/** Let a worker's answers count again. */
export interface Reinstate {
  kind: "reinstate";
  worker: string;
}

/**
 * Reject a page, whatever is or was found of it: its answers do not count, and what it had earned is taken back.
 *
 * `reason` is what the worker reads, as it stands here; without one they read that the requester has looked.
 */
export interface Reject {
  kind: "reject";
  page: string;
  reason?: Texts;
}

/** Why a worker reports an item: it does not open or play, is in another language, shows what must not be shown, or cannot be told. */
export type ReportReason = "broken" | "forbidden" | "language" | "unclear";

/**
 * Put a changed publication in place of the run's: the same again changes nothing.
 *
 * The task's texts, `budget`, `lease` and `languages` may differ, and nothing else. It holds for pages given out from
 * now on; those that are out stay as they are, and are paid, whatever the budget.
 */
export interface Republish {
  kind: "republish";
  key: string;
  publication: Publication;
}

/**
 * One worker's answer to an item; `values` is None while the page is held, or if nothing was answered.
 *
 * `report`: why the worker reported the item instead. `verdict` is what other workers found of the answer, where they
 * judge it and have come to an end, and `confidence` the probability that it is right.
 */
export interface ResponseView {
  worker: string;
  name: string;
  page: string;
  values: Values | null;
  report: ReportReason | null;
  at: Time;
  state: PageState;
  seconds: number | null;
  verdict?: Verdict | null;
  confidence?: number | null;
}

/** Close the run to a worker until a time, for a reason that the worker can read. */
export interface Restrict {
  kind: "restrict";
  key: string;
  worker: string;
  until: Time;
  reason: Texts;
}

/** Until when and why a run is closed to a worker. */
export interface Restriction {
  until: Time;
  reason?: Texts;
}

/** A worker's personal token. */
export interface Return {
  token: string;
}

/** Whose token it is. */
export interface Returned {
  worker: string;
  name: string;
}

/**
 * What is kept of a run. `files` are those that no other run uses; `owed` is what waits for a verdict.
 *
 * `appeals`: how many are open; a deletion upholds them, and `appealed` is earned by that.
 */
export interface RunContents {
  items: number;
  control_items: number;
  responses: number;
  workers: number;
  files: number;
  pages_held: number;
  pages_pending: number;
  owed: Money;
  earned: Money;
  currency: string;
  appeals: number;
  appealed: Money;
}

/** What a worker got in a run: for `pages`, by `bonuses`, `on_top`; `hourly`: what an hour on screen brought. */
export interface RunEarner {
  worker: string;
  name: string;
  pages: Money;
  bonuses: Money;
  on_top: Money;
  pending: Money;
  hourly: Money | null;
}

/** All runs, the newest first. */
export interface RunList {
  runs: RunSummary[];
}

/**
 * Where a run's money is, by its ledger; it balances: `submitted` is `accepted`, `rejected` and `pending` together.
 *
 * What pages have earned is `accepted` and `accepted_after_all` without `taken_back`; with `bonuses` and `on_top` less
 * `on_top_back` it is `earned`. With `pending` and what is `reserved` for pages that are out that is `spent`, which is
 * held against the `budget`. `planned`: what an hour brings by the hint, `hourly`: what it brought.
 */
export interface RunMoney {
  currency: string;
  submitted: Money;
  accepted: Money;
  rejected: Money;
  pending: Money;
  accepted_after_all: Money;
  taken_back: Money;
  bonuses: Money;
  on_top: Money;
  on_top_back: Money;
  earned: Money;
  reserved: Money;
  spent: Money;
  budget: Money | null;
  planned: Money;
  hourly: Money | null;
  wage_floor: Money;
  count: number;
  workers: RunEarner[];
}

/** The run was opened, paused or closed, by the run itself or by hand on the requester's pages. */
export interface RunStateChanged {
  kind: "run_state_changed";
  cursor: number;
  at: Time;
  state: State;
}

/** A run in the list; `judges` names the run whose answers are judged in this one, null where none are. */
export interface RunSummary {
  run: string;
  name: Texts;
  state: State;
  created: Time;
  currency: string;
  budget: Money | null;
  snapshot: Snapshot | null;
  judges: string | null;
}

/**
 * A run's task as a worker gets it; `widgets` are the addresses of those that object types bring, by type.
 *
 * `revision` counts how often its texts have changed, and `changes` are those since the revision that was asked for.
 * `alone`: one person labels for themselves, without price and clock, and mends what was sent.
 */
export interface RunTask {
  run: string;
  task: TaskSpec;
  instruction_html: Texts;
  currency: string;
  page_price: Money;
  page_items: number;
  widgets: Readonly<Record<string, string>>;
  revision: number;
  changes: TextChange[];
  alone?: boolean;
}

/**
 * What a run asks now, of what may change; durations are seconds.
 *
 * `min_confidence` is null where it differs by answer, `target` where there is none.
 */
export interface RunTerms {
  budget: number | null;
  currency: string;
  overlap: [number, number];
  min_confidence: number | null;
  target: number | null;
  time_limit: number | null;
  lease: number;
  task: TaskSpec;
  workers: AskedOfWorkers | null;
  languages: string[];
}

/**
 * One run; `version` grows with every change, `widgets` are as in the worker's task.
 *
 * `checks` names the runs in which its answers are judged.
 * `invitation_path` is None once the run's own invitation lets nobody join any more.
 */
export interface RunView {
  run: string;
  name: Texts;
  state: State;
  created: Time;
  currency: string;
  budget: Money | null;
  snapshot: Snapshot | null;
  judges: string | null;
  checks: string[];
  version: number;
  publication: Publication;
  invitation_path: string | null;
  active_workers: number;
  widgets: Readonly<Record<string, string>>;
}

/** The run in which the sample is judged, and how its experts come. */
export interface SampleBegun {
  trial: string;
  links: ExpertLink[];
}

/** The worker has read all replies up to a time. */
export interface Seen {
  until: Time;
}

/** The requester's secret, or what stands behind `#` in a link that `dataforge status` has printed. */
export interface Session {
  secret: string;
}

/** The sessions of who asks, the newest first. */
export interface SessionList {
  sessions: SessionView[];
}

/** A browser that is signed in; `here`: it is the one that asks. `used`: when it was used last, to a day. */
export interface SessionView {
  session: number;
  opened: Time;
  used: Time;
  browser: string;
  here: boolean;
}

/** Leave an item out of the results, and ask nobody about it any more. */
export interface SetAside {
  kind: "set_aside";
  item: string;
}

/** Open, pause or close the run. A closed run gives out no pages but still takes those already out. */
export interface SetState {
  kind: "set_state";
  key: string;
  state: State;
}

/** A skill to be given by hand, or, with null, to be taken. */
export interface SkillChange {
  name: string;
  value: number | null;
}

/**
 * What the requester's pages show of a run. `items` and `workers` hold only what changed since the last one.
 *
 * `series` maps a chart's name to `[[seconds since launch, value], ...]`: "answers", "control_accuracy",
 * "judged_right", "confidence", "cost" (in currency units). `confidence` is a histogram of 20 equal bins over 0..1;
 * `overlap[n]` the number of items with n accepted responses; `durations` a histogram of seconds per item over 20
 * equal bins of 0..`durations_to`. `control_total` counts answers to control items, `judged_total` those that other
 * workers have judged, and `judged_right` is the share of these that they found right. `min_confidence`: what the
 * policy asks for.
 * `about` says what was launched and what it costs, `policy` what the run holds workers and answers to, `way` how
 * answers get their quality, `promise` what they can be trusted to, where no notice does; `training` how that goes,
 * where workers are trained; `forecast` what the run will have cost, None where that is not known; `expert_seconds`
 * what an item takes experts who try a task out, None in other runs; `scores` of systems, by output and the
 * best first, where opinion scores are asked for; `models_cost`: what models that were asked have cost beside `cost`.
 */
export interface Snapshot {
  at: Time;
  stage: Stage;
  items_total: number;
  items_final: number;
  control_total: number;
  responses: number;
  pages_accepted: number;
  pages_rejected: number;
  pages_pending: number;
  cost: Money;
  mean_confidence?: number | null;
  min_confidence?: number | null;
  control_accuracy?: number | null;
  judged_total?: number;
  judged_right?: number | null;
  about?: Texts[];
  policy?: Texts[];
  way?: string;
  notices?: Texts[];
  promise?: Texts | null;
  series?: Readonly<Record<string, [number, number][]>>;
  confidence?: number[];
  overlap?: number[];
  durations?: number[];
  durations_to?: number;
  answers?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  workers?: WorkerQuality[];
  items?: ItemQuality[];
  training?: TrainingFigures | null;
  forecast?: Forecast | null;
  expert_seconds?: number | null;
  scores?: SystemScore[];
  models_cost?: Money;
}

/** A number that is not known yet: as expected, and between which two it lies with eight chances in ten. */
export interface Span {
  expected: number;
  low: number;
  high: number;
}

/** Where a run stands; `waiting`: it is open and waits for items. `done`, `budget`, `time` and `stopped` say how it ended. */
export type Stage = "budget" | "done" | "finishing" | "paused" | "running" | "stalled" | "starting" | "stopped" | "time" | "waiting";

/**
 * How a worker stands in a run: what became of their pages, and whether there are more for them.
 *
 * `reason` says why the last page that was rejected was. `objectionable`: the newest pages that were rejected, or
 * against whose rejection the worker objected. `replies`: how many answers to messages they have not read.
 */
export interface Standing {
  pages_accepted: number;
  pages_rejected: number;
  pages_pending: number;
  earned: Money;
  pending: Money;
  reason: Texts | null;
  closed: Closed | null;
  objectionable: HistoryPage[];
  today: Today;
  replies: number;
}

/** A run's state on a platform; `archived`: it is put aside, and nobody works at it until it is brought back. */
export type State = "archived" | "closed" | "open" | "paused";

/**
 * Answers are on the disk; money is the worker's in this run.
 *
 * `counted`: these answers, not others that the worker sent for the page before.
 */
export interface Submitted {
  state: "submitted";
  counted: boolean;
  earned: Money;
  pending: Money;
}

/**
 * The mean opinion score of a system, and limits that hold the true one in 95 of 100 cases; None: nothing shows it.
 *
 * `answers` are those of `workers` who listen, as their scores show; `output`: the question, where there are several.
 */
export interface SystemScore {
  system: string;
  score: number | null;
  low: number | null;
  high: number | null;
  answers: number;
  workers: number;
  output?: string;
}

/** A table as a text, as RFC 4180 has it: the first line names the columns, and an empty cell is no value. */
export interface TableText {
  text: string;
}

/**
 * A task as it travels: all that a platform must know to show it and to check answers.
 *
 * `duration` is the hint, in seconds, for one item. `instruction` is Markdown.
 */
export interface TaskSpec {
  id: string;
  name: Texts;
  instruction: Texts;
  duration: number;
  inputs: Field[];
  outputs: Field[];
  description?: Texts;
}

/** A text of a task that was put otherwise, in the worker's language; of the instruction the lines that differ. */
export interface TextChange {
  what: "description" | "instruction" | "name" | "option" | "title";
  was: string;
  now: string;
}

/** `{language: text}`, with English always present. */
export type Texts = Readonly<Record<string, string>>;

/** Seconds since the epoch. */
export type Time = number;

/**
 * What a worker did since their day began, in one currency: pages that were sent, and what they bring.
 *
 * `seconds` is how long these pages were on the screen, `judged_seconds` those of them that have a verdict: `earned`
 * is for these, and `pending` for the others, if they are accepted. `bonuses` were paid beside that.
 */
export interface Today {
  pages: number;
  earned: Money;
  pending: Money;
  seconds: number;
  judged_seconds: number;
  bonuses: Money;
}

/** What workers tell of themselves: languages, country, year of birth. */
export type Told = "born" | "region" | "speaks";

/**
 * What the wage floor brought a worker beside the prices of their pages; below 0: so much of it went back.
 *
 * `lacking`: what it would have brought besides, had the budget reached for that; it is paid once the budget is
 * raised, or with the next page of theirs that is accepted and finds money.
 */
export interface ToppedUp {
  kind: "topped_up";
  cursor: number;
  at: Time;
  worker: string;
  amount: Money;
  lacking?: Money;
}

/**
 * What workers learn on before they get pages. A try at it has `page` of the items, and is not paid.
 *
 * `score`: the share of right answers that is asked for, 0 to 100. `similarity`: an answer that is no option is right
 * if it is this similar to the known one; None: as fits its type. Who has failed may try again after `again_after`
 * seconds, and after twice as long each further time; who has passed need not for `holds` seconds. `name` tells it
 * from one with other items; empty where that was not looked at.
 */
export interface Training {
  items: TrainingItem[];
  page: number;
  score: number;
  similarity?: number | null;
  again_after?: number;
  holds?: number;
  name?: string;
}

/** The answer to an item of a try, by the item's place among those of the try. */
export interface TrainingAnswer {
  number: number;
  place: number;
  answer: Values;
}

/** What a worker answered at first, whether that was right, and what is; `hint` says why, to who was wrong. */
export interface TrainingAnswered {
  answer: Values;
  right: boolean;
  known: Values;
  hint: Texts;
}

/** The number of the try after which the next one is to begin; 0 before the first. */
export interface TrainingBegin {
  after: number;
}

/**
 * How a run's training goes: workers who came to the end of a try, those who `passed`, tries, and their mean score.
 *
 * `score` is what is asked for. `items`: each item of the training, in its order.
 */
export interface TrainingFigures {
  score: number;
  workers?: number;
  passed?: number;
  tries?: number;
  mean_score?: number | null;
  items?: TrainingItemFigures[];
}

/**
 * An item with its right answer, which workers are told after they have answered.
 *
 * `answers` are by output, without those that nobody knows. `hint`: why that is right; shown to who was wrong.
 */
export interface TrainingItem {
  inputs: Values;
  answers: Values;
  hint?: Texts;
}

/** How a training item goes: how many were `asked`, and how many of them answered it `right` at first. */
export interface TrainingItemFigures {
  asked: number;
  right: number;
}

/** An item of a training as a worker gets it. */
export interface TrainingShown {
  inputs: Values;
}

/**
 * How a worker stands in a run's training: at the try of that `number`, 0 before the first.
 *
 * `items` are those of the try, `answered` what there is of it; `score`, 0 to 100, and `passed` once all are. A try
 * has `page` items, and `needed` of a hundred are to be right. `trained`: they get pages. `until` then they wait for
 * another try; after one in another run of the task its `score`, and `elsewhere` if one goes on there. `closed` says
 * why there is no page for them, if there is none.
 */
export interface TrainingStanding {
  run: string;
  number: number;
  needed: number;
  items: TrainingShown[];
  answered: TrainingAnswered[];
  score: number | null;
  passed: boolean;
  trained: boolean;
  until: Time | null;
  page: number;
  closed: Closed | null;
  elsewhere?: boolean;
}

/** Take back what was said of an item: workers' answers to it count again; a control item is as it came. */
export interface Uncorrect {
  kind: "uncorrect";
  item: string;
}

/**
 * Take in that an appeal against the rejection of a page was upheld: the platform has accepted the page.
 *
 * What the page's worker was kept out for is looked at again without the control items that were missed on it.
 */
export interface Upheld {
  kind: "upheld";
  page: string;
}

/** JSON values by the names of inputs or outputs. */
export type Values = Readonly<Record<string, unknown>>;

/** What other workers found of an answer; `unchecked`: nobody judged it. */
export type Verdict = "right" | "unchecked" | "wrong";

/**
 * Items that somebody trusted has judged: those of a `sample` drawn by chance, in how many of them the run was
 * `right`, how many are drawn and `waiting` to be judged, and how many were `picked` by hand.
 */
export interface VerifiedItems {
  sample: number;
  right: number;
  waiting: number;
  picked: number;
}

/**
 * Take what somebody trusted found of the answers that a run has `judged` an item to have: that they are right.
 *
 * If they are not `ok`, `answer` has the right ones where they are known. None are `judged` where nothing was answered
 * yet. `sure` is how sure the run was of them, by output, without those of which it did not say.
 */
export interface Verify {
  kind: "verify";
  item: string;
  judged: Values | null;
  ok: boolean;
  answer?: Values | null;
  sure?: Readonly<Record<string, number>>;
}

/** The run's version after a change. */
export interface Version {
  version: number;
}

/**
 * Set how many responses each item should have in all (absolute numbers, so repeating is harmless).
 *
 * A control item is shown to as many as come, until 0 responses are wanted: then to nobody any more. `worth` is a wish
 * for some of them, from 0 to 1: how much one more answer is expected to raise the probability that the item's is
 * right. Of items that were asked before those are given out first that are worth most. `prefers` is a wish, too: the
 * workers, ten at most, who should answer some of the items, if they come in time; others wait with these a while, if
 * there is something else for them.
 */
export interface Want {
  kind: "want";
  key: string;
  wanted: Readonly<Record<string, number>>;
  worth?: Readonly<Record<string, number>>;
  prefers?: Readonly<Record<string, string[]>>;
}

/** A skill that workers must have: `least`, 0 to 100; given at most so many seconds ago, or ever. */
export interface WantedSkill {
  name: string;
  least: number;
  valid?: number | null;
}

/** Show a control item to nobody any more, and let nothing that was answered to it count against anybody. */
export interface Withdraw {
  kind: "withdraw";
  item: string;
}

/**
 * Give these items, by their keys, to these workers never; pages that are out stay as they are.
 *
 * In one call with the command that adds them, so that no page comes between the two.
 */
export interface Withhold {
  kind: "withhold";
  key: string;
  workers: Readonly<Record<string, string[]>>;
}

/** A worker's restriction was lifted. */
export interface WorkerAllowed {
  kind: "worker_allowed";
  cursor: number;
  at: Time;
  worker: string;
}

/** A worker took the run's first page. */
export interface WorkerJoined {
  kind: "worker_joined";
  cursor: number;
  at: Time;
  worker: string;
  language?: string;
  name?: string;
}

/** A part of a run's workers; `total` of them there are. */
export interface WorkerList {
  total: number;
  workers: WorkerView[];
}

/**
 * One worker in one run, as the run sees them. `skill` is the aggregator's; None before the first fit.
 *
 * `discarded`: the requester lets none of the worker's answers count. `hourly` is what an hour on their screen
 * brought, None where no time is known. `hurries_since`: when they sent the page from which on they are suddenly much
 * faster, and their control items do not show that they look all the same.
 */
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
  discarded?: boolean;
  hourly?: Money | null;
  hurries_since?: Time | null;
}

/** The run is closed to a worker until a time, `FOREVER` if no end is known. */
export interface WorkerRestricted {
  kind: "worker_restricted";
  cursor: number;
  at: Time;
  worker: string;
  until: Time;
  reason?: Texts;
}

/** A worker's skills by name. */
export interface WorkerSkills {
  skills: GivenSkill[];
}

/** What a worker does in a run; `shut_out`: their account is closed. */
export type WorkerState = "active" | "away" | "restricted" | "shut_out";

/**
 * A worker came to the end of a try at the run's training, their `number`-th.
 *
 * `items` are places among the training's items in the order shown, `right` whether each was answered right at once;
 * `score` is the share of these, 0 to 100. `training` is the name of the training that they are of, which may
 * have other items by now; empty in events of older versions.
 */
export interface WorkerTrained {
  kind: "worker_trained";
  cursor: number;
  at: Time;
  worker: string;
  number: number;
  score: number;
  passed: boolean;
  items: number[];
  right: boolean[];
  training?: string;
}

/**
 * A worker of a run; `hourly` is what an hour on their screen brought.
 *
 * `hurries_since`: from when on they are suddenly much faster, and control items do not show that they look.
 */
export interface WorkerView {
  worker: string;
  responses: number;
  pages_accepted: number;
  pages_rejected: number;
  control_correct: number;
  control_total: number;
  seconds_per_item: number | null;
  skill: number | null;
  earned: Money;
  name: string;
  language: string;
  joined: Time;
  state: WorkerState;
  until: Time | null;
  reason: Texts | null;
  pages_held: number;
  discarded: boolean;
  hourly?: Money | null;
  hurries_since?: Time | null;
}

/** What a run is to ask of workers. */
export interface WorkersAsked {
  workers?: AskedOfWorkers | null;
  languages?: string[];
}

/** What each route takes and gives; those that give files are not here. */
export interface Routes {
  /** Take a page */
  "POST /api/work/runs/{run}/pages": { path: { run: string }; body: Have; reply: NextPage };
  /** Submit a page's answers; repeating it changes nothing */
  "POST /api/work/pages/{page}/submit": { path: { page: string }; body: Answers; reply: Submitted };
  /** Decline a page */
  "POST /api/work/pages/{page}/skip": { path: { page: string }; reply: PageOutcome };
  /** Hand back a page unseen */
  "POST /api/work/pages/{page}/release": { path: { page: string }; reply: PageOutcome };
  /** The runs that the worker was invited to */
  "GET /api/work/runs": { reply: OpenRuns };
  /** A run's task, as of a revision, and what of its texts has changed since another */
  "GET /api/work/runs/{run}": { path: { run: string }; query?: { revision?: number; since?: number }; reply: RunTask };
  /** What became of the worker's pages in a run, and of their day */
  "GET /api/work/runs/{run}/standing": { path: { run: string }; query?: { day?: number }; reply: Standing };
  /** The worker's pages, newest first */
  "GET /api/work/history": { reply: History };
  /** How the worker stands in a run's training */
  "GET /api/work/runs/{run}/training": { path: { run: string }; reply: TrainingStanding };
  /** Begin the try after another; repeating it changes nothing */
  "POST /api/work/runs/{run}/training": { path: { run: string }; body: TrainingBegin; reply: TrainingStanding };
  /** Answer the next item of a try; repeating it changes nothing */
  "POST /api/work/runs/{run}/training/answer": { path: { run: string }; body: TrainingAnswer; reply: TrainingStanding };
  /** Mend the answers of a page that was sent, where one person labels alone */
  "POST /api/work/runs/{run}/pages/{page}/mend": { path: { run: string; page: string }; body: Answers; reply: Empty };
  /** A mask of what the worker points at on a picture of a page they hold */
  "POST /api/work/pages/{page}/assist": { path: { page: string }; body: Pointed; reply: Assisted };
  /** How much of a file for an output of a page is here */
  "GET /api/work/pages/{page}/files/{output}/{name}": { path: { page: string; output: string; name: string }; reply: FileState };
  /** Send a piece of a file for an output of a page; repeating it changes nothing */
  "PUT /api/work/pages/{page}/files/{output}/{name}": { path: { page: string; output: string; name: string }; query?: { begin?: number; size?: number }; body: Blob; reply: FileState };
  /** Join by an invitation */
  "POST /api/work/join": { body: Join; reply: Joined };
  /** Return by a personal link */
  "POST /api/work/return": { body: Return; reply: Returned };
  /** Whose a personal link is */
  "POST /api/work/whose": { body: Return; reply: Returned };
  /** The tasks that an invitation opens */
  "POST /api/work/invited": { body: Invited; reply: InvitedTasks };
  /** End the worker's session in this browser */
  "POST /api/work/leave": { reply: Empty };
  /** A new personal link in place of the old */
  "POST /api/work/link": { reply: Link };
  /** The worker's account */
  "GET /api/work/me": { reply: Me };
  /** Change name or language */
  "POST /api/work/me": { body: MeChange; reply: Me };
  /** A new personal link for a worker; the old one is dead */
  "POST /api/workers/{worker}/link": { path: { worker: string }; reply: Link };
  /** Shut a worker out until they get a new link */
  "DELETE /api/workers/{worker}/link": { path: { worker: string }; reply: Empty };
  /** Forget who a worker is */
  "DELETE /api/workers/{worker}": { path: { worker: string }; reply: Empty };
  /** One worker with all that is kept of them */
  "GET /api/workers/{worker}": { path: { worker: string }; reply: Person };
  /** Object to the rejection of a page, once */
  "POST /api/work/pages/{page}/appeal": { path: { page: string }; body: NewAppeal; reply: AppealView };
  /** A part of the appeals against rejections */
  "GET /api/appeals": { query?: { run?: string; state?: string; offset?: number; limit?: number }; reply: AppealList };
  /** An appeal with the page's items and answers */
  "GET /api/runs/{run}/appeals/{page}": { path: { run: string; page: string }; reply: AppealDetail };
  /** Uphold an appeal, so that the page is paid, or dismiss it */
  "POST /api/runs/{run}/appeals/{page}": { path: { run: string; page: string }; body: AppealDecision; reply: AppealView };
  /** Write to the requester about a task, a page or an item */
  "POST /api/work/messages": { body: NewMessage; reply: OwnMessage };
  /** The worker's messages and their replies */
  "GET /api/work/messages": { reply: OwnMessages };
  /** Note which replies were read */
  "POST /api/work/messages/seen": { body: Seen; reply: Empty };
  /** What waits for a requester */
  "GET /api/inbox": { reply: Inbox };
  /** A part of the messages of workers */
  "GET /api/messages": { query?: { run?: string; state?: string; offset?: number; limit?: number }; reply: MessageList };
  /** Answer a worker's message */
  "POST /api/messages/{message}/reply": { path: { message: string }; body: NewReply; reply: Message };
  /** What the worker has told of themselves */
  "GET /api/work/about": { reply: About };
  /** Tell something of oneself, or take it back */
  "POST /api/work/about": { body: AboutChange; reply: About };
  /** A worker's skills */
  "GET /api/workers/{worker}/skills": { path: { worker: string }; reply: WorkerSkills };
  /** Give a worker a skill, or take it */
  "POST /api/workers/{worker}/skills": { path: { worker: string }; body: SkillChange; reply: WorkerSkills };
  /** How many workers pass what a run asks */
  "GET /api/runs/{run}/filters": { path: { run: string }; reply: PassingWorkers };
  /** How many workers would pass what a run is to ask */
  "POST /api/filters": { body: WorkersAsked; reply: PassingWorkers };
  /** What workers are owed */
  "GET /api/payouts": { query?: { offset?: number; limit?: number; all?: number }; reply: PayOuts };
  /** Note that workers were paid */
  "POST /api/payouts": { body: NewPayments; reply: Noted };
  /** Where a run's money is */
  "GET /api/runs/{run}/money": { path: { run: string }; query?: { offset?: number; limit?: number }; reply: RunMoney };
  /** The worker's balances and receipts */
  "GET /api/work/money": { reply: OwnMoney };
  /** Upload a file; its name comes back */
  "POST /api/uploads": { query?: { extension?: string }; body: Blob; reply: MediaName };
  /** Upload a file under its SHA-256 */
  "PUT /api/media/{name}": { path: { name: string }; body: Blob; reply: MediaName };
  /** Open a session in this browser */
  "POST /api/session": { body: Session; reply: Empty };
  /** End the session in this browser */
  "DELETE /api/session": { reply: Empty };
  /** All browsers that are signed in */
  "GET /api/sessions": { reply: SessionList };
  /** Sign out everywhere but here */
  "DELETE /api/sessions": { reply: Empty };
  /** Sign one browser out */
  "DELETE /api/sessions/{session}": { path: { session: string }; reply: Empty };
  /** All browsers in which the worker is signed in */
  "GET /api/work/sessions": { reply: SessionList };
  /** Sign the worker out everywhere but here */
  "DELETE /api/work/sessions": { reply: Empty };
  /** Sign the worker out of one browser */
  "DELETE /api/work/sessions/{session}": { path: { session: string }; reply: Empty };
  /** Sign a worker out of all browsers */
  "DELETE /api/workers/{worker}/sessions": { path: { worker: string }; reply: Empty };
  /** Publish a run */
  "PUT /api/runs/{run}": { path: { run: string }; body: Publication; reply: Published };
  /** One run; with `after`, waits until its version is larger */
  "GET /api/runs/{run}": { path: { run: string }; query?: { after?: number; wait?: number }; reply: RunView };
  /** Delete a run and all that is kept of it */
  "DELETE /api/runs/{run}": { path: { run: string }; query?: { identity?: string }; reply: Empty };
  /** All runs, newest first */
  "GET /api/runs": { reply: RunList };
  /** Carry out commands, each key once, all or none */
  "POST /api/runs/{run}/commands": { path: { run: string }; body: Commands; reply: Done };
  /** Show what the run knows of its quality */
  "PUT /api/runs/{run}/snapshot": { path: { run: string }; body: Snapshot; reply: Version };
  /** A part of the run's workers */
  "GET /api/runs/{run}/workers": { path: { run: string }; query?: { offset?: number; limit?: number; order?: string; down?: number }; reply: WorkerList };
  /** Close the run to a worker */
  "POST /api/runs/{run}/workers/{worker}/restrict": { path: { run: string; worker: string }; body: Restriction; reply: Version };
  /** Open the run to a worker again */
  "POST /api/runs/{run}/workers/{worker}/allow": { path: { run: string; worker: string }; reply: Version };
  /** A part of the run's items */
  "GET /api/runs/{run}/items": { path: { run: string }; query?: { offset?: number; limit?: number; order?: string; search?: string; flag?: string; control?: number; answer?: string; worker?: string; confidence?: string; overlap?: string }; reply: ItemList };
  /** Add rows to a run as items, all or none; those it knows are left out */
  "POST /api/runs/{run}/items": { path: { run: string }; body: NewItems; reply: Added };
  /** One item with its responses */
  "GET /api/runs/{run}/items/{key}": { path: { run: string; key: string }; reply: ItemView };
  /** What a deletion would remove */
  "GET /api/runs/{run}/contents": { path: { run: string }; reply: RunContents };
  /** Call a run otherwise */
  "POST /api/runs/{run}/name": { path: { run: string }; body: NewName; reply: Called };
  /** Open, pause, close or archive */
  "POST /api/runs/{run}/state": { path: { run: string }; body: NewState; reply: Version };
  /** Events after a cursor; waits while there are none */
  "GET /api/runs/{run}/events": { path: { run: string }; query?: { after?: number; limit?: number; wait?: number }; reply: Batch };
  /** Say that no more items come */
  "POST /api/runs/{run}/finish": { path: { run: string }; reply: Empty };
  /** Read the table in a spreadsheet (.xlsx); nothing is kept */
  "POST /api/tables": { body: Blob; reply: TableText };
  /** What a run asks now, of what may change */
  "GET /api/runs/{run}/terms": { path: { run: string }; reply: RunTerms };
  /** Change what a run asks; what is not named stays as it is */
  "POST /api/runs/{run}/terms": { path: { run: string }; body: NewTerms; reply: Changes };
  /** Give out pages again after the run was stopped or has ended */
  "POST /api/runs/{run}/reopen": { path: { run: string }; reply: Version };
  /** Correct a run by hand: discard a worker's answers, mend or withdraw a control item, answer an item, ask more workers about it or set it aside, accept or reject a page, give a bonus */
  "POST /api/runs/{run}/corrections": { path: { run: string }; body: NewCorrections; reply: Corrected };
  /** What was corrected by hand */
  "GET /api/runs/{run}/corrections": { path: { run: string }; query?: { after?: number; item?: string }; reply: Corrected };
  /** The known answer of a control item */
  "GET /api/runs/{run}/known/{key}": { path: { run: string; key: string }; reply: KnownAnswer };
  /** What the run's answers can be trusted to, what that rests on, and what was paid */
  "GET /api/runs/{run}/certificate": { path: { run: string }; reply: Certificate };
  /** All pipelines of the workspace */
  "GET /api/pipelines": { reply: PipelineList };
  /** One pipeline */
  "GET /api/pipelines/{pipeline}": { path: { pipeline: string }; reply: PipelineView };
  /** Have nobody play a pipeline; the runs of its tasks go on with what they were asked */
  "POST /api/pipelines/{pipeline}/stop": { path: { pipeline: string }; reply: PipelineView };
  /** Play a pipeline on beside the server */
  "POST /api/pipelines/{pipeline}/go-on": { path: { pipeline: string }; reply: PipelineView };
  /** All loops of the workspace */
  "GET /api/loops": { reply: LoopList };
  /** One loop */
  "GET /api/loops/{loop}": { path: { loop: string }; reply: LoopView };
  /** Have experts judge a sample of the run's answers; asking again goes on with it, and invites who is new */
  "POST /api/runs/{run}/verify": { path: { run: string }; body: NewSample; reply: SampleBegun };
  /** A page as a worker would get it; nothing is taken */
  "GET /api/runs/{run}/preview": { path: { run: string }; reply: PreviewView };
  /** Keep a task and items to look at before anything is published */
  "POST /api/previews": { body: PreviewOrder; reply: PreviewPlace };
  /** A page of an unpublished task, for who has its address */
  "GET /api/previews/{preview}": { path: { preview: string }; reply: PreviewView };
  /** Work out what a page may hold and cost; nothing is kept */
  "POST /api/prices": { body: PriceKnobs; reply: PriceFigures };
  /** Invite workers to a run, or to all */
  "POST /api/invitations": { body: InvitationOrder; reply: Invitation };
  /** All invitations, newest first */
  "GET /api/invitations": { query?: { offset?: number; limit?: number }; reply: Invitations };
  /** Invite people by name, each by a link of their own */
  "POST /api/invitations/people": { body: PersonalInvitations; reply: Invitations };
  /** Close an invitation to newcomers */
  "DELETE /api/invitations/{invitation}": { path: { invitation: string }; reply: Empty };
  /** A part of all workers, over all runs */
  "GET /api/workers": { query?: { offset?: number; limit?: number; order?: string; down?: number; search?: string; state?: string; label?: string }; reply: People };
  /** Pages of a worker with their answers, newest first */
  "GET /api/workers/{worker}/pages": { path: { worker: string }; query?: { run?: string; before?: number; limit?: number }; reply: PersonAnswers };
  /** Keep a note of a worker */
  "POST /api/workers/{worker}/note": { path: { worker: string }; body: Note; reply: Empty };
  /** Whose server this is */
  "GET /api/workspace": { query?: { nonce?: string }; reply: Proof };
  /** Whether the server answers */
  "GET /health": { reply: Health };
  /** Whether the server can do its work */
  "GET /ready": { reply: Health };
}
