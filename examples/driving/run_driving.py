"""The pipeline launched, with simulated people who know the given cuboids, and its results beside these.

python run_driving.py FOLDER [--people]    FOLDER is one of SUSTechPOINTS; simulated people answer, or those who join
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from driving import driving, kind, objects, outline, same, solid, well_drawn  # type: ignore[import-not-found]

import dataforge as df
from dataforge.metrics import match_cuboids
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.simulation import skilled

SIZE, FARTHEST, SMALLEST = (2048, 1536), 45, 32  # of pictures; what is asked about: metres away, pixels high


class Known:
    """The cuboids that each picture shows, the boxes around them, and the right answers."""

    def __init__(self, scenes: Sequence[Any], given: Sequence[Any], boxes: Any) -> None:
        self.boxes, self.pairs = boxes, dict[str, list[Any]]()
        for scene, cuboids in zip(scenes, given, strict=True):
            view = df.Scene().of_item(df.Scene().to_json(scene))
            pairs = zip(cuboids, view.frames("front", cuboids, SIZE), strict=True)
            seen = [(one, frame) for one, frame in pairs if frame and frame[3] - frame[1] >= SMALLEST]
            picture = sha256(Path(view.front).read_bytes()).hexdigest()
            self.pairs[picture] = [pair for pair in seen if math.hypot(*pair[0]["centre"][:2]) < FARTHEST]

    def __call__(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        right: Any
        pairs = self.pairs[(inputs.get("front") or inputs["thing"])["media"].partition(".")[0]]
        drawn = {"width": SIZE[0], "height": SIZE[1], "shapes": [{"box": frame} for _, frame in pairs]}
        if "thing" in inputs:
            right = pairs[nearest(inputs["thing"]["crop"], pairs, 1)][0]["label"]
        elif "hint" in inputs:
            right = [pairs[nearest(inputs["hint"]["shapes"][0]["box"], pairs, 1)][0]]
        elif "solids" in inputs:
            boxes = {nearest(shape["box"], pairs, 1): place for place, shape in enumerate(inputs["found"]["shapes"])}
            solids = {nearest(cuboid["centre"], pairs, 0): place for place, cuboid in enumerate(inputs["solids"])}
            right = [{"from": solids[one], "to": boxes[one]} for one in sorted(solids.keys() & boxes.keys())]
        elif "found" in inputs:
            named = [{"label": cuboid["label"], "box": frame} for cuboid, frame in pairs]
            right = self.boxes.similarity(inputs["found"], {**drawn, "shapes": named}) >= 0.75
        else:
            right = drawn if "kinds" in inputs else sorted({cuboid["label"] for cuboid, _ in pairs})
        return {"answer": right}


def nearest(place: Sequence[float], pairs: Sequence[Any], side: int) -> int:
    places = [pair[1] if side else pair[0]["centre"] for pair in pairs]
    return min(range(len(pairs)), key=lambda number: math.dist(place, places[number]))


def main() -> Any:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="with lidar, camera, calib and label, as SUSTechPOINTS has them")
    parser.add_argument("--people", action="store_true", help="print links by which people join")
    given = parser.parse_args()
    tasks = [objects, outline, kind, well_drawn, solid, same]
    kinds = {option["value"]: option["value"] for option in solid.outputs[0].type.settings()["options"]}
    frame = df.read_sustech(solid, given.folder / "label", labels=kinds)
    camera = {"front": str(given.folder / "calib/camera/front.json")}
    scenes = [
        {"cloud": cloud, "front": str(given.folder / "camera/front" / f"{name}.jpg"), "cameras": camera}
        for name, cloud in zip(frame["id"], frame["cloud"], strict=True)
    ]
    known = Known(scenes, frame["answer"].tolist(), well_drawn.input("found").type)
    crowd = [SimulatedWorker(f"w{n}", skilled(tasks, 0.95 - 0.02 * (n % 6))) for n in range(12)]
    policy = df.Policy(overlap=3, page=(1, 0), speed=())
    merged = policy.changed(quality="merge")
    run = df.launch(
        driving,
        [{"id": name, "scene": scene} for name, scene in zip(frame["id"], scenes, strict=True)],
        policy=policy,
        policies={objects: merged, outline: merged, same: merged, solid: policy.changed(quality="check", overlap=1)},
        platform=None if given.people else SimulatedPlatform(crowd, known, seed=1),
    )
    run.wait()
    labels = run.labels()
    print(labels[["id", "confidence", "flag", "error"]].to_string(index=False))
    for name, solids, found, links, pairs in zip(
        labels["id"], labels["solids"], labels["found"], labels["links"], known.pairs.values(), strict=True
    ):
        match = match_cuboids(solids, [cuboid for cuboid, _ in pairs])
        print(
            f"{name}: {len(pairs)} things, {len(found['shapes'])} boxes, {len(links)} links; cuboids: "
            f"recall {match.recall:.2f}, IoU {match.iou:.2f}, {math.degrees(match.heading):.1f}° off"
        )
    print(run.flow().to_string(index=False))
    print(run.cost()[["paid", "per_item"]].to_string())
    run.close()
    return run


if __name__ == "__main__":
    main()
