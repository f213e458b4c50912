"""Where workers work: one file per platform."""

from dataforge.platforms.base import Platform, RunKeeper

__all__ = ["Platform", "RunKeeper"]
