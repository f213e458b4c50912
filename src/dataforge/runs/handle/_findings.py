"""What a run has found: tables of its answers and people, files, and the formats of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dataforge.aliases import OF_RUNS
from dataforge.arguments import entries, no_member
from dataforge.errors import RunError
from dataforge.plots import Plot
from dataforge.runs.core.outlook import REHEARSALS
from dataforge.runs.handle.certificate import Certified
from dataforge.runs.handle.foretold import RunForecast, foretold
from dataforge.runs.handle.found.certifying import certify
from dataforge.runs.handle.found.confusion import confusion, confusions
from dataforge.runs.handle.found.control import control
from dataforge.runs.handle.found.opinions import mos, preferences
from dataforge.runs.handle.found.plot import plot
from dataforge.runs.handle.holding.by_hand import known_worker
from dataforge.runs.handle.holding.held import Held
from dataforge.runs.handle.shown import Shown, Where, shown
from dataforge.runs.handle.tables import results
from dataforge.runs.handle.tables.exporting import export
from dataforge.runs.handle.tables.files import write
from dataforge.runs.handle.tables.huggingface import to_huggingface
from dataforge.runs.handle.tables.solutions import judgements, solutions, summary
from dataforge.runs.handle.training import trainees, training_items

if TYPE_CHECKING:
    import pandas as pd

    from dataforge.aggregation.numeric import OpinionScores
    from dataforge.aggregation.pairwise import Preferences
    from datasets import Dataset

__all__ = ["Findings"]


@entries
class Findings:
    """What a run has found by now; whoever asks gets what its log says at that moment."""

    def __init__(self, held: Held) -> None:
        self._held = held

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            raise no_member(self, name, OF_RUNS)

    def labels(self, *, control: bool = False) -> pd.DataFrame:
        """One row per item: id, inputs, carried columns, answer, confidence, overlap, flag.

        Where answers are merged or collected `verdict` says so; collected ones are lists.

        An empty flag means a sure answer. Else it says why not: `no_answers`, `rejected` (all its answers are on
        rejected pages, and nobody is asked any more), `incomplete` (the run goes on and wants
        more answers), `unsure` (as many answers as allowed, or as help, and still below the wanted confidence),
        `unverified` (nothing shows how sure), `budget`, `time` or `stopped` (the run ended before), `reported` (more
        workers reported the item than answered it, two at least); `corrected` (you gave the answer), `verified` or
        `wrong` (so somebody trusted found it, and gave no other).
        """
        return results.labels(self._held.fresh(), control=control)

    def probabilities(self) -> pd.DataFrame:
        """One row per item: id and the probability of each label."""
        return results.probabilities(self._held.fresh())

    def responses(self) -> pd.DataFrame:
        """One row per response: item, worker, answers or report, whether it is accepted, page, seconds, time."""
        return results.responses(self._held.fresh())

    def solutions(self) -> pd.DataFrame:
        """One row per answer to an item: id, inputs, carried columns, answers, worker, whether it is accepted."""
        return solutions(self._held.fresh())

    def summary(self) -> pd.DataFrame:
        """One row per question: how many answers, how many different, counts of options; of numbers mean and median."""
        return summary(self._held.fresh())

    def metrics(self) -> pd.DataFrame:
        """One row per question and one per option of it, `label`: how far answers agree, and whether claims hold.

        `alpha` is Krippendorff's, of an option beside all others; `agreement` is the share of answers that say what
        came out of their item, `consistency` how probable that is by how often each worker did, `uncertainty` the
        entropy of an item's answers in nats. Of the items whose answer is `known`, read as if it were not: `claimed`
        is the mean confidence, `accuracy` the share that came out right, `calibration_error` how far the two lie
        apart in ten bins of confidence. NaN where nothing shows it.
        """
        # Here, because who launches a run needs no measures.
        from dataforge.runs.handle.found.measures import measures

        return measures(self._held.fresh())

    def show(self, n: int = 12, where: Where | None = None) -> Shown:
        """The first items with their media and answers, as a notebook draws them: shapes on images, players, marks.

        `where`: of which items; an expression over the columns of `labels()`, such as `"confidence < 0.7"`, or a
        function of that table that gives True or False for each row.
        """
        return shown(self._held.fresh(), n, where)

    def forecast(self, *, runs: int = REHEARSALS, seed: int = 0) -> RunForecast:
        """What the run will cost, how many answers its items will get, how many are right, and when it is over.

        It is rehearsed so many times from where it stands, with simulated workers as able as control items show: that
        takes seconds. The same `seed` at the same answers gives the same. Raises `RunEnded` once the run has ended.
        """
        return foretold(self._held.fresh(), runs, seed)

    def plot(self) -> Plot:
        """Charts of the run in one picture: answers over time, confidence, overlap, speed, labels, confusion."""
        return plot(self._held.fresh())

    def confusion(self, output: str | None = None, *, worker: str | None = None, control: bool = False) -> pd.DataFrame:
        """How often workers answered what (columns) where this came out (rows); with several outputs name one.

        `control`: to control items, beside the known answers; `worker`: of one only, by id or name. Raises `RunError`
        where answers are no options.
        """
        named = None if worker is None else known_worker(self._held, worker)
        return confusion(self._held.fresh(), output, named, control=control)

    def confusions(self) -> pd.DataFrame:
        """The counts of `confusion` for all questions with options, a row each: what came out, what was given."""
        return confusions(self._held.fresh())

    def mos(
        self, output: str | None = None, *, level: float = 0.95, least_seconds: float | None = None
    ) -> OpinionScores:
        """Mean opinion scores by system (`systems`), with limits, and what became of each worker's (`workers`).

        Answers that are `df.Mos`, on accepted pages. Whoever takes less than `least_seconds` for one in the median is
        not heard. A notebook draws it, `.save("mos.svg")` writes the picture. Raises `RunError` where there is none.
        """
        return mos(self._held.fresh(), output, level=level, least_seconds=least_seconds)

    def preferences(
        self,
        output: str | None = None,
        *,
        left: str | None = None,
        right: str | None = None,
        item: str | None = None,
        level: float = 0.95,
    ) -> Preferences:
        """Which of two systems people prefer: shares by pair (`pairs`) with limits, and a sign test by worker.

        Answers that are `df.SideBySide`. `left` and `right`: the columns that say whose the two are, by default
        `left_system` and `right_system`; `item`: the column that says what both are made of. Raises `RunError` without
        them.
        """
        return preferences(self._held.fresh(), output, left, right, item, level=level)

    def workers(self) -> pd.DataFrame:
        """One row per worker: responses, pages, control accuracy, skill, speed, earnings, restriction."""
        return results.workers(self._held.fresh())

    def voters(self) -> pd.DataFrame:
        """One row per model that votes: how many items it labels, its control items, and how much its labels count.

        Where others judge the answers, the models that judge beside them, and of how many answers.
        """
        check = self._held.check()
        return results.voters((self._held if check is None else check).fresh())

    def control(self) -> pd.DataFrame:
        """One row per control item: its known answer, how many answered and missed it, who, whether it is shown, and
        how far the answers of good workers say that it is wrong itself (`suspicion`), and what is right `rather`.
        """
        return control(self._held.fresh())

    def training(self) -> pd.DataFrame:
        """One row per training item: inputs, known answers, hint, how many were asked, and the share who were right.

        Those that most people miss come first. Raises `RunError` if the run has no training.
        """
        return training_items(self._held.fresh())

    def trainees(self) -> pd.DataFrame:
        """One row per worker who took the training: their last score, 0 to 100, and whether they ever passed.

        Raises `RunError` if the run has no training.
        """
        return trainees(self._held.fresh())

    def checks(self) -> pd.DataFrame:
        """One row per judgement of an answer by another worker: id, answers, `by` whom, who judged, and the verdict.

        Raises `RunError` if the run's answers are not judged by others.
        """
        check = self._held.check()
        if check is None:
            raise RunError(
                f"run {self._held.name!r}: its answers are not judged by others, or the run of that was deleted"
            )
        return judgements(self._held.fresh(), check.fresh())

    def certificate(self) -> Certified:
        """What the answers can be trusted to, now: how many are right (with an interval), how sure each is, what that
        rests on, what was paid. It prints as text, shows in a notebook, and writes `.to_html(path)` and `.to_json()`.
        """
        from dataforge import __version__

        check = self._held.check()
        return Certified(certify(self._held.fresh(), None if check is None else check.fresh(), __version__))

    def cost(self) -> pd.DataFrame:
        """Money: paid, pending, commission, total, per item and per response; with checks or models a row a stage."""
        check = self._held.check()
        stages: pd.DataFrame = results.cost(self._held.fresh(), None if check is None else check.fresh())
        return stages

    def select_control_items(
        self,
        min_confidence: float = 0.95,
        min_overlap: int = 3,
        limit: int | None = None,
        balanced: bool = True,
    ) -> pd.DataFrame:
        """Items with sure answers, to be given to another launch as `control=`; the surest first.

        `balanced`: every answer equally often, so that nobody passes by always giving the most frequent one.
        """
        return results.control_items(
            self._held.fresh(), min_confidence=min_confidence, min_overlap=min_overlap, limit=limit, balanced=balanced
        )

    def to_csv(self, path: str | Path) -> Path:
        """Write `labels()` as CSV, of which the name ends in `.csv`; spreadsheets open it as it is."""
        return write(self.labels(), path, ".csv")

    def to_excel(self, path: str | Path) -> Path:
        """Write `labels()` as a spreadsheet (`.xlsx`)."""
        return write(self.labels(), path, ".xlsx")

    def to_json(self, path: str | Path) -> Path:
        """Write `labels()` as a JSON array of objects (`.json`), or as one object a line (`.jsonl`)."""
        return write(self.labels(), path, ".json", ".jsonl")

    def to_parquet(self, path: str | Path) -> Path:
        """Write `labels()` as Parquet (`.parquet`); columns of mixed values are texts there."""
        return write(self.labels(), path, ".parquet")

    def export(self, format: str, path: str | Path, output: str | None = None) -> Path:  # noqa: A002 - the word for it
        """Write the answers in a format of others: a file, or a folder that is new or empty; give its path.

        Args:
            format: `coco`, `yolo`, `voc`, `label-studio` or `cvat` for what is drawn, `conll` or `spacy` for spans,
                `tsv`, `webvtt`, `srt` or `textgrid` for what is heard, `folder` for files of workers; or one of a
                package of yours.
            path: where to; it appears whole or not at all. A folder is packed where this ends in `.zip`.
            output: the question, where several have answers of the format's types.

        Items without an answer are left out, and so are answers that checks found wrong.
        """
        return export(self._held.fresh(), format, path, output)

    def to_huggingface(self) -> Dataset:
        """`labels()` as a `datasets.Dataset`: files are pictures and sounds, options classes; items without answers are
        left out. Needs `pip install 'dataforge-labeling[huggingface]'`.
        """
        return to_huggingface(self._held.fresh())
