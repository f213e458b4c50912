"""The document: how it was measured, a summary by method, a table for each family."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from outcomes import Case, Outcome, difference

__all__ = ["Row", "document"]

EXACT = 1e-6

HEAD = """# Accuracy on public sets, beside Crowd-Kit

A generated report, by `python benchmarks/aggregation_accuracy DATA --peer PEER_PYTHON --cache FILE --out FILE`.

| | |
|---|---|
{facts}

Parameters are the defaults. Seconds are CPU seconds from table in to result out; a case that takes less than 5 s is
run twice and the better one counts, in both. Crowd-Kit runs each case in a process of its own with limits of time and
memory; what says "more than" was stopped there. "Not run": nobody has waited for it yet.

- **Ours, Crowd-Kit**: the measure of the family, explained above each table.
- **Difference**: the largest between two numbers of the results (probabilities of labels; scores of items; mean
  embeddings of texts; values of a metric). A dash where there are no numbers.
- **Differ**: how many of the answers are not the same.
"""

REASONS = """## Where the two differ, and why

The summary counts the sets where both gave a result, of those that the method applies to. What is above 1e-6 has one
of these reasons:

- `GLAD` ends each M-step after 25 conjugate gradients or at a gradient of 0.01, far from its optimum; where it ends
  depends on the last digits of the sums, and each iteration builds on it. Sums here are exact, so that no order of rows
  changes ours. Rows "GLAD, exact M-step" let both go to the optimum of each M-step (`m_step_tol=1e-9,
  m_step_max_iter=10_000`).
- `MACE`: all restarts of Crowd-Kit are the same, so one (`n_restarts=1`) gives its default result; its seconds are
  those of one, ours of ten. It adds one worker's counts to another's, so that its result depends on names.
- `MMSR`: there, two workers who share no task count as two who disagree, and one common task counts like a hundred;
  here pairs count by the number of their common tasks, and skills are drawn to the mean by what is not known of them.
- `BradleyTerry` stops there after two steps; "to the optimum" makes it go on (`tol=0`).
- `NoisyBradleyTerry`: its gradient is wrong there. `HRRASA`, `TextHRRASA`: the default similarity there compares
  words with letters; "similarity given" gives both the same function.

Each of them has a worked example in [Where results differ](aggregation-differences.md).
"""

FAMILIES = {
    "classification": """## Labels

Accuracy and the mean of F1 over the labels, against known answers. vcc2018_mos has none: one answer of each task is
held out at random and stands for it, so its best possible figure is far below 1. `BinaryRelevance` gets each answer
as a set of one label; a result of none or two counts as wrong. `GoldMajorityVote` is given all known answers, so its
figures are not comparable with the others'; it is an error in both where a worker has met no known answer. The labels
of both quizzes mean something else for each question, which no model of confusions fits.""",
    "numbers": """## Numbers and ordered scales

Root of the mean squared error and rank correlation against known values: given ones for n_emotion and web; one
held-out answer of each task for mushra_codec and vcc2018_mos, where most of the error is that answer's own; the truth
for simulated values (spread 20, five ratings each, workers with a bias of spread 8 and noise of spread 4 to 30, so
many answers each). Split-half: workers are divided at random, each half is aggregated, and the rank correlation of
the two results is taken; mean of 20 divisions. Nearest level: share of tasks where rounding gives the reference;
values of a model are drawn together, which makes their error small and puts few on the outermost levels. Crowd-Kit has
no such estimators.""",
    "comparisons": """## Comparisons

Four comparisons of five, drawn at random, are learnt from. Held-out comparisons: share of the others, ties left out,
whose winner has the higher score. Kendall: tau-b with a reference order, which is the mean rating of the bikes, and
for the language models (llmfao) the share of points in GPT-4's judgements. Neither is the truth.""",
    "texts": """## Texts

Word error rate against transcripts and translations, without case and punctuation; the less the better. The encoder
is a hash of trigrams of letters, so that no model has to be downloaded.""",
    "embeddings": """## Embeddings

The same texts as outputs, with the same encoder's embeddings.""",
    "masks": """## Masks

No public set of masks is at hand: seven of twelve workers draw each of 60 discs, each with a shift, a growth and
spatter of their own. Mean intersection over union with the true disc.""",
    "metrics": """## Measures of agreement

Krippendorff's alpha, and the means over tasks or workers of the others; one answer of a worker to a task. Skills and
aggregated labels are those of a majority vote.""",
}


