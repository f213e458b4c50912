"""A cluster whose tables by worker are cut into slices of workers, each of which is summed and maximised by itself.

The parts of one machine share codes of their own for their workers. A machine gets the rows of these workers from each
slice and sends the sums of the same rows back to it, so a whole table goes through nobody, the client least of all.
A table that is one frame of a message of Dask's is not cut, as messages to several would take longer than the sums.

Tables are made by tasks, like all that stays on a cluster. What an iteration leaves would have to be made from the
first one on after a death, so from time to time it goes through the client, a slice after another, and starts anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Places
from dataforge.aggregation.distributed.cluster import FAN_IN, Cluster, in_tree, stored
from dataforge.aggregation.kernels.engine import PerPart, added
from dataforge.aggregation.kernels.parts import Part

__all__ = ["Cut", "cut", "slices_of"]

S = TypeVar("S", bound=tuple[Any, ...])

# So many iterations are made again at most when a machine dies.
LASTING_EVERY = 10


@dataclass(frozen=True, slots=True, eq=False)
class _ByWorker:
    """A table by worker on a cluster: futures of the rows of each slice of workers."""

    pieces: Sequence[Any]


class _Machine(NamedTuple):
    """The parts of a machine, and their workers: `places` are futures of the codes that those of a slice have in it.

    None stands for all of a slice; `ends` are where slices end among the machine's workers.
    """

    address: str
    parts: Sequence[int]
    ends: Places
    places: Sequence[Any | None]


@dataclass(frozen=True, slots=True, eq=False)
class Cut(Cluster):
    """An engine that keeps tables by worker in slices: slice i has the workers `bounds[i]` up to `bounds[i + 1]`."""

    machines_of_tables: Sequence[_Machine]
    bounds: Sequence[int]

    @property
    def n_slices(self) -> int:
        """In how many slices tables by worker are kept."""
        return len(self.bounds) - 1

    def summed(self, step: Callable[..., S], *values: Any) -> S:
        """As `total`, but that the first field, a table by worker, stays in slices; no value is a large array."""
        found = self._mapped(step, values)
        sums = [in_tree(self.client, added, [found[i] for i in machine.parts]) for machine in self.machines_of_tables]
        rest = in_tree(self.client, added, self.client.map(_without_table, sums, pure=False))
        table = _ByWorker([self._added_slice(sums, i) for i in range(self.n_slices)])
        whole: S = self.client.gather(rest)
        return _with_table(whole, table)

    def fetched(self, table: _ByWorker) -> NDArray[Any]:
        """A table by worker as an array."""
        return np.concatenate(self.client.gather(list(table.pieces)))

    def nothing(self, n_rows: int, columns: int) -> _ByWorker:
        """Zeros, shape (n_rows, columns)."""
        sizes = [(last - first) * (n_rows // self.n_workers) for first, last in pairwise(self.bounds)]
        return _ByWorker([self.client.submit(np.zeros, (size, columns), pure=False) for size in sizes])

    def by_worker(self, step: Callable[..., Any], *values: Any) -> _ByWorker:
        """The step's result for each slice, left where the slice is."""
        return _ByWorker(self._of_slices(step, values))

    def over_workers(self, step: Callable[..., S], *values: Any) -> S:
        """The sum over slices, added up in a tree on the cluster."""
        found: S = self.client.gather(in_tree(self.client, added, self._of_slices(step, values)))
        return found

    def lasting(self, table: _ByWorker, iteration: int) -> _ByWorker:
        """The table, every few iterations made to outlive what it was made from."""
        if iteration % LASTING_EVERY or not iteration:
            return table
        return _ByWorker([stored(self.client, self.client.gather(piece)) for piece in table.pieces])

    def _of_slices(self, step: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
        pieces = [value.pieces if isinstance(value, _ByWorker) else [value] * self.n_slices for value in values]
        futures: list[Any] = self.client.map(step, *pieces, pure=False)
        return futures

    def _mapped(self, step: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
        dealt = [self._rows_of_parts(value) if isinstance(value, _ByWorker) else value for value in values]
        return Cluster._mapped(self, step, dealt)

    def _rows_of_parts(self, table: _ByWorker) -> PerPart:
        """The rows of each part's workers, of which the parts of one machine have one table."""
        pieces: list[Any] = [None] * len(self.parts)
        for machine in self.machines_of_tables:
            rows = self._rows_of(machine, table)
            for i in machine.parts:
                pieces[i] = rows
        return PerPart(pieces)

    def _rows_of(self, machine: _Machine, table: _ByWorker) -> Any:
        slices = [
            piece if place is None else self.client.submit(_rows_at, piece, place, last - first, pure=False)
            for piece, place, (first, last) in zip(table.pieces, machine.places, pairwise(self.bounds), strict=True)
        ]
        return slices[0] if len(slices) == 1 else self._on(machine, np.concatenate, slices)

    def _added_slice(self, sums: Sequence[Any], i: int) -> Any:
        """The rows of slice i, added up over the machines that have some of its workers."""
        size = self.bounds[i + 1] - self.bounds[i]
        level = []
        for whole, machine in zip(sums, self.machines_of_tables, strict=True):
            first, last = machine.ends[i : i + 2].tolist()
            if last > first or not size:
                rows = self.client.submit(_slice_of, whole, first, last, int(machine.ends[-1]), pure=False)
                level.append((rows, machine.places[i]))
        home = self.machines_of_tables[i % len(self.machines_of_tables)]
        while len(level) > 1 or level[0][1] is not None:
            batches = [level[first : first + FAN_IN] for first in range(0, len(level), FAN_IN)]
            level = [(self._on(home, _added_rows, *zip(*batch, strict=True), size), None) for batch in batches]
        return level[0][0]

    def _on(self, machine: _Machine, step: Callable[..., Any], *values: Any) -> Any:
        """The future of a step on a machine, or on another if that died."""
        values = tuple(list(value) if isinstance(value, tuple) else value for value in values)
        return self.client.submit(step, *values, workers=[machine.address], allow_other_workers=True, pure=False)


def slices_of(n_bytes: int, n_machines: int) -> int:
    """Into how many slices a table is cut: as many as frames of Dask's messages hold it, but not more than machines."""
    import dask
    from dask.utils import parse_bytes

    frame = parse_bytes(dask.config.get("distributed.comm.shard"))
    return max(1, min(n_machines, -(-n_bytes // frame)))


def cut(cluster: Cluster, numbers_by_worker: int) -> Cluster:
    """The same answers, where tables of so many numbers for each worker are cut if they are large."""
    held: dict[str, list[int]] = {}
    for i, address in enumerate(cluster.machines):
        held.setdefault(address, []).append(i)
    n = slices_of(8 * cluster.n_workers * numbers_by_worker, len(held))
    return cluster if n == 1 else _cut_into(n, cluster, held)


def _cut_into(n: int, cluster: Cluster, held: Mapping[str, Sequence[int]]) -> Cut:
    """The same with n slices; `held`: the parts of each machine."""
    client = cluster.client
    bounds = [cluster.n_workers * i // n for i in range(n + 1)]
    own = [client.submit(_workers_of, [cluster.parts[i] for i in parts], pure=False) for parts in held.values()]
    ends = client.gather(client.map(_ends, own, bounds=bounds, pure=False))
    machines = [
        _Machine(address, parts, end, _places(client, codes, end, bounds))
        for (address, parts), codes, end in zip(held.items(), own, ends, strict=True)
    ]
    of_part = {i: codes for parts, codes in zip(held.values(), own, strict=True) for i in parts}
    recoded = client.map(Part.of, cluster.parts, [of_part[i] for i in range(len(cluster.parts))], pure=False)
    kept = {each.name: getattr(cluster, each.name) for each in fields(cluster)}
    return Cut(**{**kept, "parts": recoded}, machines_of_tables=machines, bounds=bounds)


def _places(client: Any, own: Any, ends: Places, bounds: Sequence[int]) -> list[Any | None]:
    return [
        None if last - first == after - before else client.submit(_places_in, own, first, last, before, pure=False)
        for (first, last), (before, after) in zip(pairwise(ends.tolist()), pairwise(bounds), strict=True)
    ]


# --- steps ----------------------------------------------------------------------------------------


def _workers_of(parts: list[Part]) -> Codes:
    """Codes of the workers of any of these parts, ascending."""
    there = np.zeros(parts[0].n_workers, bool)
    for part in parts:
        there[part.worker] = True
    return np.flatnonzero(there).astype(np.int32)


def _ends(own: Codes, bounds: Sequence[int]) -> Places:
    return np.searchsorted(own, np.asarray(bounds))


def _places_in(own: Codes, first: int, last: int, before: int) -> Codes:
    return own[first:last] - np.int32(before)


def _rows_at(piece: NDArray[Any], places: Codes, n_workers: int) -> NDArray[Any]:
    """The rows of these of a slice's workers."""
    each = len(piece) // n_workers
    rows = places.astype(np.int64)[:, None] * each + np.arange(each)
    found: NDArray[Any] = piece.take(rows.ravel(), axis=0)
    return found


def _without_table(sums: S) -> S:
    return _with_table(sums, 0.0)


def _with_table(sums: S, table: Any) -> S:
    """The sums with another first field."""
    several = (table, *sums[1:])
    return type(sums)(*several) if hasattr(sums, "_fields") else type(sums)(several)


def _slice_of(sums: tuple[Any, ...], first: int, last: int, n_workers: int) -> NDArray[Any]:
    """The rows of a machine's workers `first` up to `last`."""
    table: NDArray[Any] = sums[0]
    each = len(table) // max(n_workers, 1)
    return table[first * each : last * each]


def _added_rows(pieces: list[NDArray[Any]], places: list[Codes | None], n_workers: int) -> NDArray[Any]:
    """Rows of some of a slice's workers each, added up to those of all."""
    each = len(pieces[0]) // max(n_workers if places[0] is None else len(places[0]), 1)
    shape = pieces[0].shape[1:]
    whole = np.zeros((n_workers, each, *shape))
    for piece, place in zip(pieces, places, strict=True):
        rows = piece.reshape(len(piece) // max(each, 1), each, *shape)
        if place is None:
            whole += rows
        else:
            whole[place] += rows
    return whole.reshape(n_workers * each, *shape)
