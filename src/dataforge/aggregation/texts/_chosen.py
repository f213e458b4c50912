"""Texts out of chosen outputs."""

from __future__ import annotations

from typing import Any

import narwhals as nw

__all__ = ["chosen_texts"]


def chosen_texts(outputs: Any) -> Any:
    """The outputs as texts named `agg_text`, in the kind of table that came in."""
    if hasattr(outputs, "index") and hasattr(outputs, "iloc"):
        return outputs["output"].rename("agg_text")
    frame: nw.DataFrame[Any] = nw.from_native(outputs, eager_only=True)
    return frame.select("task", nw.col("output").alias("agg_text")).to_native()
