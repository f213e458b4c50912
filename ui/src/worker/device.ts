/** What the worker works on, as the browser shows it: nobody is asked. */

import { headers } from "../lib/api";
import type { Device } from "../lib/wire";

/** Tablets are no phones: tasks for a computer have room enough on them. */
const WIDEST_PHONE = 600;

/** A screen that is touched, and narrower than that where it is narrowest, in CSS pixels. */
export const deviceOf = (touched: boolean, width: number, height: number): Device =>
  touched && Math.min(width, height) < WIDEST_PHONE ? "phone" : "computer";

/** Tell the server with every request. */
export function tellDevice(): void {
  headers["DataForge-Device"] = deviceOf(matchMedia("(pointer: coarse)").matches, screen.width, screen.height);
}
