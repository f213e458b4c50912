"""A published run as the server works with it: read from the database once, then kept."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cached_property

import msgspec

from dataforge.errors import SpecError
from dataforge.markdown import render_markdown
from dataforge.records import Money, Publication, Texts
from dataforge.server.errors import ApiError
from dataforge.server.store import runs as store
from dataforge.task import Task

__all__ = ["Run", "Runs", "check_publication"]

# A billion units in millionths: sums of it stay whole numbers in JSON readers that know only doubles.
MOST_MONEY = 10**15


@dataclass(frozen=True)
class Run:
    """A run's publication and what follows from it."""

    id: int
    name: str
    created: float
    publication: Publication

    @property
    def size(self) -> int:
        """How many items a full page has."""
        return self.publication.real_per_page + self.publication.control_per_page

    @property
    def price(self) -> Money:
        """The price of a full page."""
        return self.publication.prices[self.size - 1]

    @cached_property
    def task(self) -> Task:
        """The task, which knows how to check answers."""
        try:
            return Task.from_spec(self.publication.task)
        except SpecError as error:
            # It was right when it was published: since then a package with an object type has gone.
            raise ApiError(503, "task_unreadable", str(error)) from None

    @cached_property
    def instruction_html(self) -> Texts:
        """The instruction in each language as sanitised HTML."""
        return instruction_html(self.publication.task.instruction)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return tuple(field.name for field in self.publication.task.inputs)

    @cached_property
    def has_media(self) -> bool:
        """Whether any input may be an uploaded file."""
        return any(slot.type.media for slot in self.task.inputs)

    @cached_property
    def sides(self) -> tuple[tuple[str, str, str], ...]:
        """Per question that compares two inputs: its output, and the names of its left and right input."""
        compared = [(slot.name, slot.type.settings()) for slot in self.task.outputs if slot.type.name == "side_by_side"]
        return tuple((name, settings["left"], settings["right"]) for name, settings in compared)


def instruction_html(instruction: Texts) -> Texts:
    """An instruction in Markdown as sanitised HTML, per language."""
    return {language: render_markdown(text) for language, text in instruction.items()}


class Runs:
    """Runs by name and by number; a run's publication never changes, so what was read once stays right."""

    def __init__(self) -> None:
        self.names: dict[str, Run] = {}
        self.numbers: dict[int, Run] = {}

    def by_name(self, db: sqlite3.Connection, name: str) -> Run:
        """The run of that name; raises `ApiError` 404 if there is none."""
        found = self.names.get(name)
        if found is None:
            row = store.by_name(db, name)
            if row is None:
                raise ApiError(404, "run_unknown", f"there is no run named {name!r}")
            found = self.keep(row)
        return found

    def by_id(self, db: sqlite3.Connection, number: int) -> Run:
        """The run of that number."""
        return self.numbers.get(number) or self.keep(store.by_id(db, number))

    def keep(self, row: store.RunRow) -> Run:
        """Remember the run as stored."""
        run = Run(row.id, row.name, row.created, msgspec.json.decode(row.publication, type=Publication))
        self.names[run.name] = self.numbers[run.id] = run
        return run


def check_publication(publication: Publication) -> None:
    """Raise `ApiError` 422 if the publication cannot work, with what is wrong and how to mend it."""
    sizes = publication.real_per_page + publication.control_per_page
    wrong = None
    if publication.real_per_page < 1:
        wrong = f"real_per_page: expected at least 1, got {publication.real_per_page}"
    elif publication.control_per_page < 0:
        wrong = f"control_per_page: expected 0 or more, got {publication.control_per_page}"
    elif len(publication.prices) < sizes:
        wrong = f"prices: expected one for each page size up to {sizes}, got {len(publication.prices)}"
    elif not 0 <= min(publication.prices) <= max(publication.prices) <= MOST_MONEY:
        wrong = f"prices: expected amounts of 0 to {MOST_MONEY:,}, got {list(publication.prices)[:5]}"
    elif not publication.lease > 0:
        wrong = f"lease: expected more than 0 seconds, got {publication.lease:g}"
    elif publication.budget is not None and not 0 <= publication.budget <= MOST_MONEY:
        wrong = f"budget: expected 0 to {MOST_MONEY:,}, or none, got {publication.budget}"
    if wrong is None:
        try:
            Task.from_spec(publication.task)
        except SpecError as error:
            wrong = f"task: {error}"
    if wrong is not None:
        raise ApiError(422, "publication_invalid", wrong)
