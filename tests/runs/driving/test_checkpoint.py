"""What a driver knew after a part of the log: read on from there, or passed over where the log does not bear it out."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.runs.core.story import Story

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.records import Event, PageSkipped
from dataforge.runs.core.checkpoint import saved_state
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import read_entries
from dataforge.runs.core.state import NOT_FINAL
from dataforge.runs.driving import checkpoint
from dataforge.runs.driving import view as driving
from dataforge.runs.driving.checkpoint import read_checkpoint, worth_keeping
from dataforge.runs.driving.view import RunView


def opened(folder: RunFolder) -> RunView:
    view = RunView.open(folder)
    view.catch_up()
    view.feed.close()
    return view


def known_of_state(view: RunView) -> dict[str, Any]:
    """All that is known of events; what is shown of it, and what is still to be, is the driver's own affair."""
    state = view.state
    state.changed_workers.clear()
    state.shown_overlaps.values[:], state.shown_finals.values[:] = 0, NOT_FINAL
    found = {
        name: json.loads(array.tobytes()) if name.endswith("plain") else np.nan_to_num(array, nan=-1).tolist()
        for name, array in saved_state(state).items()
    }
    return found | {
        "keys": list(state.numbering.keys),
        "to_add": list(state.to_add),
        "pages out": dict(state.pages.number),
        "workers": dict(state.worker_number),
    }


def believed(view: RunView) -> list[Any]:
    places = np.arange(len(view.state.numbering))
    rows = np.arange(len(view.state.responses))
    [outcome] = view.quality.outcomes(places)
    sure = np.round(np.nan_to_num(outcome.confidence, nan=-1), 3).tolist()
    skills = np.round(np.nan_to_num(view.quality.skills(np.arange(len(view.state.workers)))), 3).tolist()
    mean = round(view.quality.mean_confidence or 0, 3)
    given = view.quality.given(rows)["answer"].tolist()
    return [outcome.values.tolist(), sure, mean, skills, given, view.quality.counts()]


def test_who_reads_on_from_a_checkpoint_knows_what_the_whole_log_tells(folder: RunFolder) -> None:
    read_on = opened(folder)
    folder.checkpoint.unlink()
    from_the_beginning = opened(folder)
    assert known_of_state(read_on) == known_of_state(from_the_beginning)
    assert believed(read_on) == believed(from_the_beginning)
    assert 0 < read_on.state.pages_rejected < read_on.state.pages_accepted
    assert any(isinstance(event, PageSkipped) for event in events(folder))


def events(folder: RunFolder) -> list[Event]:
    return [event for entry, _ in read_entries(folder.log) for event in getattr(entry, "events", ())]


def test_of_a_run_that_is_over_little_more_than_the_checkpoint_is_read(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    monkeypatch.setattr(driving, "read_entries", lambda *given: read.append(given[1]) or read_entries(*given))
    opened(folder)
    assert [type(entry).__name__ for entry, _ in read_entries(folder.log, read[0])] == ["Shown"]


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    place = content.index(b"state.ordered.npy") + 170
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("damage", [cut, flipped, lambda content: b"", lambda content: b"no checkpoint" * 99])
def test_a_damaged_checkpoint_is_passed_over(folder: RunFolder, damage: Callable[[bytes], bytes]) -> None:
    labels = open_run(folder).labels().drop(columns="confidence")
    folder.checkpoint.write_bytes(damage(folder.checkpoint.read_bytes()))
    assert read_checkpoint(folder) is None
    assert open_run(folder).labels().drop(columns="confidence").equals(labels)


def test_a_checkpoint_of_another_log_is_passed_over(folder: RunFolder) -> None:
    log = folder.log.read_bytes()
    kept = folder.checkpoint.read_bytes()
    # The log as an older copy has it, and the same gone on in another way until it is longer than before.
    older = log[: log.rindex(b'{"entry":"final"')]
    for other in (older, older + b'{"entry":"ticked","at":1750000000.5}\n' * 200):
        folder.log.write_bytes(other)
        assert read_checkpoint(folder) is None
    folder.log.write_bytes(log)
    assert kept == folder.checkpoint.read_bytes()
    assert read_checkpoint(folder) is not None


def test_a_checkpoint_of_another_version_is_passed_over(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_checkpoint(folder) is not None
    monkeypatch.setattr(checkpoint, "FORMAT", checkpoint.FORMAT + 1)
    assert read_checkpoint(folder) is None


def open_run(folder: RunFolder) -> df.Run:
    return df.Run(folder, folder.describe(), lambda: SimulatedPlatform([]))


@pytest.mark.parametrize(
    ("new", "least", "fitted", "worth"),
    [
        (9, 5, False, False),
        (10, 5, False, True),
        (10, 11, False, False),
        (4, 5, True, False),
        (5, 5, True, True),
        (4, 4, True, False),
    ],
)
def test_a_checkpoint_waits_for_answers_that_are_worth_writing_all_items_again(
    new: int, least: int, fitted: bool, worth: bool
) -> None:
    state = Story(real=40).state
    assert worth_keeping(state, new, least, fitted=fitted) is worth
    state.ending = "done"
    assert worth_keeping(state, new, least, fitted=fitted) is (fitted and new >= least)


def test_a_checkpoint_that_lacks_what_is_known_today_is_passed_over(folder: RunFolder) -> None:
    whole = known_of_state(opened(folder)), believed(opened(folder))
    with np.load(folder.checkpoint) as file:
        stored = {name: file[name] for name in file.files}
    for lacking in ("vouching._answered", "state.told_at", "quality.figures.stated"):
        arrays = dict(stored)
        if arrays.pop(lacking, None) is None:
            part, _, value = lacking.rpartition(".")
            plain = json.loads(arrays[f"{part}.plain"].tobytes())
            del plain[value]
            arrays[f"{part}.plain"] = np.frombuffer(json.dumps(plain).encode(), np.uint8)
        with folder.checkpoint.open("wb") as file:
            np.savez(file, **arrays)
        assert read_checkpoint(folder) is not None
        assert (known_of_state(opened(folder)), believed(opened(folder))) == whole
