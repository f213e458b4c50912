/** Cuboids and cameras, against values by hand. */

import { expect, test } from "vitest";
import { Hand } from "../hand.svelte";
import { axesOf, cornersOf, countInside, fittedTo, toJson, turnedBy, withFace, wrapped, type Cuboid, type Vec } from "./cuboid";
import { Editor } from "./editor.svelte";
import { unpacked } from "./points";
import { cameraOf, frustumOf, placeAhead, projection, type Camera } from "./projection";
import { ABOVE, likewise, placeAt, seenAt, type Sight } from "./sight";

const CAR: Cuboid = { label: "car", centre: [10, 0, 1], size: [4, 2, 1.5], heading: 0 };
/** In the origin, looking along x: its right is -y, its down is -z. */
const CAMERA: Camera = { extrinsic: [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1], intrinsic: [1000, 0, 500, 0, 1000, 400, 0, 0, 1] };
const close = (one: readonly number[] | null, other: readonly number[]): void => other.forEach((number, place) => expect(one?.[place]).toBeCloseTo(number, 6));

test("the corner that is front, left and above is where it is by hand", () => {
  close(cornersOf(CAR)[0]!, [12, 1, 1.75]);
  close(cornersOf({ ...CAR, heading: Math.PI / 2 })[0]!, [9, 2, 1.75]);
});

test("a known corner is seen at a known pixel, and what is behind the camera nowhere", () => {
  const at = projection(CAMERA, [0, 0, 0]);
  // A metre to the left at twelve metres is 1000 / 12 pixels left of the middle; above is less.
  close(at([12, 1, 1.75]), [500 - 1000 / 12, 400 - 1750 / 12]);
  expect(at([-12, 1, 1])).toBeNull();
  expect(at([0.01, 0, 0])).toBeNull();
  expect(at([1, 50, 0])).toBeNull();
  close(projection(CAMERA, [12, 0, 0])([0, 1, 1.75]), [500 - 1000 / 12, 400 - 1750 / 12]);
});

test("a lens bends as Brown and Conrady say", () => {
  const at = projection({ ...CAMERA, distortion: [0.1, 0.01, 0.001, 0.002, 0] }, [0, 0, 0]);
  const [x, y, far] = [-0.1, -0.2, 0.05];
  const times = 1 + 0.1 * far + 0.01 * far * far;
  close(at([10, 1, 2]), [500 + 1000 * (x * times + 0.002 * x * y + 0.002 * (far + 2 * x * x)), 400 + 1000 * (y * times + 0.001 * (far + 2 * y * y) + 0.004 * x * y)]);
});

test("what is seen at a pixel lies where the pixel is seen, through a bent lens and from elsewhere too", () => {
  close(placeAhead(CAMERA, [500 - 1000 / 12, 400 - 1750 / 12], 12, [0, 0, 0]), [12, 1, 1.75]);
  const odd: Camera = { ...CAMERA, extrinsic: [0, -1, 0, 0.5, 0, 0, -1, 1.5, 1, 0, 0, -0.2, 0, 0, 0, 1], distortion: [0.1, 0.01, 0.001, 0.002, 0] };
  close(projection(odd, [3, 2, 1])(placeAhead(odd, [420, 310], 7, [3, 2, 1])), [420, 310]);
  const { near, far } = frustumOf(CAMERA, [400, 300, 600, 500], [0, 0, 0]);
  close(near[0]!, [1, 0.1, 0.1]);
  close(far[2]!, [80, -8, -8]);
});

test("a camera without a calibration, and one that is none, draws nothing", () => {
  expect(cameraOf({ front: CAMERA }, "left")).toBeNull();
  expect(cameraOf(null, "front")).toBeNull();
  expect(cameraOf({ front: { extrinsic: [1], intrinsic: [] } }, "front")).toBeNull();
  expect(cameraOf({ front: CAMERA }, "front")).toBe(CAMERA);
});

test("directions are turned by roll, then by pitch, then by the heading", () => {
  const [along, across, up] = axesOf({ ...CAR, heading: Math.PI / 2, tilt: [Math.PI / 2, 0] });
  close(along, [0, 1, 0]);
  close(across, [0, 0, 1]);
  close(up, [1, 0, 0]);
});

test("a heading is wrapped to above minus half a turn", () => {
  expect(wrapped(-Math.PI)).toBeCloseTo(Math.PI);
  expect(wrapped(4)).toBeCloseTo(4 - 2 * Math.PI);
  expect(turnedBy({ ...CAR, heading: 3 }, 1).heading).toBeCloseTo(4 - 2 * Math.PI);
});

test("a face that is dragged leaves the opposite one where it is", () => {
  const longer = withFace(CAR, 0, -1, 1);
  expect(longer.size).toEqual([5, 2, 1.5]);
  expect(longer.centre[0] + 2.5).toBeCloseTo(12);
  expect(withFace(CAR, 0, 1, -99).size[0]).toBeGreaterThan(0);
});

