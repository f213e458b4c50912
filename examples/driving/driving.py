# What a car sees: which objects, boxes, classes, cuboids, checks of both, and 3D linked to 2D.
from asyncio import gather
from typing import Annotated, Any

import dataforge as df


class Kind(df.Choice):
    CAR, VAN, BUS, TRUCK, RIDER, PEDESTRIAN = "Car", "Van", "Bus", "Truck", "Rider", "Pedestrian"


Boxes = Annotated[dict[str, Any], df.Boxes(Kind)]
Cuboids = Annotated[list[Any], df.Cuboids(Kind)]
Links = Annotated[list[Any], df.Links("solids", "found", single=True)]


@df.task(duration="10s")
def objects(front: df.Image) -> set[Kind]:
    """Which of these are in the picture?"""


@df.task(duration="2m")
def outline(front: df.Image, kinds: df.Text) -> Annotated[dict[str, Any], df.Boxes()]:
    """Draw a box around each thing of these **kinds**."""


@df.task(duration="5s")
def kind(thing: df.Image) -> Kind:
    """What is in the frame?"""


@df.task(duration="20s")
def well_drawn(front: df.Image, found: Boxes) -> bool:
    """Has each thing its box, and is each named rightly?"""


@df.task(duration="1m")
def solid(cloud: df.PointCloud, front: df.Image, cameras: df.Calibration, hint: Boxes) -> Cuboids:
    """Put a cuboid around the thing that is in the yellow box."""


@df.task(duration="30s")
def same(front: df.Image, cameras: df.Calibration, solids: Cuboids, found: Boxes) -> Links:
    """Which cuboid is in which box?"""


@df.pipeline(to_authors=[kind, solid, same])  # only who judges, well_drawn, may not have drawn it
async def driving(scene: df.Scene) -> dict[str, Any]:
    kinds = ", ".join((await objects(scene.front)).answer) or "none"
    for _ in range(3):
        drawn = (await outline(scene.front, kinds)).answer
        named = await gather(*(kind(scene.front.crop(box)) for box in drawn["shapes"]))
        boxes = [{**box, "label": name.answer} for box, name in zip(drawn["shapes"], named, strict=True)]
        if (await well_drawn(scene.front, found := {**drawn, "shapes": boxes})).answer:
            break
    put = await gather(*(solid(scene.cloud, scene.front, scene.cameras, [box]) for box in boxes))
    solids = [cuboid for one in put for cuboid in one.answer or ()]
    return {"found": found, "solids": solids, "links": (await same(scene.front, scene.cameras, solids, found)).answer}
