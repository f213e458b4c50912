/** How long texts are that somebody writes. */

/** How many characters a text has: Python counts them, JavaScript counts halves of some. */
export function count(text: string): number {
  let halves = 0;
  for (let place = 0; place < text.length; place++) if ((text.charCodeAt(place) & 0xfc00) === 0xdc00) halves += 1;
  return text.length - halves;
}

/** By how many characters a text is too long; 0 if it is not. Space around it is not sent. */
export const excess = (text: string, most: number): number => Math.max(0, count(text.trim()) - most);
