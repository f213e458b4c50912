"""Texts joined or chosen."""

from dataforge.aggregation.texts.rover import ROVER
from dataforge.aggregation.texts.text_hrrasa import TextHRRASA
from dataforge.aggregation.texts.text_rasa import TextRASA

__all__ = ["ROVER", "TextHRRASA", "TextRASA"]
