/** Lengths of runs as COCO writes them in a string: column by column, outside and inside in turns; each by characters of 5 bits. */

const FIRST = 48;
const MORE = 32;
const NEGATIVE = 16;

/** The string of lengths, from the fourth on each less the one two before. */
export function written(counts: readonly number[]): string {
  const codes: number[] = [];
  for (let place = 0; place < counts.length; place++) {
    let number = counts[place]! - (place > 2 ? counts[place - 2]! : 0);
    for (let more = true; more; ) {
      const low = number & (MORE - 1);
      number >>= 5;
      more = low & NEGATIVE ? number !== -1 : number !== 0;
      codes.push(low + (more ? MORE : 0) + FIRST);
    }
  }
  return texts(codes);
}

/** Longer lists of arguments are more than some browsers take. */
const AT_ONCE = 8_192;

function texts(codes: readonly number[]): string {
  let text = "";
  for (let start = 0; start < codes.length; start += AT_ONCE) text += String.fromCharCode(...codes.slice(start, start + AT_ONCE));
  return text;
}

/** The lengths that a string has. */
export function read(text: string): number[] {
  const counts: number[] = [];
  let number = 0;
  let shift = 0;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place) - FIRST;
    number |= (code & (MORE - 1)) << shift;
    shift += 5;
    if (code & MORE) continue;
    if (code & NEGATIVE && shift < 32) number |= -1 << shift;
    counts.push(number + (counts.length > 2 ? counts.at(-2)! : 0));
    number = shift = 0;
  }
  return counts;
}
