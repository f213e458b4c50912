"""What is printed while one waits for a run in a terminal."""

from __future__ import annotations

import pytest
from tests.test_cards import status

from dataforge.catalogue import Said
from dataforge.runs.driving.status import RunStatus
from dataforge.runs.handle.holding.display import watching


def test_a_notice_whose_figures_move_is_printed_once_and_once_more_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def told(*texts: str, ended: bool = False) -> RunStatus:
        return status(notices=tuple(Said({"en": text}) for text in texts), ended=ended)

    with watching("photos", enabled=True) as watch:
        watch.show(told("trusted to 0.918"))
        watch.show(told("trusted to 0.925", "3 workers hurry"))
        watch.show(told("trusted to 0.894", "4 workers hurry"))
        watch.show(told("trusted to 0.893", "4 workers hurry", ended=True))
        watch.show(told("trusted to 0.893", "4 workers hurry", ended=True))
    printed = capsys.readouterr().err.split("\n")
    assert [line for line in printed if line] == [
        "trusted to 0.918",
        "3 workers hurry",
        "trusted to 0.893",
        "4 workers hurry",
    ]
