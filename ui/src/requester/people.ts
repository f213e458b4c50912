/** What is told of workers over all runs, as texts. */

import { earnings } from "../lib/format";
import type { Invitation, Money, PersonView, Publication, Values } from "../lib/wire";
import { t } from "./messages";

/** What an account of whom nothing is known any more is called. */
export const nameOf = (person: { name: string }): string => person.name || t("people.forgotten");

/** What they earned in each currency, the most first. */
export function earnedBy(person: PersonView, language: string): string {
  return person.money.map((amount) => earnings(amount.earned, amount.currency, language)).join(" · ") || t("none");
}

/** What a run means an hour of work to bring: the price of a full page for the time that its items are meant to take. */
export function plannedHourly({ prices, task }: Pick<Publication, "prices"> & { task: { duration: number } }): Money {
  return prices.length ? Math.round(((prices.at(-1) ?? 0) * 3600) / (prices.length * task.duration)) : 0;
}

/** The labels and names of the invitations by which somebody came, each once. */
export function cameBy(person: PersonView): string {
  const said = person.came_by.flatMap((came) => [came.name && came.name !== person.name ? t("people.as", { name: came.name }) : "", came.label]);
  return [...new Set(said.filter((text) => text !== ""))].join(" · ");
}

const LONGEST = 80;

/** An answer on one line: short values as they are, others as JSON that is cut. */
export function answerLine(values: Values): string {
  const said = Object.values(values as Record<string, unknown>).map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  const line = said.join(" · ").replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** Whether somebody may still join by an invitation. */
export function isOpen(invitation: Invitation, now: number): boolean {
  const used = invitation.uses != null && invitation.used >= invitation.uses;
  return !invitation.revoked && invitation.expires > now && !used;
}

/** Names as they were pasted: one a line, without empty ones. */
export function namesIn(text: string): string[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Names and links as a file that spreadsheets read: a name that looks like a formula is none there. */
export function linksCsv(rows: readonly (readonly [string, string])[]): string {
  const cell = (text: string) => `"${(/^[\s"']*[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