test("a box is fitted to the points of its thing, and where there are none it is not", () => {
  const points: number[] = [];
  for (let x = 8; x <= 12; x += 0.25) for (let y = -1; y <= 1; y += 0.25) for (const z of [0.3, 1.7]) points.push(x, y, z);
  for (let x = 0; x < 20; x += 0.5) points.push(x, 0.1, 0.3, x, -4, 0.3);
  const fitted = fittedTo({ ...CAR, centre: [10.2, 0.1, 1], size: [3.8, 1.8, 1.4] }, Float32Array.from(points));
  close(fitted!.centre, [10, 0, 1]);
  close(fitted!.size, [4, 2, 1.4]);
  expect(countInside(fitted!, Float32Array.from(points))).toBeGreaterThan(150);
  expect(fittedTo(CAR, new Float32Array())).toBeNull();
});

test("places are told in millimetres from the origin of the cloud", () => {
  expect(toJson([{ ...CAR, centre: [0.12345, 0, 0] }], [6_000_000, 0, 0])[0]!.centre).toEqual([6_000_000.123, 0, 0]);
});

test("what is seen at a spot is at that place, from above and aslant", () => {
  const frame = { width: 800, height: 600 };
  for (const elevation of [ABOVE, 0.6]) {
    const sight: Sight = { target: [3, -2, 0.5], azimuth: 0.7, elevation, scale: 20 };
    const place: Vec = [5, 1, 0.2];
    close(placeAt(sight, frame, seenAt(sight, frame)(place), 0.2), place);
  }
  // From above x is up and y to the left.
  const [x, y] = seenAt({ target: [0, 0, 0], azimuth: 0, elevation: ABOVE, scale: 10 }, frame)([2, 3, 9]);
  close([x, y], [400 - 30, 300 - 20]);
});

test("what is no cloud is refused", () => {
  expect(() => unpacked(new ArrayBuffer(4))).toThrow();
  expect(() => unpacked(new ArrayBuffer(100))).toThrow();
});

const none = { places: new Float32Array(), brightness: null, count: 0, total: 0, origin: [0, 0, 0], low: [0, 0, 0], high: [0, 0, 0] } as const;

test("undo takes back what the pointer holds, and nothing else is lost by going on", () => {
  const told: unknown[] = [];
  const editor = new Editor(none, [], false, new Hand("car"), false, (value) => told.push(value));
  editor.drop([10, 0, 0], 0);
  const first = editor.cuboids;
  editor.hold({ ...first[0]!, heading: 1 });
  editor.undo();
  expect(editor.cuboids).toEqual(first);
  editor.settle();
  expect(told.at(-1)).toEqual(first);
  editor.undo();
  expect(editor.cuboids).toEqual([]);
  // The pointer is still down.
  editor.hold({ ...first[0]!, heading: 2 });
  editor.settle();
  editor.redo();
  expect(told.at(-1)).toEqual(first);
});

test("a cuboid that was just drawn keeps its label when the next one's is tapped; one that was chosen takes it", () => {
  const editor = new Editor(none, [], false, new Hand("car"), false, () => undefined);
  const labels = () => editor.cuboids.map(({ label }) => label);
  editor.drop([0, 0, 0], 0);
  editor.nudge([1, 0, 0]);
  editor.setLabel("bus", "tap");
  editor.drop([9, 0, 0], 0);
  expect(labels()).toEqual(["car", "bus"]);
  editor.pick(0);
  editor.setLabel("bus", "tap");
  expect(labels()).toEqual(["bus", "bus"]);
  editor.drop([18, 0, 0], 0);
  editor.tool = "move";
  editor.setLabel("car", "tap");
  expect(labels()).toEqual(["bus", "bus", "car"]);
});

test("a key of a label names the cuboid that was just drawn, and the next one where none was", () => {
  const editor = new Editor(none, [], false, new Hand("car"), false, () => undefined);
  const labels = () => editor.cuboids.map(({ label }) => label);
  editor.setLabel("bus", "key");
  editor.drop([0, 0, 0], 0);
  expect(labels()).toEqual(["bus"]);
  editor.setLabel("car", "key");
  editor.drop([9, 0, 0], 0);
  editor.setLabel("bus", "key");
  expect(labels()).toEqual(["car", "bus"]);
  editor.choose(-1);
  editor.setLabel("car", "key");
  editor.drop([18, 0, 0], 0);
  expect(labels()).toEqual(["car", "bus", "car"]);
});

test("the next cloud is looked at as the last one: from the same side, and as near where somebody had gone nearer", () => {
  const whole: Sight = { target: [5, 5, 0], azimuth: 0, elevation: ABOVE, scale: 3 };
  const last = { target: [2, 3, 1], azimuth: 1, elevation: 0.5, scale: 20 } as const;
  expect(likewise(whole, { ...last, near: true }, [0, 0, 0], [10, 10, 5])).toEqual(last);
  expect(likewise(whole, { ...last, near: false }, [0, 0, 0], [10, 10, 5])).toEqual({ ...whole, azimuth: 1, elevation: 0.5 });
  expect(likewise(whole, { ...last, near: true }, [3, 0, 0], [10, 10, 5])).toEqual({ ...last, target: [5, 5, 0] });
  expect(likewise({ ...whole, scale: 30 }, { ...last, near: true }, [0, 0, 0], [10, 10, 5]).scale).toBe(30);
});
