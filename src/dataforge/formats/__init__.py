"""Labels in the formats of others: one file for each, which writes the answers of a run and reads known answers."""

from dataforge.formats.base import Format, Labelled, Labels

__all__ = ["Format", "Labelled", "Labels"]
