"""An assistant at an address: asked with JSON over HTTP, as models that need a machine of their own are."""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from time import monotonic
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

import numpy as np
from numpy.typing import NDArray

from dataforge.assistants._prompt import Prompt
from dataforge.geometry.pixel_runs import counts_of, pixels_of, runs_of

__all__ = ["Remote", "is_address"]

# Whoever waits longer has painted it by hand.
PATIENCE = 10.0
# A reply is runs of one mask, read piece by piece.
MOST_BYTES, PIECE = 4 << 20, 1 << 16


def is_address(name: str) -> bool:
    """Whether a name is an address."""
    return name.startswith(("http://", "https://"))


class _Stay(HTTPRedirectHandler):
    """Goes nowhere but where the requester said."""

    def redirect_request(self, *_: Any) -> None:
        """None: a reply that leads elsewhere is an error."""


class Remote:
    """Sends `{"picture": PNG in base64, "points": [[x, y, in]], "box": [left, top, right, bottom] or null}`.

    The reply is `{"counts": …}`, runs as COCO writes them, on a picture of the same size.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def __call__(self, picture: NDArray[np.uint8], prompt: Prompt) -> NDArray[np.bool_]:
        """The mask that the address replies."""
        asked = {"picture": _png(picture), "points": prompt.points, "box": prompt.box}
        request = Request(self._address, json.dumps(asked).encode(), {"Content-Type": "application/json"})
        until, text = monotonic() + PATIENCE, b""
        with build_opener(_Stay).open(request, timeout=PATIENCE) as reply:
            while piece := reply.read1(PIECE):
                text += piece
                if len(text) > MOST_BYTES or monotonic() > until:
                    raise TypeError(f"expected a reply of at most {MOST_BYTES:,} bytes within {PATIENCE:g} seconds")
        found: Any = json.loads(text)
        if not isinstance(found, dict) or not isinstance(found.get("counts"), str):
            raise TypeError('expected {"counts": "…"}, runs as COCO writes them')
        height, width = picture.shape[:2]
        return pixels_of(runs_of(counts_of(found["counts"]), width * height), width, height)


def _png(picture: NDArray[np.uint8]) -> str:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(picture).save(file, "png", compress_level=1)
    return b64encode(file.getvalue()).decode()
