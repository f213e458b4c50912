/** How large a picture is shown: small ones are enlarged a little, but not until they blur. */

export interface Size {
  width: number;
  height: number;
}

const MOST_ENLARGED = 2;
/** Pictures are enlarged up to this length of their longer side, in pixels. */
const COMFORTABLE = 256;
/** Below this nobody sees what is on a picture, blurred or not. */
const SMALLEST = 96;

/** The size for a picture, in pixels, where there is room for it; a picture without a size of its own gets a comfortable one. */
export function shownSize(picture: Pick<HTMLImageElement, "naturalWidth" | "naturalHeight">): Size {
  const { naturalWidth: width, naturalHeight: height } = picture;
  const longer = Math.max(width, height);
  if (longer === 0) return { width: COMFORTABLE, height: COMFORTABLE };
  const factor = Math.max(longer, Math.min(longer * MOST_ENLARGED, COMFORTABLE), SMALLEST) / longer;
  return { width: Math.round(width * factor), height: Math.round(height * factor) };
}
