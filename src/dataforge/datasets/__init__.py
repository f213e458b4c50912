"""Public sets of crowd answers with true labels, downloaded once."""

from dataforge.datasets.load_dataset import get_datasets_list, load_dataset

__all__ = ["get_datasets_list", "load_dataset"]
