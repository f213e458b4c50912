/** Files as answers: what they are by what they hold, and how they are named. */

import type { Files } from "./files";
import { withoutPlace } from "./places";

export type Kind = "image" | "audio" | "video";

/** Why a file is not taken: a widgets' message. */
export type Problem = "file_empty" | "file_large" | "file_heic" | "file_kind" | "file_insecure" | "file_not_kept";

/** The endings of files by what they hold, as the server tells them. */
export const ENDINGS: Readonly<Record<Kind, readonly string[]>> = {
  image: ["jpg", "png", "webp", "gif", "avif"],
  audio: ["wav", "mp3", "m4a", "ogg", "flac", "weba"],
  video: ["mp4", "webm", "mov", "ogv"],
};

const TYPES: Readonly<Record<string, string>> = { jpg: "image/jpeg", wav: "audio/wav", mp3: "audio/mpeg", m4a: "audio/mp4", ogg: "audio/ogg", flac: "audio/flac", weba: "audio/webm", mov: "video/quicktime", ogv: "video/ogg" };

/** Take a file for an answer of a kind: keep it, without the place where it was made, and give its name; or say why not. */
export async function take(file: Blob, kind: Kind, largest: number, files: Files): Promise<{ media: string } | Problem> {
  if (file.size === 0) return "file_empty";
  if (file.size > largest) return "file_large";
  // Browsers reckon digests on safe connections only.
  if (!crypto.subtle) return "file_insecure";
  const content = await file.arrayBuffer().catch(() => null);
  if (!content) return "file_not_kept";
  const ending = endingOf(new Uint8Array(content, 0, Math.min(4096, content.byteLength)), kind);
  if (ending === "heic") return "file_heic";
  if (!ENDINGS[kind].includes(ending)) return "file_kind";
  const told = withoutPlace(content, ending);
  const media = `${hex(await crypto.subtle.digest("SHA-256", told))}.${ending}`;
  const typed = new Blob([told], { type: TYPES[ending] ?? `${kind}/${ending}` });
  return files.keep(media, typed).then(
    () => ({ media }),
    () => "file_not_kept" as const,
  );
}

/** What a file is by how it begins; of containers of both, what is wanted. Empty: none of these. */
export function endingOf(head: Uint8Array, kind: Kind): string {
  const text = String.fromCharCode(...head.subarray(0, 64));
  const at = (place: number, word: string) => text.startsWith(word, place);
  if (at(0, "\xff\xd8\xff")) return "jpg";
  if (at(0, "\x89PNG")) return "png";
  if (at(0, "GIF8")) return "gif";
  if (at(0, "RIFF")) return at(8, "WEBP") ? "webp" : at(8, "WAVE") ? "wav" : "";
  if (at(0, "fLaC")) return "flac";
  if (at(0, "OggS")) return text.includes("theora") ? "ogv" : "ogg";
  if (at(0, "\x1aE\xdf\xa3")) return kind === "audio" ? "weba" : "webm";
  if (at(4, "ftyp")) return ofBrand(text.slice(8, 12), kind);
  if (at(0, "ID3") || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)) return "mp3";
  return "";
}

function ofBrand(brand: string, kind: Kind): string {
  if (brand === "avif") return "avif";
  if (["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"].includes(brand)) return "heic";
  if (kind === "audio") return "m4a";
  return brand === "qt  " ? "mov" : "mp4";
}

function hex(digest: ArrayBuffer): string {
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How large a file is, in words: `1.4 MB`. */
export function size(bytes: number, language: string): string {
  const [unit, share] = bytes < 1 << 20 ? ["kilobyte", bytes / 1024] : ["megabyte", bytes / (1 << 20)];
  return new Intl.NumberFormat(language, { style: "unit", unit: unit as string, maximumFractionDigits: 1 }).format(share as number);
}
