/** About so long, a quarter more or less: a thousand open pages do not ask a server all at once. */
export const spread = (delay: number): number => delay * (0.75 + Math.random() / 2);
