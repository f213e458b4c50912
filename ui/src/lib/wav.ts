/** Samples of channels of one length as a WAV file in 16 bits. */
export function wav(channels: readonly Float32Array[], rate: number): Blob {
  const [count, width] = [channels[0]!.length, 2 * channels.length];
  const view = new DataView(new ArrayBuffer(44 + width * count));
  const word = (at: number, text: string) => [...text].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + width * count, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, width * rate, true);
  view.setUint16(32, width, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, width * count, true);
  channels.forEach((samples, channel) => samples.forEach((sample, place) => view.setInt16(44 + width * place + 2 * channel, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true)));
  return new Blob([view], { type: "audio/wav" });
}
