/** Where a key leads in a menu of these names from the one at `at`; null if nowhere. The ends are joined. */
export function stepTo(key: string, names: readonly string[], at: number): number | null {
  const count = names.length;
  if (count === 0) return null;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (Math.max(at, 0) + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if ([...key].length !== 1 || key === " ") return null;
  for (let step = 1; step <= count; step++) {
    const place = (at + step) % count;
    if (names[place]?.trim().toLowerCase().startsWith(key.toLowerCase())) return place;
  }
  return null;
}
