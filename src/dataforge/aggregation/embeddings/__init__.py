"""Outputs of any kind, chosen by their embeddings."""

from dataforge.aggregation.embeddings.closest_to_average import ClosestToAverage
from dataforge.aggregation.embeddings.hrrasa import HRRASA
from dataforge.aggregation.embeddings.rasa import RASA
from dataforge.aggregation.embeddings.similarity import glue_similarity

__all__ = ["HRRASA", "RASA", "ClosestToAverage", "glue_similarity"]
