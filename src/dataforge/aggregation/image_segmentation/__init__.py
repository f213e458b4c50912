"""Masks joined pixel by pixel."""

from dataforge.aggregation.image_segmentation.segmentation_em import SegmentationEM
from dataforge.aggregation.image_segmentation.segmentation_majority_vote import SegmentationMajorityVote
from dataforge.aggregation.image_segmentation.segmentation_rasa import SegmentationRASA

__all__ = ["SegmentationEM", "SegmentationMajorityVote", "SegmentationRASA"]
