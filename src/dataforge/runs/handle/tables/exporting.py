"""A run's answers in the formats of others: which are written; files appear whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dataforge import registry
from dataforge.errors import DataError, RunError
from dataforge.files.textfiles import local_path
from dataforge.formats.base import Format, Labelled, Labels
from dataforge.runs.core.columns import Places
from dataforge.runs.driving.view import RunView
from dataforge.runs.driving.ways import way_of
from dataforge.runs.handle.tables.columns import item_columns
from dataforge.runs.handle.tables.files import WRITERS
from dataforge.runs.handle.tables.solutions import counting_rows
from dataforge.tasks.task import Slot
from dataforge.workspace import media_path

__all__ = ["RunFiles", "export"]

# How the name of a file ends in which a folder is packed.
PACKED = ".zip"


def export(view: RunView, form: str, path: str | Path, output: str | None = None) -> Path:
    """Write the answers to one question in a format; the file, or the folder, appears whole or not at all.

    A folder is packed where the path ends in `.zip`.
    """
    path = local_path(path, RunError)
    if form.lower() not in registry.names("formats") and (writer := WRITERS.get(f".{form.lower()}")):
        raise RunError(f"{form} is no format of others but a table: run.{writer}(…) writes it")
    written: Format = registry.load("formats", form)
    _check_place(path, form, written)
    labels = _labels(view, _asked(view, form, written, output))
    if not written.several:
        _refuse_several(labels, form)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    packed = aside.with_name(f"{aside.name}{PACKED}")
    try:
        if not written.ending:
            aside.mkdir(parents=True)
        written.write(labels, aside)
        if not written.ending and path.suffix.lower() == PACKED:
            shutil.make_archive(str(aside), PACKED[1:], aside)
            packed.replace(path)
        else:
            if path.is_dir():
                path.rmdir()  # empty, as was seen
            aside.replace(path)
    except OSError as error:
        raise RunError(f"answers cannot be written to {str(path)!r}: {error.strerror or error}") from error
    except (DataError, UnicodeError) as error:
        raise RunError(f"answers cannot be written as {form}: {error}") from error
    finally:
        _remove(aside)
        packed.unlink(missing_ok=True)
    return path


def _check_place(path: Path, form: str, written: Format) -> None:
    """Raise `RunError` if the file's name does not end as is usual, or if there is something in the folder."""
    if written.ending and path.suffix.lower() != written.ending:
        raise RunError(f"{str(path)!r}: {form} is a file that ends in {written.ending}; choose another name")
    if written.ending or path.suffix.lower() == PACKED:
        return
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise RunError(f"{str(path)!r}: {form} is a new folder of files, and this is there; choose another name")


def _refuse_several(labels: Labels, form: str) -> None:
    """Raise `RunError` if all answers to an item are kept, and the format has room for one."""
    seen = set()
    for row in labels.rows:
        if row.id in seen:
            raise RunError(
                f"item {row.id!r} has several answers, and {form} holds one of each item; run.solutions() has them all"
            )
        seen.add(row.id)


def _asked(view: RunView, form: str, written: Format, output: str | None) -> Slot:
    """The output whose answers are written; raises `RunError` if there is none or more than one."""
    if output is not None:
        slot = view.task.output(output)
        if slot.type.name not in written.types:
            raise RunError(f"{form} holds {', '.join(written.types)}; {slot.name!r} is of the type {slot.type.name}")
        return slot
    found = [slot for slot in view.task.outputs if slot.type.name in written.types]
    if not found:
        there = ", ".join(map(str, view.task.outputs))
        raise RunError(f"{form} holds {', '.join(written.types)}; the run asks for {there}")
    if len(found) > 1:
        raise RunError(f"{form} holds the answers to one question; say which, output={found[0].name!r}")
    return found[0]


def _labels(view: RunView, output: Slot) -> Labels:
    """The answers to a question that are none that checks found wrong; where all were collected, all that count."""
    with view.lock:
        rows = list(_collected(view, output) if view.way == "collect" else _one_each(view, output))
        return Labels(view.description.name, output, _input_of(view, output), rows, view.task.inputs)


def _input_of(view: RunView, output: Slot) -> Slot | None:
    """The input that answers are about: the one that the type names, else the first file, else the first of all."""
    named = getattr(output.type, "of", None)
    there = {slot.name: slot for slot in view.task.inputs}
    if named in there:
        return there[named]
    media = [slot for slot in view.task.inputs if slot.type.media]
    return next(iter([*media, *view.task.inputs]), None)


def _one_each(view: RunView, output: Slot) -> Iterator[Labelled]:
    places = view.state.in_results()
    [outcome] = [one for one in view.quality.outcomes(places) if one.output == output.name]
    kept = np.array([value is not None for value in outcome.values], bool)
    if way_of(view.task, view.policy).with_verdicts:
        kept &= np.array(view.quality.verdicts(places), object) != "wrong"
    sure = [None if np.isnan(one) else float(one) for one in outcome.confidence[kept]]
    yield from _labelled(view, output, places[kept], outcome.values[kept], [(one, None) for one in sure])


def _collected(view: RunView, output: Slot) -> Iterator[Labelled]:
    rows = counting_rows(view)
    values = view.quality.given(rows)[output.name]
    kept = np.array([value is not None for value in values], bool)
    rows, values = rows[kept], values[kept]
    people = [view.state.workers[worker].id for worker in view.state.responses.workers(rows)]
    items = view.state.responses.item.values[rows].astype(np.int64)
    yield from _labelled(view, output, items, values, [(None, worker) for worker in people])


def _labelled(
    view: RunView, output: Slot, places: Places, values: Any, told: Sequence[tuple[float | None, str | None]]
) -> Iterator[Labelled]:
    """Answers to the items of these places beside their inputs, with the confidence and the worker of each."""
    of, files = _input_of(view, output), RunFiles(view)
    subject = "" if of is None else of.name
    frame = item_columns(view, places, [view.items.key_column, *(slot.name for slot in view.task.outputs)])
    columns = {name: frame[name].tolist() for name in frame.columns if name != view.items.key_column}
    records = view.items.records_at(places)
    pictures = [slot.name for slot in view.task.inputs if slot.type.media]
    for row, (record, answer, (confidence, worker)) in enumerate(zip(records, values, told, strict=True)):
        names = output.type.files_of(answer)
        file = files.stored(names[0]) if names else files.of(record.inputs.get(subject))
        more = {name: column[row] for name, column in columns.items() if name != subject}
        value = columns[subject][row] if subject in columns else None
        if isinstance(value, Mapping):
            # A file may be given by its reference.
            value = next(iter(value.values()))
        beside = {name: path for name in pictures if (path := files.of(record.inputs.get(name)))}
        yield Labelled(record.key, value, answer, confidence, worker, file, more, record.inputs, beside)


class RunFiles:
    """Where files of a run lie on this machine."""

    def __init__(self, view: RunView) -> None:
        self._media = view.folder.path.parent.parent / "media"
        self._uploaded = view.folder.media()

    def of(self, value: Any) -> Path | None:
        """The file of an input in JSON form: the one that was given, else the copy of it."""
        if not isinstance(value, Mapping):
            return None
        own = value.get("file")
        if own is not None and Path(own).exists():
            return Path(own)
        name = value.get("media") or self._uploaded.get(own or "", {}).get("media")
        return None if name is None else self.stored(name)

    def stored(self, name: str) -> Path | None:
        """The stored file of that name; None if it is in another workspace."""
        path = media_path(self._media, name)
        return path if path.exists() else None


def _remove(aside: Path) -> None:
    if aside.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink(missing_ok=True)
