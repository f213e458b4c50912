"""Point cloud: places that a laser or a camera has measured, from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from dataforge.arguments import named_entry
from dataforge.errors import DataError
from dataforge.media.point_clouds import EXTENSIONS, read_cloud
from dataforge.objects._drawn import with_figures, written
from dataforge.objects._from_above import seen_from_above
from dataforge.objects._media import Media
from dataforge.objects.base import shorten

__all__ = ["PointCloud"]


@named_entry
@dataclass(frozen=True, eq=False)
class PointCloud(Media):
    """A cloud of points from a PCD, PLY, NumPy file, or a `.bin` of KITTI or nuScenes; z is up, in metres.

    Files only: a page that shows a cloud has to read it, which browsers refuse of what lies elsewhere on the web.
    """

    name: ClassVar[str] = "point_cloud"
    kind = "cloud"
    part = "piece"
    reading_seconds: ClassVar[float] = 20.0
    extensions: ClassVar[tuple[str, ...]] = EXTENSIONS

    def check_input(self, value: Any) -> dict[str, str]:
        """`{"media"}` as it came; raises `DataError` for addresses on the web."""
        checked = super().check_input(value)
        if "url" in checked:
            raise DataError(
                f"expected a file of this machine, got the address {shorten(checked['url'])}; save it first"
            )
        return checked

    def to_json(self, value: Any) -> dict[str, str]:
        """`{"file"}` for a file that can be read and has points, `{"media"}` as it is."""
        found = super().to_json(value)
        if "url" in found:
            raise DataError(f"expected a file of this machine, got the address {shorten(found['url'])}; save it first")
        if "file" in found:
            path = Path(found["file"])
            try:
                read_cloud(path)
            except DataError as error:
                raise DataError(f"the cloud {str(path)[-200:]!r} cannot be shown: {error}") from None
        return found

    def of_item(self, value: Any) -> Any:
        """The path of the cloud, as a pipeline's function has it."""
        return value["file"] if value.keys() == {"file"} else value

    def _part(self, part: Any, path: Path | None) -> list[float]:
        raise DataError(f"a cloud is shown whole, got a piece of it, {shorten(part)}")

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The points from above, where their file is at hand."""
        view = seen_from_above(value, np.zeros((0, 2)))
        return (
            with_figures(view.picture, view.size, (), (), none="") + view.told if view.picture else written("(cloud)")
        )

    def looking_seconds(self, value: Any) -> float:
        """What is usual: how large a file is does not tell how much there is to see."""
        return self.reading_seconds


PLUGIN = PointCloud
