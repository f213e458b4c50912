/** Colours of labels: hues far from each other, by the label's place among all. */
export function hueOf(place: number): number {
  return (place * 137.5 + 260) % 360;
}
