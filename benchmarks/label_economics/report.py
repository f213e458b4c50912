"""Tables of the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import NamedTuple

from costs import Interval, mean_of_sets
from figures import CLAIMS, Claim
from policies import DYNAMIC, REFERENCE, SCREENING, STATIC
from results import Results

__all__ = ["Section", "interval", "report", "sections", "table"]

CLOSE = 0.02


class Section(NamedTuple):
    """A table with a title; the first cell of each row names a policy."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def sections(results: Results) -> dict[str, Section]:
    """All tables by short names, from what is asked first to what explains it."""
    by_set = ("policy", *results.by_set)
    return {
        "cost": Section("Cost at the accuracy of majority of five", COST_HEADS, [*cost_rows(results)]),
        "claims": Section("Claimed and right", CLAIM_HEADS, [*claim_rows(results)]),
        "by_set": Section("Answers beside those of majority of five, by set", by_set, [*set_rows(results)]),
        "errors": Section("Calibration error by set", by_set, [*error_rows(results)]),
        "gaps_90": Section("Right less claimed of .90 and more, in points", by_set, [*gap_rows(results, 0.9)]),
        "gaps_95": Section("Right less claimed of .95 and more, in points", by_set, [*gap_rows(results, 0.95)]),
    }


def report(results: Results) -> str:
    """All tables, as Markdown."""
    parts = ((one.title, table(one.heads, one.rows)) for one in sections(results).values())
    return "\n\n".join(part for each in parts for part in each)


COST_HEADS = (
    "policy",
    "answers / majority of 5",
    "control answers counted",
    "/ best dynamic",
    "screening too",
    "/ reference loop",
    "never reach it",
)
CLAIM_HEADS = (
    "policy",
    *(f"{least:.2f}: {what}" for least in CLAIMS for what in ("share of items", "claimed", "right", "within 2 points")),
    "ECE",
)


def cost_rows(results: Results) -> Iterator[list[str]]:
    for policy in without_static(results):
        costs = results.beside_majority(policy)
        never = [name for name, cost in costs.items() if cost is None]
        yield [
            policy,
            interval(mean_of_sets(costs)),
            interval(mean_of_sets(results.beside_majority(policy, controls=True))),
            interval(mean_of_sets(results.beside(policy, [*DYNAMIC]))),
            interval(mean_of_sets(results.beside(policy, [*DYNAMIC, *SCREENING]))),
            interval(mean_of_sets(results.beside(policy, [REFERENCE]))),
            ", ".join(never) or "–",
        ]


def claim_rows(results: Results) -> Iterator[list[str]]:
    for policy in without_static(results):
        errors = results.errors(policy)
        if not errors:
            continue
        cells = [policy]
        for least in CLAIMS:
            claims, reached = results.claims(policy, least), results.reached(policy, least)
            close = sum(abs(gap(claim)) <= CLOSE for claim in claims.values())
            cells += [
                plain(mean(reached.values())),
                plain(mean(claim.confidence for claim in claims.values())),
                plain(mean(claim.accuracy for claim in claims.values())),
                f"{close} of {len(claims)}" if claims else "–",
            ]
        yield [*cells, plain(mean(errors.values()))]


def set_rows(results: Results) -> Iterator[list[str]]:
    yield ["accuracy of majority of five", *(plain(results.target(name).accuracy) for name in results.by_set)]
    for policy in without_static(results):
        yield [policy, *(plain(cost, 2) for cost in results.beside_majority(policy).values())]


def error_rows(results: Results) -> Iterator[list[str]]:
    for policy in without_static(results):
        if errors := results.errors(policy):
            yield [policy, *(plain(errors.get(name)) for name in results.by_set)]


def gap_rows(results: Results, least: float) -> Iterator[list[str]]:
    for policy in without_static(results):
        claims: Mapping[str, Claim] = results.claims(policy, least)
        if claims:
            yield [policy, *(f"{100 * gap(claims[name]):+.1f}" if name in claims else "–" for name in results.by_set)]


def without_static(results: Results) -> list[str]:
    return [policy for policy in results.policies if policy != STATIC]


def gap(claim: Claim) -> float:
    return claim.accuracy - claim.confidence


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


def plain(value: float | None, digits: int = 3) -> str:
    return "–" if value is None or isnan(value) else f"{value:.{digits}f}"


def interval(found: Interval) -> str:
    return f"{found.mean:.2f} [{found.low:.2f}, {found.high:.2f}]" if found.sets else "–"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns stand one below the other."""
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join([first, *rest])} |"

    return "\n".join(line(cells) for cells in [lines[0], rule, *lines[1:]])
