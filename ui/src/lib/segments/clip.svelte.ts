/** A sound that is played in pieces: it stops where a piece ends by the sound's own clock, and not by the events of a player, which come four times a second. */

import { quietOthers } from "../playing";
import type { Piece } from "./segment";

/** Far behind the end of any sound: from there a browser finds out how long one is whose file does not say it. */
const FAR = 1e7;

export class Clip {
  /** Where it stands, in seconds. */
  time = $state(0);
  playing = $state(false);
  speed = $state(1);
  loop = $state(false);
  /** Of the whole sound, in seconds; none until it is known. */
  length = $state<number | null>(null);

  #media: HTMLMediaElement;
  #piece: Piece | null = null;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listening = new AbortController();

  constructor(media: HTMLMediaElement) {
    this.#media = media;
    media.preservesPitch = true;
    const on = (event: string, act: () => void) => media.addEventListener(event, act, { signal: this.#listening.signal });
    on("durationchange", () => this.#measure());
    on("play", () => this.#started());
    on("pause", () => this.#stopped());
    on("seeked", () => this.#note());
    on("ended", () => this.#ended());
    this.#measure();
  }

  /** Let go of the sound. */
  close(): void {
    this.#listening.abort();
    this.#rest();
    this.#media.pause();
  }

  /** Play the same from another address; it stays where it stands. */
  replace(address: string): void {
    const { time, playing } = this;
    this.#media.src = address;
    this.#media.addEventListener("loadedmetadata", () => this.#goTo(time), { once: true, signal: this.#listening.signal });
    this.#media.load();
    if (playing) this.play();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#media.playbackRate = speed;
    if (this.playing) this.#watch();
  }

  seek(time: number): void {
    this.#piece = null;
    this.#goTo(Math.max(0, Math.min(this.length ?? 0, time)));
  }

  /** Play a piece from its beginning, or on from where it stands; or pause. */
  toggle(piece: Piece | null = null): void {
    if (this.playing) this.#media.pause();
    else this.play(piece);
  }

  play(piece: Piece | null = null): void {
    this.#piece = piece;
    if (piece) this.#goTo(piece.start);
    else if (this.length !== null && this.time >= this.length - 0.02) this.#goTo(0);
    this.#media.playbackRate = this.speed;
    // A browser that wants it to be asked for by hand leaves it.
    void this.#media.play().catch(() => undefined);
  }

  pause(): void {
    this.#media.pause();
  }

  #goTo(time: number): void {
    this.#media.currentTime = time;
    this.time = time;
  }

  #measure(): void {
    const { duration } = this.#media;
    if (duration === Infinity) this.#media.currentTime = FAR;
    else if (duration > 0) {
      if (this.#media.currentTime > 0 && this.length === null) this.#goTo(0);
      this.length = duration;
    }
  }

  #note(): void {
    if (this.length !== null) this.time = Math.min(this.length, this.#media.currentTime);
  }

  #started(): void {
    quietOthers(this.#media);
    this.playing = true;
    this.#watch();
  }

  #stopped(): void {
    this.playing = false;
    this.#rest();
    this.#note();
  }

  #ended(): void {
    if (this.loop) this.play(this.#piece);
  }

  /** Look at the clock with each frame, and where a page in the background has none, when the piece should be over. */
  #watch(): void {
    this.#rest();
    const look = (): void => {
      this.#note();
      if (this.#piece && this.#media.currentTime >= this.#piece.end) this.#reached(this.#piece);
      if (this.playing) this.#watch();
    };
    this.#frame = requestAnimationFrame(look);
    if (this.#piece) this.#timer = setTimeout(look, (1000 * (this.#piece.end - this.#media.currentTime)) / this.speed);
  }

  #reached(piece: Piece): void {
    if (this.loop) return this.#goTo(piece.start);
    this.#media.pause();
    this.#goTo(piece.end);
    this.playing = false;
    this.#piece = null;
  }

  #rest(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }
}
