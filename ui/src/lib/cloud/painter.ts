/** Points painted by the graphics card; of what is held in hand only as many as are painted in time. */

import type { Points } from "./points";
import { matrixOf, type Frame, type Sight } from "./sight";

export type Colouring = "height" | "intensity";

export interface Look {
  readonly colouring: Colouring;
  /** Below this height nothing is painted; null: everything is. */
  readonly floor: number | null;
}

const VERTEX = `#version 300 es
uniform mat4 sight;
uniform vec3 range; // the lowest, the height of all, the floor
uniform float size;
uniform bool bright;
in vec3 place;
in float light;
out vec3 colour;
void main() {
  gl_Position = place.z < range.z ? vec4(2.0, 2.0, 2.0, 1.0) : sight * vec4(place, 1.0);
  gl_PointSize = size;
  float share = clamp((place.z - range.x) / range.y, 0.0, 1.0);
  colour = bright ? mix(vec3(0.15, 0.2, 0.35), vec3(1.0, 0.95, 0.7), sqrt(light)) : 0.55 + 0.45 * cos(6.2832 * (vec3(0.62, 0.36, 0.1) - 0.75 * share));
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec3 colour;
out vec4 seen;
void main() { seen = vec4(colour, 1.0); }`;
const BACK = [0.07, 0.08, 0.1] as const;
/** A picture in motion is painted in so many milliseconds, with no fewer points than these. */
const IN_TIME = 24;
const FEWEST = 30_000;

/** Raises an error where there is no WebGL. */
export class Painter {
  readonly #gl: WebGL2RenderingContext;
  readonly #points: Points;
  readonly #uniforms: Readonly<Record<"sight" | "range" | "size" | "bright", WebGLUniformLocation | null>>;
  /** How many points a picture in motion has. */
  #some: number;

  constructor(canvas: HTMLCanvasElement, points: Points) {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: false });
    if (!gl) throw new Error("no WebGL");
    this.#gl = gl;
    this.#points = points;
    this.#some = points.count;
    const program = programOf(gl);
    gl.useProgram(program);
    const at = (name: string) => gl.getUniformLocation(program, name);
    this.#uniforms = { sight: at("sight"), range: at("range"), size: at("size"), bright: at("bright") };
    bind(gl, gl.getAttribLocation(program, "place"), points.places, 3, gl.FLOAT, false);
    const light = gl.getAttribLocation(program, "light");
    if (points.brightness) bind(gl, light, points.brightness, 1, gl.UNSIGNED_BYTE, true);
    else if (light >= 0) gl.vertexAttrib1f(light, 1);
    gl.enable(gl.DEPTH_TEST);
    gl.clearColor(...BACK, 1);
  }

  /** Paint what is seen; `moving`: another picture follows at once. */
  paint(canvas: HTMLCanvasElement, sight: Sight, frame: Frame, look: Look, moving: boolean): void {
    const gl = this.#gl;
    const finest = Math.min(devicePixelRatio || 1, 2);
    const [wide, high] = [Math.max(1, Math.round(frame.width * finest)), Math.max(1, Math.round(frame.height * finest))];
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    const { low, high: top, count, brightness } = this.#points;
    gl.viewport(0, 0, wide, high);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(this.#uniforms.sight, false, matrixOf(sight, frame, 2_000 + 4 * Math.hypot(...top) + 4 * Math.hypot(...low)));
    gl.uniform3f(this.#uniforms.range, low[2], Math.max(0.5, top[2] - low[2]), look.floor ?? -1e30);
    gl.uniform1f(this.#uniforms.size, Math.min(4, Math.max(1.5, sight.scale / 18)) * finest);
    gl.uniform1i(this.#uniforms.bright, Number(look.colouring === "intensity" && brightness !== null));
    gl.drawArrays(gl.POINTS, 0, moving ? Math.min(this.#some, count) : count);
  }

  /** A picture in motion took so long: the next one has as many points as can be painted in time. */
  took(milliseconds: number): void {
    const fits = (this.#some * IN_TIME) / Math.max(1, milliseconds);
    this.#some = Math.round(Math.min(this.#points.count, Math.max(FEWEST, milliseconds > IN_TIME ? fits : this.#some * 1.2)));
  }

  /** Give the graphics card's memory back: a page has several clouds, and browsers few contexts. */
  close(): void {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function programOf(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "no program");
  return program;
}

function bind(gl: WebGL2RenderingContext, location: number, data: Float32Array | Uint8Array, width: number, type: number, normalised: boolean): void {
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  if (location < 0) return;
  gl.enableVertexAttribArray(location);
  gl.vertexAttribPointer(location, width, type, normalised, 0, 0);
}
