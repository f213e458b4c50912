/** The worker's routes. */

import { call } from "../lib/api";
import type { AboutChange, MeChange, NewMessage, Values } from "../lib/wire";
import type { Pointing } from "../lib/widgets";
import type { Letter } from "./store";
import type { Mail } from "./unsent";

/** With a `token` of one's own it opens an account; without, the account that is here gets what the invitation opens. */
export const join = (invitation: string, name: string, language: string, token?: string) =>
  call("POST /api/work/join", { body: { invitation, name, language, token } });
/** The tasks that an invitation opens, and whom it is for. */
export const invited = (invitation: string) => call("POST /api/work/invited", { body: { invitation } });
export const comeBack = (token: string) => call("POST /api/work/return", { body: { token } });
export const whose = (token: string) => call("POST /api/work/whose", { body: { token } });
export const renewLink = () => call("POST /api/work/link");
/** The browsers in which the account is open. */
export const browsers = async () => (await call("GET /api/work/sessions")).sessions;
export const signOutThere = (session: number) => call("DELETE /api/work/sessions/{session}", { path: { session: String(session) } });
export const signOutElsewhere = () => call("DELETE /api/work/sessions");
export const leave = () => call("POST /api/work/leave");
export const me = () => call("GET /api/work/me");
export const change = (what: MeChange) => call("POST /api/work/me", { body: what });
/** What the worker has told of themselves, and what tasks of theirs ask. */
export const about = () => call("GET /api/work/about");
export const tell = (what: AboutChange) => call("POST /api/work/about", { body: what });
export const runs = async () => (await call("GET /api/work/runs")).runs;
/** A run's task, as of a revision, and what of its texts has changed since another. */
export const task = (run: string, revision?: number, since?: number) =>
  call("GET /api/work/runs/{run}", { path: { run }, query: { ...(revision === undefined ? {} : { revision }), ...(since === undefined ? {} : { since }) } });
export const history = () => call("GET /api/work/history");
export const training = (run: string) => call("GET /api/work/runs/{run}/training", { path: { run } });
/** Begin the try at a training after the one of a number; asked again it goes on with it. */
export const beginTraining = (run: string, after: number) => call("POST /api/work/runs/{run}/training", { path: { run }, body: { after } });
/** Answer the next item of a try; the first answer to it stays. */
export const answerTraining = (run: string, number: number, place: number, answer: Values) =>
  call("POST /api/work/runs/{run}/training/answer", { path: { run }, body: { number, place, answer } });
/** How the worker stands in a run, and what they did since their day began. */
export const standing = (run: string) => call("GET /api/work/runs/{run}/standing", { path: { run }, query: { day: new Date().setHours(0, 0, 0, 0) / 1000 } });
/** Object to the rejection of a page. */
export const appeal = (page: string, text: string) => call("POST /api/work/pages/{page}/appeal", { path: { page }, body: { text } });
export const messages = () => call("GET /api/work/messages");
/** Write to the requester; twice with one key is once. */
export const write = (message: NewMessage) => call("POST /api/work/messages", { body: message });
/** Send what was written to somebody; the same again changes nothing. */
export const deliver = (mail: Mail): Promise<unknown> => (mail.kind === "message" ? write(mail.message) : appeal(mail.page, mail.text));
/** The answers up to a time, in seconds, were read. */
export const repliesSeen = (until: number) => call("POST /api/work/messages/seen", { body: { until } });
export const balances = () => call("GET /api/work/money");
export const nextPage = (run: string, have: string[]) => call("POST /api/work/runs/{run}/pages", { path: { run }, body: { have } });
const FILE = "/api/work/pages/{page}/files/{output}/{name}";
/** How much of a file for an output of a page the server has. */
export const fileState = (page: string, output: string, name: string) => call(`GET ${FILE}`, { path: { page, output, name } });
/** Send a piece of a file that begins at a byte. */
export const filePiece = (page: string, output: string, name: string, begin: number, size: number, piece: Blob) =>
  call(`PUT ${FILE}`, { path: { page, output, name }, query: { begin, size }, body: piece });
/** Put other answers in place of those of a page that was sent. */
export const mend = (run: string, page: string, { answers, seconds }: Letter) =>
  call("POST /api/work/runs/{run}/pages/{page}/mend", { path: { run, page }, body: { answers, seconds } });
export const submit = ({ page, answers, seconds }: Letter) => call("POST /api/work/pages/{page}/submit", { path: { page }, body: { answers, seconds } });
export const skip = (page: string) => call("POST /api/work/pages/{page}/skip", { path: { page } });
/** Outlives the tab, for pages that nobody will look at. */
export const release = (page: string) => call("POST /api/work/pages/{page}/release", { path: { page }, keepalive: true });
/** The runs of a mask of what is pointed at on an item's picture. */
export const assist = async (page: string, item: number, output: string, { points, box }: Pointing) =>
  (await call("POST /api/work/pages/{page}/assist", { path: { page }, body: { item, output, points: points.map(([x, y, inside]): [number, number, boolean] => [x, y, inside]), box: box && [...box] } })).counts;
