"""What mergers take: answers whose numbers fit."""

import numpy as np
import pytest

from dataforge.aggregation.merging.base import Answers
from dataforge.errors import AggregationError


def test_answers_name_items_and_workers_that_there_are() -> None:
    one = np.array([0])
    Answers([5], one, one, item_count=1, worker_count=1, known={0: 5})
    with pytest.raises(AggregationError, match=r"workers need to be 0\.\.0, got 1\.\.1"):
        Answers([5], one, one + 1, item_count=1, worker_count=1)
    with pytest.raises(AggregationError, match="one entry per answer, got 2, 1 and 1"):
        Answers([5, 6], one, one, item_count=1, worker_count=1)
    with pytest.raises(AggregationError, match=r"known need to be 0\.\.0, got -1\.\.-1"):
        Answers([5], one, one, item_count=1, worker_count=1, known={-1: 5})