@dataclass(frozen=True, eq=False)
class Row:
    """A case's outcomes side by side; `theirs` is None where the peer has no such estimator or was not asked."""

    case: Case
    ours: Outcome
    theirs: Outcome | None
    quality: dict[str, float]
    their_quality: dict[str, float]
    difference: float | None
    differ: int | None

    @classmethod
    def of(cls, case: Case, ours: Outcome, theirs: Outcome | None) -> Row:
        quality = {} if ours.answers is None else case.quality(ours.answers)
        if theirs is None or theirs.answers is None or ours.answers is None:
            return cls(case, ours, theirs, quality, {}, None, None)
        return cls(case, ours, theirs, quality, case.quality(theirs.answers), *difference(ours, theirs))

    @property
    def both(self) -> bool:
        return self.theirs is not None and self.theirs.answers is not None and self.ours.answers is not None


def document(rows: Sequence[Row], peer: str | None, loads: Sequence[float]) -> str:
    """The report as Markdown."""
    facts = {
        "Machine": f"{processor()}, {os.cpu_count()} cores",
        "Load average": f"{loads[0]:.1f} before, {loads[1]:.1f} after our run; other work was going on during both",
        "Ours": ", ".join(
            f"{name} {version(name)}" for name in ("dataforge-labeling", "numpy", "pandas", "scipy", "numba")
        ),
        "Peer": peer or "not asked",
    }
    parts = [HEAD.format(facts="\n".join(f"| {name} | {value} |" for name, value in facts.items()))]
    if peer is not None:
        parts += ["## Summary", summary(rows), REASONS]
    for family, text in FAMILIES.items():
        of_family = [row for row in rows if row.case.family == family]
        if of_family:
            parts += [text, table(of_family)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def summary(rows: Sequence[Row]) -> str:
    """By method: how often both gave a result and how far apart they were."""
    lines = []
    for method in dict.fromkeys(row.case.method for row in rows if row.case.in_peer):
        of_method = [row for row in rows if row.case.method == method]
        compared = [row for row in of_method if row.both]
        gaps = [row.difference for row in compared if row.difference is not None]
        counts = [row.differ for row in compared if row.differ is not None]
        faster = sorted(row.theirs.seconds / row.ours.seconds for row in compared if row.theirs and row.ours.seconds)
        lines.append(
            [
                method,
                f"{len(compared)} of {len(of_method)}",
                number(max(gaps)) if gaps else "–",
                f"{sum(gap <= EXACT for gap in gaps)} of {len(gaps)}" if gaps else "–",
                f"{sum(counts):,}" if counts else "–",
                times(faster[len(faster) // 2]) if faster else "–",
            ]
        )
    heads = ["method", "sets with both", "largest difference", "up to 1e-6", "differ", "times as fast (median)"]
    return markdown(heads, lines, left=1)


def table(rows: Sequence[Row]) -> str:
    """The rows of one family, with a pair of columns for each measure."""
    names = list(dict.fromkeys(name for row in rows for name in row.quality))
    compared = any(row.theirs is not None for row in rows)
    heads = ["set", "method"]
    for name in names:
        heads += [name, "Crowd-Kit"] if compared else [name]
    heads += ["difference", "differ", "seconds", "Crowd-Kit"] if compared else ["seconds"]
    lines = []
    for row in rows:
        cells = [row.case.data, row.case.method]
        for place, name in enumerate(names):
            cells.append(said(row.ours, row.quality, name, place))
            if compared:
                cells.append(theirs_said(row, name, place))
        if compared:
            cells += ["", ""] if not row.both else [number(row.difference), count(row)]
        cells.append(f"{row.ours.seconds:.3f}")
        if compared:
            stopped = row.theirs is None or (row.theirs.error or "").startswith("more than")
            cells.append("" if stopped or row.theirs is None else f"{row.theirs.seconds:.2f}")
        lines.append(cells)
    return markdown(heads, lines, left=2)


def said(outcome: Outcome, quality: dict[str, float], name: str, place: int) -> str:
    if outcome.error is not None:
        return "" if place else outcome.error.split(":")[0]
    return f"{quality[name]:.4f}" if name in quality else ""


def theirs_said(row: Row, name: str, place: int) -> str:
    if row.theirs is None:
        return "not run" if row.case.in_peer and not place else ""
    return said(row.theirs, row.their_quality, name, place)


def times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 3 else f"{ratio:.1f}"


def number(value: float | None) -> str:
    return "–" if value is None else "0" if value == 0 else f"{value:.0e}"


def count(row: Row) -> str:
    assert row.ours.answers is not None
    return "–" if row.differ is None else f"{row.differ:,} of {len(row.ours.answers):,}"


def markdown(heads: Sequence[str], lines: Sequence[Sequence[str]], left: int) -> str:
    rule = ["---"] * left + ["--:"] * (len(heads) - left)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, rule, *lines])


def processor() -> str:
    """The name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return "unknown processor"
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
