/** Files as answers: what they are, how they are named, and where this device keeps them until the server has them. */

import { getContext, setContext } from "svelte";

/** Where files are kept, by their names. */
export interface Files {
  keep(media: string, file: Blob): Promise<void>;
  get(media: string): Promise<Blob | undefined>;
}

export type Kind = "image" | "audio" | "video";

/** Why a file is not taken: a widgets' message. */
export type Problem = "file_empty" | "file_large" | "file_heic" | "file_kind" | "file_insecure" | "file_not_kept";

const PLACE = Symbol("files");

/** Keep the files of all widgets below in this place. */
export function holdFiles(files: Files): void {
  setContext(PLACE, files);
}

/** The place where files are kept; a page that sends nothing, such as a preview, has them in memory. */
export function heldFiles(): Files {
  const kept = new Map<string, Blob>();
  return getContext<Files | undefined>(PLACE) ?? { keep: async (media, file) => void kept.set(media, file), get: async (media) => kept.get(media) };
}

/** The endings of files by what they hold, as the server tells them. */
export const ENDINGS: Readonly<Record<Kind, readonly string[]>> = {
  image: ["jpg", "png", "webp", "gif", "avif"],
  audio: ["wav", "mp3", "m4a", "ogg", "flac", "weba"],
  video: ["mp4", "webm", "mov", "ogv"],
};

const TYPES: Readonly<Record<string, string>> = { jpg: "image/jpeg", wav: "audio/wav", mp3: "audio/mpeg", m4a: "audio/mp4", ogg: "audio/ogg", flac: "audio/flac", weba: "audio/webm", mov: "video/quicktime", ogv: "video/ogg" };

/** Take a file for an answer of a kind: keep it, and give its name; or say why not. */
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
  const media = `${hex(await crypto.subtle.digest("SHA-256", content))}.${ending}`;
  const typed = new Blob([content], { type: TYPES[ending] ?? `${kind}/${ending}` });
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
