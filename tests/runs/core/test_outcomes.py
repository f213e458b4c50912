"""What came out of an output: which items have an answer."""

import numpy as np

from dataforge.runs.core.quality import Outcome


def test_an_optional_output_that_is_answered_with_nothing_has_an_answer() -> None:
    values = np.array(["red", None, None, "blue"], object)
    found = Outcome("colour", values, np.array([0.9, 0.8, np.nan, np.nan], np.float32))
    # Nobody has answered the third; of the last nothing is claimed.
    assert found.there.tolist() == [True, True, False, True]
