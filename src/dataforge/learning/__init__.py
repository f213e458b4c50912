"""Deep learning from crowd answers; needs the extra `learning` (torch, and transformers for summaries)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from dataforge.arguments import no_attribute

if TYPE_CHECKING:
    from dataforge.learning.conal import CoNAL as CoNAL
    from dataforge.learning.crowd_layer import CrowdLayer as CrowdLayer
    from dataforge.learning.text_summarization import TextSummarization as TextSummarization

__all__ = ["CoNAL", "CrowdLayer", "TextSummarization"]

# Torch takes seconds to load: each name brings its own module when it is first used.
_HOMES = {
    "CoNAL": "dataforge.learning.conal",
    "CrowdLayer": "dataforge.learning.crowd_layer",
    "TextSummarization": "dataforge.learning.text_summarization",
}


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise no_attribute(__name__, name, __all__) from None
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
