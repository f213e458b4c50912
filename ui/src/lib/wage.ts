/**
 * So many times as long as half of the others take, and as the task says, is still work that a wage floor pays for:
 * as `PATIENCE` and `WIDEST` of `dataforge/issue/wage.py`.
 */
export const COUNTED = { patience: 5, widest: 10 } as const;
