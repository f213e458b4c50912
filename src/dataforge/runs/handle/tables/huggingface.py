"""A run's labels as a data set of Hugging Face: files as pictures and sounds, options as classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.data.tables import is_missing
from dataforge.errors import MissingDependency
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables.exporting import RunFiles
from dataforge.runs.handle.tables.results import labels, names_of_labels
from dataforge.tasks.task import Slot

if TYPE_CHECKING:
    from datasets import Dataset

__all__ = ["to_huggingface"]

# What it calls files of each kind.
FEATURES = {"image": "Image", "audio": "Audio", "video": "Video", "recording": "Audio"}


def to_huggingface(view: RunView) -> Dataset:
    """The columns of `labels` for all items with an answer; files are read when a row is."""
    try:
        import datasets
    except ImportError as error:
        raise MissingDependency("to_huggingface needs: pip install 'dataforge-labeling[huggingface]'") from error
    with view.lock:
        frame = labels(view)
        names = names_of_labels(view.task, view.policy, view.items)
        inputs = [record.inputs for record in view.items.records_at(view.state.in_results())]
        files = RunFiles(view)
    kept = frame[names.answers].notna().any(axis=1).to_numpy()
    columns = {name: [_plain(value) for value in frame.loc[kept, name]] for name in frame.columns}
    for slot in view.task.inputs:
        if slot.type.media:
            found = [files.of(one.get(slot.name)) for one, keep in zip(inputs, kept, strict=True) if keep]
            if all(found):
                columns[slot.name] = [str(path) for path in found]
    found = datasets.Dataset.from_dict(columns)
    outputs = dict(zip(names.answers, view.task.outputs, strict=True))
    for name, slot in {**{slot.name: slot for slot in view.task.inputs}, **outputs}.items():
        feature = _feature(slot, columns[name], datasets) if name in columns else None
        if feature is not None:
            found = found.cast_column(name, feature)
    return found


def _feature(slot: Slot, values: list[Any], datasets: Any) -> Any:
    """What a column is to be: files that are all here, or classes of texts; None: as it is."""
    there = [value for value in values if value is not None]
    options = slot.type.labels()
    if options is not None and all(isinstance(option, str) for option in options):
        return datasets.ClassLabel(names=list(options)) if all(one in options for one in there) else None
    kind = FEATURES.get(str(slot.type.settings().get("kind", slot.type.name)))
    here = kind is not None and there and all(isinstance(one, str) and Path(one).is_file() for one in there)
    return getattr(datasets, kind)() if here and kind is not None else None


def _plain(value: Any) -> Any:
    """A value as Arrow takes it: nothing in place of what is missing, and every number in a list a float."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [float(one) if isinstance(one, int) and not isinstance(one, bool) else _plain(one) for one in value]
    if hasattr(value, "isoformat") or isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        return value.item()
    return None if is_missing(value) else value
