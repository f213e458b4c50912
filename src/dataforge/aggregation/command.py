"""What `dataforge aggregate` does: answers from a file, a method by name, labels to a file, and a summary.

Everything is a function that returns its result; the command line only reads arguments and shows the summary.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dataforge.aggregation import classification
from dataforge.aggregation._by_name import as_options, columns_of, hyphenated, made, method_named, methods, renamed
from dataforge.aggregation._scale import Scale, scale_of
from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.base import BaseNumericAggregator, BasePairwiseAggregator
from dataforge.aggregation.classification import GoldMajorityVote, MajorityVote
from dataforge.aggregation.classification.ability import ability_of, warn_of_chance
from dataforge.aggregation.classification.evidence import not_shown, warn_of_nothing_shown
from dataforge.aggregation.classification.verdict import Verdict, verdict_of
from dataforge.aggregation.kernels.ability import LEAST_SHOWN
from dataforge.aggregation.measured import GOLD, against, agreement_of, below, beside
from dataforge.aggregation.progress import OnIteration
from dataforge.aggregation.summary import Summary
from dataforge.aggregation.tables.files import check_target, columns_from, read_table, renamed_columns, write_table
from dataforge.aggregation.tables.frames import Table
from dataforge.aggregation.tables.labels import LabelAnswers, numbers_by, read_labels
from dataforge.errors import AggregationError, AggregationWarning

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "aggregate",
    "aggregate_file",
    "method_named",
    "methods",
]

What = Literal["labels", "probabilities"]
"""What is written of each task: its label, or the probability of every label."""

# Those that give each task one label.
CLASSIFIERS = tuple(getattr(classification, name) for name in classification.__all__)
LABELLED = ("task", "worker", "label")
# What `fit` calls the known answers that a method learns from.
TEACHING = ("true_labels", "true_values")


def aggregate_file(
    source: Path,
    *,
    method: str = "hierarchical-dawid-skene",
    known: Path | None = None,
    gold: Path | None = None,
    out: Path | None = None,
    encoding: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    what: What = "labels",
    levels: Sequence[str] | None = None,
    on_iteration: OnIteration | None = None,
) -> Summary:
    """Labels for the answers in a file, written to `out` if it is given.

    The file has the columns of the method's family: `task`, `worker`, `label` for labels and numbers. `known` and
    `gold` are files with the columns `task`, `label`. What is `known` stays as it is and teaches the method. `gold`
    measures labels, numbers and scores (of comparisons: `task` is the item), but for what is known, and
    gold-majority-vote learns from it. `encoding` is that of files of text which are not UTF-8; `parameters` are those
    of the estimator that differ from the usual ones.
    `levels` are the labels of an ordered scale, from the lowest to the highest: the label is then the middle one.
    `columns` holds our names of columns and those of the files; the names that other programs give them are known.
    """
    # What is written wrong is told before a fit that may take hours.
    estimator = made(method, parameters)
    if out is not None:
        check_target(out, [source, *(path for path in (known, gold) if path is not None)])
    names = columns_of(estimator)
    own = _own_names(columns or {}, names, estimator)
    table = renamed_columns(read_table(source, encoding), own, source)
    answers = columns_from(table, names, source, drop_unlabelled=names == LABELLED)
    if answers.num_rows == 0:
        raise AggregationError(f"{source} holds no answers: no row has a {names[-1]}")

    def right(path: Path | None) -> pa.Table | None:
        """The known answers of a file."""
        if path is None:
            return None
        table = read_table(path, encoding)
        there = {name: theirs for name, theirs in own.items() if theirs in table.column_names}
        found = columns_from(renamed_columns(table, there, path), GOLD, path, drop_unlabelled=True)
        return _typed_as(found, answers, path) if isinstance(estimator, CLASSIFIERS) else found

    summary = aggregate(
        answers,
        method=method,
        known=right(known),
        gold=right(gold),
        parameters=parameters,
        what=what,
        levels=levels,
        on_iteration=on_iteration,
    )
    if out is not None:
        write_table(summary.labels, out)
    return summary


def _own_names(columns: Mapping[str, str], names: tuple[str, ...], estimator: Any) -> Mapping[str, str]:
    """What columns are called in the file, if the method reads columns of these names."""
    unread = [name for name in columns if name not in names]
    if unread:
        method = hyphenated(type(estimator).__name__)
        raise AggregationError(f"{method} reads no column {unread[0]!r}; it reads {', '.join(names)}")
    return columns


def aggregate(
    answers: Table,
    *,
    method: str = "hierarchical-dawid-skene",
    known: Table | None = None,
    gold: Table | None = None,
    parameters: Mapping[str, Any] | None = None,
    what: What = "labels",
    levels: Sequence[str] | None = None,
    on_iteration: OnIteration | None = None,
) -> Summary:
    """What a method by its name finds in a table of answers, and a summary of its quality.

    What is `known` teaches the method; `gold` measures what it found elsewhere. `levels`: the labels are grades.
    """
    estimator = made(method, parameters)
    if levels is not None and not (isinstance(estimator, CLASSIFIERS) and hasattr(estimator, "fit_predict_proba")):
        raise AggregationError(
            f"{hyphenated(type(estimator).__name__)} has no probabilities of labels to find the middle of: leave "
            "--levels out"
        )
    if what == "probabilities" and not hasattr(estimator, "fit_predict_proba"):
        raise AggregationError(
            f"{hyphenated(type(estimator).__name__)} has no probabilities to write: leave --what out"
        )
    if hasattr(estimator, "on_iteration"):
        estimator.set_params(on_iteration=on_iteration)
    kind = type(estimator)
    with _advice(estimator), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AggregationWarning)
        if isinstance(estimator, CLASSIFIERS):
            found = _labelled(estimator, answers, _taught(estimator, known), _untold(gold, known), what, levels)
        else:
            found = _found(estimator, answers, _taught(estimator, known), _untold(gold, known))
    told = [one for one in caught if issubclass(one.category, AggregationWarning)]
    # What a method warns of by itself is not told twice.
    messages = dict.fromkeys(as_options(str(one.message), kind) for one in told)
    return replace(found, warnings=tuple(messages))


@contextmanager
def _advice(estimator: Any) -> Iterator[None]:
    """Errors whose advice can be followed on a command line."""
    try:
        yield
    except AggregationError as error:
        raise AggregationError(as_options(str(error), type(estimator))) from error


def _taught(estimator: Any, known: Table | None) -> dict[str, Table]:
    """Known answers as the argument that the method learns from."""
    if known is None:
        return {}
    taken = inspect.signature(type(estimator).fit_predict).parameters
    found = next((name for name in TEACHING if name in taken), None)
    if found is None:
        method = hyphenated(type(estimator).__name__)
        raise AggregationError(f"{method} learns nothing from known answers: measure it by them with --gold")
    return {found: known}


def _untold(gold: Table | None, known: Table | None) -> Table | None:
    """What measures a method: what it was not told."""
    if gold is None or known is None:
        return gold
    import narwhals as nw

    told = set(map(str, nw.from_native(known, eager_only=True)["task"].to_list()))
    measuring = nw.from_native(gold, eager_only=True)
    rest = measuring.filter([str(task) not in told for task in measuring["task"].to_list()])
    if len(rest) == 0:
        raise AggregationError("all answers of --gold are among those of --known and measure nothing: leave --gold out")
    return rest.to_native()


def _labelled(
    estimator: Any,
    answers: Table,
    taught: Mapping[str, Table],
    gold: Table | None,
    what: What,
    levels: Sequence[str] | None,
) -> Summary:
    """Labels, and all that can be said of them."""
    name = hyphenated(type(estimator).__name__)
    needs_gold = isinstance(estimator, GoldMajorityVote)
    responses = read_labels(answers, duplicates=estimator.duplicates)
    voted, unskilled = estimator, 0
    if not needs_gold:
        estimator.fit_predict(answers, **taught)
    elif gold is None:
        raise AggregationError("gold-majority-vote learns from known answers: give them with --gold")
    else:
        voted, unskilled = _learnt(estimator, answers, gold)
    verdict = verdict_of(voted)
    scale = None if levels is None else scale_of(verdict.answers, levels)
    best: Codes = verdict.best if scale is None else scale.middles(verdict.matrix)
    # A known label that nobody gave is a label as well.
    judged = replace(verdict.answers, known=None, golds=())
    agreement, alpha = agreement_of(responses)
    shown = _stated(estimator, verdict, gold if needs_gold else None)
    return Summary(
        method=name,
        labels=_probabilities(shown)
        if what == "probabilities"
        else _result(judged, best, shown.matrix if hasattr(estimator, "fit_predict_proba") else None, scale),
        n_answers=len(responses.task),
        n_tasks=len(responses.tasks),
        n_workers=len(responses.workers),
        agreement=agreement,
        alpha=alpha,
        known=None if gold is None else against(best, judged, gold, learnt=needs_gold),
        unskilled=unskilled,
        below=below(responses),
        ceiling=getattr(estimator, "ceiling_", None),
        taught=bool(taught),
        n_iter=getattr(estimator, "n_iter_", None),
        converged=getattr(estimator, "converged_", None),
    )


def _stated(estimator: Any, verdict: Verdict, gold: Table | None) -> Verdict:
    """The verdict with the numbers that may stand, and those of known answers.

    None stands where nothing shows how good a label is, or where chance explains agreement better. `gold` is what the
    method learnt from elsewhere.
    """
    name, answers = type(estimator).__name__, verdict.answers.with_known(gold)
    silent = not_shown(answers)
    if silent.any():
        warn_of_nothing_shown(answers, silent, name)
    looks = hasattr(estimator, "shown_")
    if not silent.all() and (estimator.shown_ if looks else ability_of(answers)) < LEAST_SHOWN:
        silent = np.ones_like(silent)
        if not looks:
            warn_of_chance(name)
    if not silent.any():
        return verdict
    if (known := verdict.answers.known) is not None:
        silent &= known < 0
    return replace(verdict, matrix=np.where(silent[:, None], np.nan, verdict.matrix), codes=verdict.best)


def _learnt(estimator: GoldMajorityVote, answers: Table, gold: Table) -> tuple[MajorityVote, int]:
    """A vote weighted by accuracy on known answers, and how many workers met none: they count as the mean worker."""
    skills = estimator.fit(answers, gold).skills_
    responses = read_labels(answers)
    known = numbers_by(responses.workers, skills, "skills", responses.kind)
    if not np.nansum(known) > 0:
        raise AggregationError(
            "gold-majority-vote needs known answers that workers gave, and no worker gave any: "
            "compare the names of tasks and labels in both files"
        )
    vote = MajorityVote(float(np.nanmean(known)), "value", duplicates=estimator.duplicates)
    return vote.fit(answers, skills), int(np.isnan(known).sum())


def _found(estimator: Any, answers: pa.Table, taught: Mapping[str, Table], gold: Table | None) -> Summary:
    """Numbers, scores, texts, outputs, masks or sets of labels."""
    name = hyphenated(type(estimator).__name__)
    numbers = isinstance(estimator, BaseNumericAggregator)
    compared = isinstance(estimator, BasePairwiseAggregator)
    if gold is not None and not (numbers or compared):
        raise AggregationError(f"known answers measure labels, numbers and scores; {name} takes none: leave --gold out")
    result = _counted(renamed(estimator, estimator.fit_predict(answers, **taught)), answers)
    known = None
    if gold is not None:
        known = beside(result, gold, numbers=numbers)
    return Summary(
        method=name,
        labels=result,
        n_answers=answers.num_rows,
        n_tasks=result.num_rows,
        n_workers=len(answers["worker"].unique()) if "worker" in answers.column_names else None,
        known=known,
        n_iter=getattr(estimator, "n_iter_", None),
        converged=getattr(estimator, "converged_", None),
    )


def _counted(result: pa.Table, answers: pa.Table) -> pa.Table:
    """The result with a column that tells how many answers, or comparisons, each row rests on."""
    import pyarrow as pa

    compared = "item" in result.column_names
    ids = [answers[side] for side in (("left", "right") if compared else ("task",))]
    counts: dict[Any, int] = {}
    for column in ids:
        for entry in column.value_counts().to_pylist():
            counts[entry["values"]] = counts.get(entry["values"], 0) + entry["counts"]
    of = [counts[key] for key in result["item" if compared else "task"].to_pylist()]
    return result.append_column("comparisons" if compared else "answers", pa.array(of, pa.int64()))


def _typed_as(gold: pa.Table, answers: pa.Table, path: Path) -> pa.Table:
    """Known answers with the types of the answers: in a CSV file 7 is a text, in a Parquet file maybe a number."""
    import pyarrow as pa

    try:
        return pa.table({name: gold[name].cast(answers[name].type) for name in gold.column_names})
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise AggregationError(f"{path}: tasks and labels need the types they have in the answers: {error}") from error


def _probabilities(verdict: Verdict) -> pa.Table:
    """The probability of each label, a column for each, by task."""
    import narwhals as nw

    table = verdict.table
    frame = nw.from_native(table.reset_index() if verdict.answers.kind.is_pandas else table, eager_only=True)
    return frame.to_arrow()


def _result(responses: LabelAnswers, best: Codes, matrix: Floats | None, scale: Scale | None) -> pa.Table:
    import narwhals as nw

    columns: dict[str, Any] = {"label": responses.labels.take(best)}
    if matrix is not None and matrix.size:
        columns["probability"] = matrix[np.arange(len(best)), best]
        columns |= {} if scale is None else scale.told(matrix)
    columns["answers"] = np.bincount(responses.task, minlength=len(responses.tasks))
    table = responses.kind.columns(responses.tasks, "task", columns)
    frame = nw.from_native(table.reset_index() if responses.kind.is_pandas else table, eager_only=True)
    return frame.to_arrow()
