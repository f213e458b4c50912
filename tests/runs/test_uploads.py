"""Local files of items on their way to the platform."""

from pathlib import Path

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.uploads import upload


@df.task(duration="10s")
def clear(photo: df.Image) -> bool:
    """Is it clear?"""
    raise NotImplementedError


def test_files_are_uploaded_in_an_order_that_tells_no_folder_from_another(tmp_path: Path) -> None:
    rows: dict[str, list[dict[str, object]]] = {"control": [], "photos": []}
    for folder, listed in rows.items():
        (tmp_path / folder).mkdir()
        for number in range(40):
            path = tmp_path / folder / f"{number}.png"
            path.write_bytes(b"\x89PNG\r\n\x1a\n" + f"{folder} {number}".encode())
            listed.append({"photo": str(path)})
    known = [{**row, "answer": True} for row in rows["control"]]
    items = df.Items.join(df.read_items(clear, rows["photos"]), df.read_items(clear, known, control=True))
    platform = SimulatedPlatform()
    upload(RunFolder(tmp_path / "run"), items.files(), lambda: platform, show=False)
    order = [content[8:].decode().split()[0] for content in platform.media.values()]
    assert len(order) == 80
    # Of the first half chance gives 20 to each folder, and fewer than 10 once in 100,000 times.
    assert 10 <= order[:40].count("control") <= 30
