/**
 * What holds for every file of tests that has a window.
 *
 * A thread that takes a second batch of files has a new window and the modules of the old one, whose listeners hear nothing any
 * more: they are loaded anew. And Svelte is here as a whole before a test loads several widgets at once: its modules import each
 * other in circles, and of a circle that is entered from two sides at the same time each may be given half.
 */
import { vi } from "vitest";

const thread = globalThis as typeof globalThis & { documentOfTests?: Document };

if (typeof document !== "undefined") {
  if (thread.documentOfTests !== undefined && thread.documentOfTests !== document) vi.resetModules();
  thread.documentOfTests = document;
  // @ts-expect-error: it is not for people, and has no types
  await import("svelte/internal/client");
}
