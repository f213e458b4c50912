"""The start of a run that compares items, and how another process finds it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataforge.comparing.asking import Comparison
from dataforge.comparing.record import Asked, What, asked_in, load_items, save
from dataforge.comparing.sides import PairKey, Sides, plain
from dataforge.data.items import Items
from dataforge.data.reading import read_items
from dataforge.errors import RunError, SpecError
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.pricing.price import run_price_clear
from dataforge.records import MICRO
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.launch import Launch, launch
from dataforge.runs.handle.run import open_run
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

__all__ = ["Wanted", "opened", "started"]

MOST_ITEMS = 3_000
CALLED = {"rank": "df.rank", "cluster": "df.cluster"}


@dataclass(frozen=True)
class Wanted:
    """What a call of `rank` or `cluster` asks for."""

    what: What
    items: Any
    sides: Sides
    column: str
    shared: Mapping[str, Any]
    confidence: float
    pairs: int | None
    usual_pairs: Callable[[int], int]
    ahead: int | None
    top: int | None
    seed: int

    def read(self) -> tuple[Items, dict[str, Any]]:
        """The items, checked, two at least; and the values that pairs share, as another process reads them as well."""
        self.sides.check_shared(self.shared, self.what)
        task = self.sides.item_task(self.column)
        items = self.items if isinstance(self.items, Items) else read_items(task, self.items)
        if not 2 <= items.count <= MOST_ITEMS:
            advice = "there is nothing to compare it with" if items.count < 2 else "take a sample, or parts of them"
            raise SpecError(f"{self.what}: expected 2 to {MOST_ITEMS:,} items, got {items.count:,}; {advice}")
        if self.top is not None and self.top >= items.count:
            raise SpecError(f"{self.what}: top={self.top} of {items.count} items are all of them; ask for fewer")
        # What is wrong with a pair is said before anything is started.
        [row] = self.sides.rows(items, [PairKey(0, 0, 1)], self.shared)
        checked = self.sides.task.check_inputs({name: value for name, value in row.items() if name != "id"})
        return items, {name: plain(checked[name]) for name in self.shared if name in checked}

    def asked(self, n_items: int, page: int, shared: dict[str, Any]) -> Asked:
        """What is written down of it."""
        if not 0.5 < self.confidence < 1:
            raise SpecError(f"{self.what}: confidence is a share above .5 and below 1, got {self.confidence:g}")
        pairs = self.usual_pairs(n_items) if self.pairs is None else self.pairs
        if pairs < n_items - 1:
            raise SpecError(
                f"{self.what}: {n_items} items are linked by {n_items - 1} pairs at least, got pairs={pairs}"
            )
        ahead = max(n_items // 2, 2 * page) if self.ahead is None else self.ahead
        if ahead < 1:
            raise SpecError(f"{self.what}: ahead is how many pairs are out at once, 1 at least; got {ahead}")
        return Asked(self.what, self.column, pairs, self.confidence, ahead, self.top, shared, self.seed)


def started(
    wanted: Wanted,
    policy: Policy | str | None,
    budget: float | None,
    control: Any,
    *,
    name: str | None,
    platform: Platform | str | None,
    workspace: str | Path | Workspace | None,
    progress: bool,
) -> Comparison:
    """The run that asks for it: a new one, or that of the name, which compares the same items."""
    items, shared = wanted.read()
    wanted.asked(items.count, 1, shared)
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    if name is not None:
        _refuse_others(RunFolder.of(place, name), wanted, items, shared)
    run = launch(
        Launch(
            wanted.sides.task,
            control=control,
            policy=_alone(policy),
            budget=budget,
            name=name,
            platform=platform,
            workspace=place,
            open=True,
            progress=progress,
        )
    )
    folder = RunFolder.of(place, run.name)
    asked = wanted.asked(items.count, folder.describe().publication.real_per_page, shared)
    save(folder.path, asked, items)
    if progress:
        print(f"  {items.count} items are compared, by at most {asked.pairs:,} pairs: {_cost(asked.pairs, folder)}")
    return Comparison(run, folder, wanted.sides, items, asked)


def _cost(pairs: int, folder: RunFolder) -> str:
    """What so many pairs cost, in words: a run that is fed has no items at its launch of which it could be said."""
    description = folder.describe()
    publication, policy = description.publication, Policy.from_json(description.policy)
    real = publication.real_per_page
    page = publication.prices[real + publication.control_per_page - 1] / MICRO
    low, high = run_price_clear(pairs, page, real, policy.commission, (policy.min_overlap, policy.max_overlap))
    least, most = (money(amount, policy.currency)["en"] for amount in (low, high))
    return f"{most} if all are asked" if least == most else f"{least} to {most} if all are asked"


def _alone(policy: Policy | str | None) -> Policy:
    """The policy with one worker for each pair, if it does not say how many: a further pair tells more than a further
    opinion on the same."""
    found = policy if isinstance(policy, Policy) else Policy() if policy is None else Policy.preset(policy)
    return found if found.overlap is not None else found.changed(overlap=1)


def _refuse_others(folder: RunFolder, wanted: Wanted, items: Items, shared: dict[str, Any]) -> None:
    """Raise `RunError` if the run that is there does not compare the same items for the same purpose."""
    if not folder.exists:
        return
    asked = asked_in(folder.path)
    if asked is None:
        with closing(folder.feed()) as feed:
            fed = feed.state().fed
        if fed or not folder.describe().open:
            raise RunError(
                f"run {folder.name!r} is there already, and was not launched by {CALLED[wanted.what]}; choose another "
                "name"
            )
        return
    before = load_items(folder.path, wanted.sides.item_task(asked.column))
    if asked.what != wanted.what or asked.shared != shared or not _same(before, items):
        raise RunError(
            f"run {folder.name!r} is there already and compares other items, or for something else; choose another "
            "name, or give the items that it was begun with to go on with it"
        )


def _same(one: Items, two: Items) -> bool:
    name = one.task.inputs[0].name
    other = two.task.inputs[0].name
    return (
        list(one.keys) == list(two.keys) and one.values.column(name).to_pylist() == two.values.column(other).to_pylist()
    )


def opened(
    what: What, sides_of: Callable[[Task], Sides], name: str, workspace: str | Path | Workspace | None
) -> Comparison:
    """The comparison of a run that is there, by its name; raises `RunError` if the run is none."""
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    run = open_run(name, place)
    folder = RunFolder.of(place, run.name)
    asked = asked_in(folder.path)
    if asked is None or asked.what != what:
        raise RunError(
            f"run {name!r} was not launched by {CALLED[what]}; {CALLED[what]}(items, by=task, name=…) makes one"
        )
    sides = sides_of(folder.describe().task())
    return Comparison(run, folder, sides, load_items(folder.path, sides.item_task(asked.column)), asked)
