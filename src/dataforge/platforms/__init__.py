"""Where workers work: one file per platform."""

from dataforge.platforms.base import Platform

__all__ = ["Platform"]
