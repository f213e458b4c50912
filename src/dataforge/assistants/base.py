"""What an assistant is: a picture and what a worker points at in, the pixels that are meant out.

A file of this folder is an assistant and has the name by which `df.Mask(…, assist=…)` asks for it; other packages offer
theirs through entry points of the group `dataforge.assistants`, each a function of these two arguments.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dataforge.assistants._prompt import Prompt
from dataforge.assistants._remote import Remote, is_address
from dataforge.registry import load

__all__ = ["Assistant", "Prompt", "assistant_of", "checked_mask"]


class Assistant(Protocol):
    """Who makes masks. Whatever it raises, the worker reads that it failed, and paints by hand."""

    def __call__(self, picture: NDArray[np.uint8], prompt: Prompt, /) -> Any:
        """The mask of what is meant, booleans of the shape (height, width).

        `picture` is in red, green and blue, shape (height, width, 3), turned as people see it.
        """
        ...


def assistant_of(name: str) -> Assistant:
    """The assistant of that name, or at an address; raises `UnknownName` or `PluginError`."""
    if is_address(name):
        return Remote(name)
    found: Assistant = load("assistants", name)
    return found


def checked_mask(found: Any, picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What an assistant gave, if it is a mask of the picture; raises `TypeError`."""
    mask = np.asarray(found)
    if mask.shape != picture.shape[:2] or mask.dtype.kind not in "biu":
        raise TypeError(f"expected booleans of the shape {picture.shape[:2]}, got {mask.dtype} of {mask.shape}")
    return mask.astype(np.bool_)
