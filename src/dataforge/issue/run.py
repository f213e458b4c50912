"""A published run: what follows from its publication, and how it comes into a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from dataforge.errors import Refused, SpecError
from dataforge.issue.change import Transaction
from dataforge.issue.rows import RunRow
from dataforge.issue.store import Store
from dataforge.issue.training import faults
from dataforge.markdown import render_markdown
from dataforge.policy import Workers
from dataforge.records import Money, Publication, Texts
from dataforge.tasks.task import Task
from dataforge.tasks.wording import meaning_of

__all__ = [
    "MOST_MONEY",
    "Run",
    "Runs",
    "check_change",
    "check_publication",
    "instruction_html",
    "publish",
    "rename",
    "unknown_run",
]

# A billion units in millionths: sums of it stay whole numbers in JSON readers that know only doubles.
MOST_MONEY = 10**15
# What may differ in a publication that takes the place of another; of the task only the texts.
MAY_CHANGE = ("task", "budget", "lease", "languages", "most_waiting", "workers")
# A character beyond the basic plane is two escapes of six bytes.
ESCAPED = 12


@dataclass(frozen=True)
class Run:
    """A run's publication and what follows from it."""

    id: int
    name: str
    created: float
    publication: Publication
    revision: int = 0

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
            raise Refused(str(error), status=503, code="task_unreadable") from None

    @cached_property
    def answer_bytes(self) -> int | None:
        """How many bytes the answers to one item have at most as JSON, however escaped; None if nobody can tell."""
        longest = [(slot.name, slot.type.longest_answer()) for slot in self.task.outputs]
        lengths = [len(name) + length for name, length in longest if length is not None]
        return ESCAPED * (sum(lengths) + 20 * len(longest) + 20) if len(lengths) == len(longest) else None

    @cached_property
    def checking_steps(self) -> int:
        """About how many steps the check of answers takes for each of their characters."""
        return max(slot.type.checking_steps() for slot in self.task.outputs)

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
    def takes_files(self) -> bool:
        """Whether any answer is a file of the worker."""
        return any(slot.type.file_rules() is not None for slot in self.task.outputs)

    @cached_property
    def timed_inputs(self) -> tuple[str, ...]:
        """The inputs whose length is asked for where answers are checked."""
        return tuple({name for slot in self.task.outputs for name in slot.type.timed_inputs()})

    @cached_property
    def sides(self) -> tuple[tuple[str, str, str], ...]:
        """Per question that compares two inputs: its output, and the names of its left and right input."""
        compared = [(slot.name, slot.type.settings()) for slot in self.task.outputs if slot.type.name == "side_by_side"]
        return tuple((name, settings["left"], settings["right"]) for name, settings in compared)


def instruction_html(instruction: Texts) -> Texts:
    """An instruction in Markdown as sanitised HTML, per language."""
    return {language: render_markdown(text) for language, text in instruction.items()}


class Runs:
    """Runs by name and by number, as they were read last; of one that has changed since the store tells."""

    def __init__(self) -> None:
        self.numbers: dict[int, Run] = {}

    def by_name(self, store: Store, name: str) -> Run:
        """The run of that name; raises `Refused` 404 if there is none."""
        number = store.runs.number(name)
        if number is None:
            raise unknown_run(name)
        found = self.by_id(store, number)
        # Another server of the same store may have renamed it.
        return found if found.name == name else self.keep(store.runs.by_id(number))

    def by_id(self, store: Store, number: int) -> Run:
        """The run of that number."""
        found = self.numbers.get(number)
        if found is None or store.runs.revision(number) != found.revision:
            found = self.keep(store.runs.by_id(number))
        return found

    def keep(self, row: RunRow) -> Run:
        """Remember the run as stored."""
        run = Run(row.id, row.name, row.created, row.publication, row.revision)
        self.numbers[run.id] = run
        return run

    def forget(self, number: int) -> None:
        """Read the run anew when it is asked for next, for it was renamed or deleted."""
        self.numbers.pop(number, None)


def unknown_run(name: str) -> Refused:
    """The refusal of a name that no run has."""
    return Refused(f"there is no run named {name!r}", status=404, code="run_unknown")


def rename(transaction: Transaction[Store], name: str, new: str, identity: str) -> int | None:
    """Call a run otherwise, and give its number; None if it is called so already.

    Raises `Refused` 404 if neither name is of the run of that identity, 409 if another run has the new name.
    """
    runs = transaction.store.runs
    row, there = runs.by_name(name), runs.by_name(new)
    if row is None or row.publication.identity != identity:
        if there is not None and there.publication.identity == identity:
            return None
        raise unknown_run(name)
    if there is not None:
        raise Refused(f"another run is named {new!r} already; choose another name", status=409, code="run_differs")
    runs.rename(row.id, replace(row.publication, name=new))
    return row.id


def publish(transaction: Transaction[Store], publication: Publication) -> int | None:
    """Add the run and give its number; None if the same is already there, `Refused` 409 if another is."""
    known = transaction.store.runs.by_name(publication.name)
    if known is None:
        return transaction.store.runs.add(publication, transaction.now)
    if known.publication != publication:
        differ = _differing(known.publication, publication)
        raise Refused(_another_run(known.name, differ), status=409, code="run_differs", details={"fields": differ})
    return None


def check_change(there: Publication, changed: Publication) -> None:
    """Raise `Refused` unless a publication may take the place of another that people work by."""
    check_publication(changed)
    differ = [name for name in _differing(there, changed) if name not in MAY_CHANGE]
    if "training" in differ and there.training is not None and changed.training is not None:
        # Who is in the middle of a try goes on with its items.
        differ.remove("training")
    if not differ and meaning_of(there.task) != meaning_of(changed.task):
        differ = ["task"]
    if differ:
        raise Refused(
            f"the run {there.name!r} goes on with other texts, budget, lease, languages, workers or training items, "
            f"and not with another {', '.join(differ)}; launch another run",
            status=409,
            code="run_differs",
            details={"fields": differ},
        )


def _differing(one: Publication, other: Publication) -> list[str]:
    names = Publication.__struct_fields__
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def _another_run(name: str, differ: Sequence[str]) -> str:
    others = [field for field in differ if field != "identity"]
    if others:
        return (
            f"there is another run named {name!r}; it differs in: {', '.join(others)}; choose another name, or delete "
            "that run (`dataforge delete`)"
        )
    return (
        f"there is another run named {name!r}, launched at another time: answers to its items are no answers to this "
        "one's; choose another name, put its own folder back from a copy, or delete that run (`dataforge delete`)"
    )


def check_publication(publication: Publication) -> None:
    """Raise `Refused` 422 if the publication cannot work, with what is wrong and how to mend it."""
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
    elif not 0 <= publication.wage_floor <= MOST_MONEY:
        wrong = f"wage_floor: expected 0 to {MOST_MONEY:,} an hour, got {publication.wage_floor}"
    elif publication.budget is not None and not 0 <= publication.budget <= MOST_MONEY:
        wrong = f"budget: expected 0 to {MOST_MONEY:,}, or none, got {publication.budget}"
    if wrong is None:
        try:
            task = Task.from_spec(publication.task)
        except SpecError as error:
            wrong = f"task: {error}"
        else:
            wrong = None if publication.training is None else next(faults(task, publication.training), None)
    if wrong is None and publication.workers is not None:
        try:
            Workers.of_record(publication.workers)
        except SpecError as error:
            wrong = str(error)
    if wrong is not None:
        raise Refused(wrong, status=422, code="publication_invalid")
