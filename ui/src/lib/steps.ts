/** What was done step by step, and can be taken back and done again. */

export interface Steps {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  undo: () => void;
  redo: () => void;
}

/** Use a key that takes back or does again; tells whether it was one. Keys go by their place, so that they work on every layout. */
export function stepped(steps: Steps, event: KeyboardEvent): boolean {
  if (!event.ctrlKey && !event.metaKey) return false;
  if (event.code === "KeyZ") steps[event.shiftKey ? "redo" : "undo"]();
  else if (event.code === "KeyY") steps.redo();
  else return false;
  event.preventDefault();
  return true;
}
