"""Answers cleaned before or after aggregation."""

from dataforge.postprocessing.entropy_threshold import entropy_threshold

__all__ = ["entropy_threshold"]
