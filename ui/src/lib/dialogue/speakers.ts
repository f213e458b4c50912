/** Who speaks in a dialogue, in words. */

import { says } from "./messages";
import type { Turn } from "./turns";

const ROLES = { user: "role_user", assistant: "role_assistant", system: "role_system", tool: "role_tool" } as const;

/** A role that looks its own way; a text of somebody's own names no class of these pages. */
export function knownRole(role: string): string | undefined {
  return Object.hasOwn(ROLES, role) ? role : undefined;
}

/** Who speaks; roles that nobody else has are shown as they are called. */
export function speakerOf(turn: Turn, language: string): string {
  const role = knownRole(turn.role) ? says(language, ROLES[turn.role as keyof typeof ROLES]) : turn.role;
  return turn.name ? `${turn.name} · ${role}` : role;
}
