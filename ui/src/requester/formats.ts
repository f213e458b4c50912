interface Kind {
  file: string;
  types: readonly string[];
  /** Whether an item may have several answers. */
  several?: boolean;
}

/** Formats of others in which answers can be had: the file, and the types of answers that it holds. */
export const FORMATS = {
  coco: { file: "coco.json", types: ["boxes", "polygons", "points", "mask"] },
  yolo: { file: "yolo.zip", types: ["boxes", "polygons", "mask"] },
  voc: { file: "voc.zip", types: ["boxes"] },
  png: { file: "png.zip", types: ["mask"] },
  cvat: { file: "cvat.xml", types: ["boxes", "polygons", "lines", "points", "mask"] },
  "cvat-video": { file: "cvat-video.zip", types: ["track"] },
  mot: { file: "mot.zip", types: ["track"] },
  kitti: { file: "kitti.zip", types: ["boxes", "cuboids"] },
  "kitti-tracking": { file: "kitti-tracking.zip", types: ["track"] },
  "label-studio": { file: "label-studio.json", types: ["boxes", "polygons", "points", "mask", "track", "spans", "segments"], several: true },
  conll: { file: "conll.conll", types: ["spans"] },
  chat: { file: "chat.jsonl", types: ["turns", "turn_spans"] },
  spacy: { file: "spacy.jsonl", types: ["spans"] },
  tsv: { file: "tsv.tsv", types: ["text"], several: true },
  webvtt: { file: "webvtt.zip", types: ["segments", "text"] },
  srt: { file: "srt.zip", types: ["segments", "text"] },
  textgrid: { file: "textgrid.zip", types: ["segments", "text"] },
  sustech: { file: "sustech.zip", types: ["cuboids"] },
  nuscenes: { file: "nuscenes.json", types: ["cuboids"] },
  folder: { file: "folder.zip", types: ["recording", "upload"], several: true },
} as const satisfies Record<string, Kind>;

export type Format = keyof typeof FORMATS;

/** The formats that hold the answers of just one of these outputs, and all of them where they are collected. */
export function formatsOf(types: readonly string[], way: string): Format[] {
  return (Object.keys(FORMATS) as Format[]).filter((name) => {
    const kind: Kind = FORMATS[name];
    return types.filter((type) => kind.types.includes(type)).length === 1 && (way !== "collect" || kind.several);
  });
}
