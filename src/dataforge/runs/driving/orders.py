"""What a run orders as a platform's commands: items with what they hold, files as the platform calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from dataforge.data.places import Rows
from dataforge.data.tables import cells, column_of
from dataforge.errors import Refused
from dataforge.platforms import Platform
from dataforge.records import AddItems, Command, Deal, Item, Learn, Recheck, Republish, SetState, Withhold
from dataforge.runs.core.columns import Places, among
from dataforge.runs.core.folder import placed_file
from dataforge.runs.core.log import AddRange, Check, Close, Open, Order
from dataforge.runs.driving.view import RunView

__all__ = ["Orders", "refused_for_good"]

ROWS = Rows("the run's items")


class Orders:
    """The orders of one run as the commands of its platform."""

    def __init__(self, view: RunView, platform: Platform) -> None:
        self._view = view
        self._platform = platform
        self._media = view.folder.media()
        self._media_slots = [slot.name for slot in view.task.inputs if slot.type.media]

    def commands(self, order: Order) -> list[Command]:
        """What the platform is sent for an order, at once; items that it has refused are left out."""
        match order:
            case AddRange():
                places = self._view.state.places_of(order)
                places = places[~among(places, self._view.state.refused_items)]
                items = [self._begun(item) for item in self._view.records(places, order.wanted)]
                added = AddItems(order.key, tuple(map(self._with_media, items)))
                return [added, *self._withheld(order.key, places)]
            case Close(key):
                return [SetState(key, "closed")]
            case Open(key):
                return [SetState(key, "open")]
            case Republish():
                return [replace(order, publication=self._view.folder.on_platform(order.publication))]
            case Check():
                raise AssertionError("checks are for another run")
        return [order]

    def _begun(self, item: Item) -> Item:
        """The item for nobody yet, if its draft is judged before anybody mends it."""
        state = self._view.state
        if (solutions := state.responses.solutions) is None or not item.draft:
            return item
        number = state.numbering.index[item.key]
        return replace(item, wanted=0) if solutions.with_draft(np.array([number]))[0] else item

    def referring(self, inputs: pa.Table) -> pa.Table:
        """Inputs of items with what their local files are called on the platform."""
        table = inputs
        for name in self._media_slots:
            column = column_of(list(map(self._reference, cells(table, name))), name, ROWS)
            table = table.set_column(table.column_names.index(name), *column)
        return table

    def _withheld(self, order: str, places: Places) -> list[Command]:
        """That some of the items are not for those who answered what they show."""
        workers = self._view.withheld(places)
        return [Withhold(f"{order}-withheld", workers)] if workers else []

    def _with_media(self, item: Item) -> Item:
        """The item with what its local files are called on the platform."""
        if not self._media_slots:
            return item
        references = {name: self._reference(item.inputs[name]) for name in self._media_slots if name in item.inputs}
        inputs = {**item.inputs, **references}
        return replace(item, inputs=inputs)

    def _reference(self, value: Any) -> Any:
        if not isinstance(value, dict) or "file" not in value:
            return value
        path = value["file"]
        if path not in self._media:
            # Who has added the item has uploaded its file, unless an older version did.
            self._media = {**self._media, **self._view.folder.media()}
        if path not in self._media:
            self._media[path] = self._platform.attach(Path(path))
        return placed_file(value, self._media)


def refused_for_good(order: Order, refusal: Refused) -> bool:
    """Whether a platform will refuse this command whenever it is sent, and no other: the run can go on without it."""
    if refusal.passing:
        return False
    if isinstance(order, Deal | Recheck | Learn):
        return True
    if isinstance(order, AddRange):
        return refusal.code == "item_invalid" and "item" in refusal.details
    if isinstance(order, Republish) and refusal.code == "run_differs":
        return True
    return refusal.status == 422 or refusal.code == "worker_unknown"
