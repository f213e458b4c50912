"""What several people gave who are right together stands against judges who err."""

import numpy as np

from dataforge.runs.core.solutions import RIGHT, UNCHECKED, WRONG
from dataforge.runs.quality._voices import Voices, with_several


def test_only_what_several_gave_and_is_right_more_probably_stands_against_judges() -> None:
    # By response: the solution that it is, and who gave it. Worker 2 gives one of them twice.
    solution, worker = np.array([5, 5, 3, 3, 9, 7, 7]), np.array([0, 1, 2, 2, 3, 4, 5])
    voices = Voices.among(solution, np.array([1, 1, 1, 1, 1, 2, 2]), worker, {})
    assert voices.alone.tolist() == [False, False, True, True, True, False, False]
    assert (voices.item.tolist(), voices.people.tolist()) == ([1, 1, 2, 1], [1, 2, 2, 1])
    found = np.array([WRONG, WRONG, WRONG, WRONG, WRONG, UNCHECKED, UNCHECKED], np.int8)
    likely = np.array([0.8, 0.8, 0.8, 0.8, 0.8, np.nan, np.nan])
    assert with_several(found, likely, voices).tolist() == [RIGHT, RIGHT, WRONG, WRONG, WRONG, UNCHECKED, UNCHECKED]
    assert with_several(found, likely / 2, voices).tolist() == found.tolist()
    assert with_several(found, likely, None).tolist() == found.tolist(), "of drafts that were left nothing is told"
