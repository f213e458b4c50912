"""Where other workers judge answers, one person with many accounts gets no nonsense called right.

`pytest tests/adversary/test_judged.py -s --moments=1` prints figures of docs/security.md.
"""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from statistics import fmean

import pytest
from tests.adversary.judged import JudgedWorld, answers_nonsense

pytestmark = pytest.mark.trials


@pytest.mark.parametrize(
    ("judging", "listening", "control", "accounts", "honest", "share", "most"),
    [
        ("says yes to everything", "never", 0, 5, 10, 0.33, 0.15),
        ("says no to what looks made by a machine", "never", 12, 10, 0, 1.0, 0.0),
        ("judges the others well", "never", 6, 10, 20, 0.5, 0.05),
        pytest.param("judges the others well", "never", 12, 10, 20, 0.5, 0.05, marks=pytest.mark.thorough),
        ("judges the others well", "never", 6, 10, 0, 1.0, 0.0),
        ("judges the others well", "to what others of them had", 6, 10, 20, 0.5, 0.05),
        pytest.param(
            "judges the others well", "to what others of them had", 12, 10, 20, 0.5, 0.05, marks=pytest.mark.thorough
        ),
        pytest.param(
            "judges the others well", "to what others of them had", 24, 10, 20, 0.5, 0.05, marks=pytest.mark.thorough
        ),
        ("judges the others well", "to what others of them had", 6, 10, 0, 1.0, 0.0),
        pytest.param(
            "judges the others well", "to what others of them had", 12, 10, 0, 1.0, 0.0, marks=pytest.mark.thorough
        ),
    ],
)
def test_nonsense_that_its_author_finds_right_is_not_called_right(
    judging: str,
    listening: str,
    control: int,
    accounts: int,
    honest: int,
    share: float,
    most: float,
    pages: int,
    tmp_path: Path,
) -> None:
    found = []
    for seed in range(2 if pages < 200 else 8):
        with JudgedWorld(tmp_path / str(seed), items=100, control=control, seed=seed).open() as world:
            answers_nonsense(world, judging, accounts, honest, share, listening)
            found.append(world.outcome("account"))
    row = [fmean(column) for column in zip(*map(astuple, found), strict=True)]
    who = f"{accounts} accounts, {honest} others, {share:.0%}, {control} known, listens {listening}, {judging}"
    print(f"\n| {who} | {row[0]:.0f} | {row[1]:.1%} | {row[2]:.0%} | {row[3]:.0%} |")
    assert fmean(one.wrong_but_sure for one in found) <= most
    if control and not honest:
        assert not any(one.sure for one in found)
        assert listening != "never" or not any(one.answers_paid for one in found)
