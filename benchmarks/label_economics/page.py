"""The document: how it was measured, every table, and pictures; in English and in Russian."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from costs import mean_of_sets
from pictures import cost_curves, reliability
from policies import PRESENT, REFERENCE
from reference import COMMIT
from report import interval, sections, table
from results import Results
from words import in_english, in_russian

__all__ = ["About", "write_pages"]

NAME = "label-economics"
LANGUAGES: Mapping[str, Callable[[str], str]] = {"": in_english, ".ru": in_russian}
SET_HEADS = ("set", "part", "items", "workers", "labels", "answers an item", "accuracy of majority of five")
PART_HEADS = ("policy", "development", "judging", "all")


@dataclass(frozen=True)
class About:
    """What was measured: of each set the cells of `SET_HEADS`, how many seeds, how many items at most; what was not."""

    sets: Mapping[str, Sequence[str]]
    seeds: int
    most_items: int
    unfit: Mapping[str, str]


def write_pages(docs: Path, about: About, recorded: Results, by_item: Results, simulated: Results) -> None:
    """Write the document in both languages, and its pictures beside it; `by_item`: the recorded answers dealt so."""
    (docs / "images").mkdir(exist_ok=True)
    for ending, said in LANGUAGES.items():
        for what, picture in (("curves", cost_curves), ("reliability", reliability)):
            (docs / "images" / f"{NAME}-{what}{ending}.svg").write_text(picture(recorded, said), "utf-8")
        frame = Path(__file__).with_name(f"page{ending}.md").read_text("utf-8")
        text = frame.format(
            commit=COMMIT[:8],
            seeds=about.seeds,
            most=about.most_items,
            unfit="; ".join(f"{name}: {said(why)}" for name, why in about.unfit.items()) or "–",
            sets=translated(said, SET_HEADS, [[name, *map(said, cells)] for name, cells in about.sets.items()]),
            parts=translated(said, PART_HEADS, part_rows(about, recorded)),
            **tables("recorded", said, recorded),
            **tables("by_item", said, by_item),
            **tables("simulated", said, simulated),
        )
        (docs / f"{NAME}{ending}.md").write_text(text, "utf-8")


def tables(prefix: str, said: Callable[[str], str], results: Results) -> dict[str, str]:
    """All tables by the names that the frame of the document has for them."""
    return {f"{prefix}_{name}": translated(said, one.heads, one.rows) for name, one in sections(results).items()}


def translated(said: Callable[[str], str], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return table([said(head) for head in heads], [[said(cell) for cell in row] for row in rows])


def part_rows(about: About, results: Results) -> list[list[str]]:
    """What the loops pay on each half of the sets."""
    rows = []
    for policy in (REFERENCE, PRESENT):
        if policy in results.policies:
            costs = results.beside_majority(policy)
            halves = (
                {name: cost for name, cost in costs.items() if part in ("all", about.sets[name][0])}
                for part in PART_HEADS[1:]
            )
            rows.append([policy, *(interval(mean_of_sets(half)) for half in halves)])
    return rows
