"""How long files play is looked at once, unless they could not be read."""

from __future__ import annotations

import hashlib

from tests.clips import HEIGHT, WIDTH, made

from dataforge.films import film_of
from dataforge.server.lengths import _look
from dataforge.workspace import media_path


def test_a_film_that_could_not_be_read_for_a_moment_is_looked_at_again(tmp_path, monkeypatch):
    content = made(tmp_path / "clip.mp4", 10).read_bytes()
    name = f"{hashlib.sha256(content).hexdigest()}.mp4"
    path = media_path(tmp_path, name)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    looked = []

    def busy(path):
        looked.append(path)
        if len(looked) == 1:
            raise OSError(24, "Too many open files")
        return film_of(path)

    monkeypatch.setattr("dataforge.server.lengths.film_of", busy)
    assert "frames" not in _look(tmp_path, {name}).get(name, {})
    for _ in range(2):
        told = _look(tmp_path, {name})[name]
        assert (told["width"], told["height"], told["frames"]) == (WIDTH, HEIGHT, 10)
    assert len(looked) == 2
