# ruff: noqa: E402 - the import path is mended first
"""What a round of the run loop costs, for runs of different sizes side by side.

    python benchmarks/run_loop.py                    10k, 100k and 1M items, 3 answers each
    python benchmarks/run_loop.py --sizes 10000      one size
    python benchmarks/run_loop.py --fed 10           the items come ten at a time to a run that was launched open
    python benchmarks/run_loop.py --judged           beside each a run of texts, each judged by 3 others: 3k, 10k, 100k

Simulated workers on the simulated platform label text items; each size runs in a process of its own, because the
memory figure is the process's peak (platform included). A round is what the run does with one batch of events: write
down, fold, decide, write down; the platform's own time is taken off. Wall-clock time includes two fsyncs a round, CPU
time does not. Rounds with a full fit are shown apart: there are as many as it takes to grow by a tenth at a time.

Of texts that are judged by others a round is one of either run, and the log is both logs; a round without events, in
which one run takes in what came of the other, counts as well. Events are those of both runs: per text one page's share
of an answer, and of three judgements.

A round without a full fit looks again at the items that got answers, under the workers' parameters of the last fit.
What a look takes is shown by item, and by answer of these items. It should be no more than 0.3 µs an answer: as much as
the answers themselves take where there are thousands at once. Below some hundreds it is mostly the 0.3 ms that a look
takes whatever it is at.

What rounds cost leaves out the launch, in which a run of choices puts all its items on the platform, while answers that
are judged are put there round by round; and it leaves out full fits, most of what choices cost. "All CPU" is everything
that the run's thread did, from its first look at the platform on: by that the two kinds can be compared. Part of it is
showing the run to its requester, once a second of the clock: the busier the machine, the more of that there is for the
same events, so it is told apart.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Batch, Command, Snapshot
from dataforge.runs.core.columns import Places

SIZES = (10_000, 100_000, 1_000_000)
JUDGED_SIZES = (3_000, 10_000, 100_000)
LABELS = ("dog", "cat", "other")
WORKERS = 2_000
CONTROLS = 300
BATCH = 1_000
POLL_WAIT = 10.0
# Below so many seconds nothing was shown, as it was not yet time.
LEAST_SHOWING = 2e-4


class Animal(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")
    OTHER = df.option("other")


@df.task(duration="10s")
def animal(caption: df.Text) -> Animal:
    """Which animal is it?"""
    raise NotImplementedError


@df.task(duration="10s")
def sentence(caption: df.Text) -> df.Text:
    """Write a sentence about it."""
    raise NotImplementedError


def right(inputs: Any) -> dict[str, str]:
    return {"answer": LABELS[int(inputs["caption"].rsplit(" ", 1)[1]) % 3]}


def right_text(inputs: Any) -> dict[str, Any]:
    """The sentence; of an answer that is shown, whether it is that."""
    text = f"This is the {inputs['caption']}, seen from afar."
    return {"answer": text, "ok": inputs.get("answer") == text}


def writes(inputs: Any, truth: Any, chance: Random) -> dict[str, Any]:
    """Write and judge, both rightly in 92 cases of 100."""
    is_right = chance.random() < 0.92
    if "answer" in inputs:
        return {"ok": truth["ok"] == is_right}
    return {"answer": truth["answer"] if is_right else f"{inputs['caption']}?"}


@dataclass
class Watch:
    """Wall-clock and processor seconds and events of each round, and whether all answers were looked at together in it.

    A round ends when the next poll begins.
    """

    rounds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    fits: list[bool] = field(default_factory=list)
    fitted: bool = False
    polled: tuple[float, float] | None = None
    elsewhere: tuple[float, float] = (0.0, 0.0)
    # Processor seconds of the thread that goes round, and those of them that were the platform's.
    thread: float = 0.0
    platform: float = 0.0
    # What looks at items with new answers took, and at how many items, with how many answers, they were.
    looking: float = 0.0
    # What showing the run on the requester's pages took: once a second of the clock, however much happens in it.
    showing: float = 0.0
    shown: int = 0
    looked_at: int = 0
    answers_of: int = 0

    def left(self, since: tuple[float, float]) -> None:
        """Take what has passed since a time off the present round."""
        now = clocks()
        self.elsewhere = tuple(e + n - s for e, n, s in zip(self.elsewhere, now, since, strict=True))
        self.platform += now[1] - since[1]
        self.thread = now[1]


def clocks() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()


class Watched(SimulatedPlatform):
    """The simulated platform, with its own time kept apart from the run's."""

    watch = Watch()

    def poll(self, run: str, after: int, wait: float) -> Batch:
        watch = self.watch
        if watch.polled is not None:
            now = clocks()
            watch.rounds.append(now[0] - watch.polled[0] - watch.elsewhere[0])
            watch.busy.append(now[1] - watch.polled[1] - watch.elsewhere[1])
            watch.fits.append(watch.fitted)
        # Two runs wait for each other only shortly, and in virtual time nothing happens within that.
        start = time.thread_time()
        batch = super().poll(run, after, POLL_WAIT if wait else 0.0)
        watch.platform += time.thread_time() - start
        watch.events.append(len(batch.events))
        watch.fitted = False
        watch.elsewhere, watch.polled = (0.0, 0.0), clocks()
        return batch

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        start = clocks()
        super().execute(run, commands)
        self.watch.left(start)

    def show(self, run: str, snapshot: Snapshot) -> None:
        start = clocks()
        super().show(run, snapshot)
        self.watch.left(start)


def watch_looks(watch: Watch) -> None:
    """Have the looks of consensus at items with new answers watched, and all looks at all answers together."""
    # Here, so that the process that starts the others does not load what only they need.
    from dataforge.runs.driving.showing import Showing
    from dataforge.runs.quality.check import CheckQuality
    from dataforge.runs.quality.consensus import ConsensusQuality

    look, show = ConsensusQuality.refresh, Showing.go_on

    def watched(quality: ConsensusQuality, items: Places) -> None:
        start = time.thread_time()
        look(quality, items)
        watch.looking += time.thread_time() - start
        watch.looked_at += len(items)
        watch.answers_of += len(quality._responses.of(items))

    def watched_showing(showing: Showing, log: int) -> None:
        start, before = time.thread_time(), watch.platform
        show(showing, log)
        took = time.thread_time() - start - (watch.platform - before)
        watch.showing += took
        watch.shown += took > LEAST_SHOWING

    ConsensusQuality.refresh = watched  # type: ignore[method-assign]
    Showing.go_on = watched_showing  # type: ignore[method-assign]
    for way in (ConsensusQuality, CheckQuality):
        way.fit = _noted(watch, way.fit)  # type: ignore[method-assign]


def _noted(watch: Watch, fit: Callable[..., None]) -> Callable[..., None]:
    """A fit that is noted in the round that it is in, which may be one without events."""

    def noted(quality: object, *, afresh: bool) -> None:
        watch.fitted = True
        fit(quality, afresh=afresh)

    return noted


def measure(size: int, fed: int = 0, *, judged: bool = False) -> dict[str, float]:
    answer = writes if judged else right_with(0.92, {"answer": LABELS})
    workers = [SimulatedWorker(f"w{number}", answer, arrives=number / 10) for number in range(WORKERS)]
    truth = right_text if judged else right
    platform = Watched(workers, truth, seed=1, keep_events=False, events_per_poll=BATCH)
    captions = [f"animal {number}" for number in range(size)]
    control = [
        {"caption": caption, **truth({"caption": caption})} for caption in map("control {}".format, range(CONTROLS))
    ]
    if judged:
        check = df.Policy(overlap=3, page=(9, 1), control_ratio=0, control=None)
        policy = df.Policy(page=(10, 0), control_ratio=0, control=None, check=check)
    else:
        policy = df.Policy(overlap=3, page=(9, 1), control_ratio=0, control=None)
    watch_looks(platform.watch)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        items = None if fed else {"caption": captions}
        run = df.launch(
            sentence if judged else animal, items, control, policy, name="bench", platform=platform, workspace=folder,
            progress=False, open=fed > 0,
        )  # fmt: skip
        launched = time.perf_counter() - start
        for first in range(0, size, fed) if fed else ():
            run.add([{"id": str(n), "caption": captions[n]} for n in range(first, min(first + fed, size))])
        if fed:
            run.finish()
        status = run.wait(progress=False)
        if run.check is not None:
            run.check.wait(progress=False)
        total = time.perf_counter() - start
        size_of_logs = sum(log.stat().st_size for log in Path(folder).glob("runs/*/log.jsonl"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        start = time.perf_counter()
        df.open_run("bench", folder)
        reopened = time.perf_counter() - start
    assert status.stage == "done", status
    return figures(platform.watch) | {
        "items": size,
        "answers": status.responses,
        "launch s": launched,
        "total s": total,
        "open again s": reopened,
        "log MB": size_of_logs / 1e6,
        "peak memory MB": peak,
    }


def figures(watch: Watch) -> dict[str, float]:
    events = np.array(watch.events[: len(watch.rounds)])
    # What comes before the first event is the launch.
    told = np.cumsum(events) > 0
    seconds, busy, events = np.array(watch.rounds)[told], np.array(watch.busy)[told], events[told]
    fits = np.array(watch.fits)[told]
    early = np.arange(len(seconds)) < 0.2 * len(seconds)
    late = np.arange(len(seconds)) >= 0.8 * len(seconds)
    return {
        "rounds": len(seconds),
        "events per round": float(events.mean()),
        "round ms (mean)": 1e3 * float(seconds[~fits].mean()),
        "round ms (p95)": 1e3 * float(np.quantile(seconds[~fits], 0.95)),
        "CPU ms per 1,000 events": 1e6 * float(busy[~fits].sum() / events[~fits].sum()),
        "the same, first fifth": 1e6 * float(busy[~fits & early].sum() / max(events[~fits & early].sum(), 1)),
        "the same, last fifth": 1e6 * float(busy[~fits & late].sum() / max(events[~fits & late].sum(), 1)),
        "of all CPU, showing s": watch.showing,
        "times shown": watch.shown,
        "all CPU ms per 1,000 events": 1e6 * (watch.thread - watch.platform) / sum(watch.events),
        "a look µs an item": 1e6 * watch.looking / max(watch.looked_at, 1),
        "a look µs an answer": 1e6 * watch.looking / max(watch.answers_of, 1),
        "full fits": int(fits.sum()),
        "full fits s": float(seconds[fits].sum()),
        "last full fit s": float(seconds[fits][-1]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--fed", type=int, default=0, help="add so many items at a time while the run goes on")
    parser.add_argument("--judged", action="store_true", help="also a run of texts that others judge")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.fed, judged=given.judged)))
        return
    columns = []
    kinds = {"choices": [], "judged texts": ["--judged"]} if given.judged else {"choices": []}
    for size in given.sizes or (JUDGED_SIZES if given.judged else SIZES):
        for options in kinds.values():
            print(f"{size:,} items …", file=sys.stderr, flush=True)
            command = [sys.executable, __file__, "--one", str(size), "--fed", str(given.fed), *options]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            columns.append(json.loads(done.stdout))
    print(f"{'':26}" + "".join(f"{kind:>16}" for kind in list(kinds) * (len(columns) // len(kinds))))
    names = ["items", "answers", *(name for name in columns[0] if name not in ("items", "answers"))]
    for name in names:
        print(f"{name:26}" + "".join(f"{column[name]:>16,.{0 if column[name] % 1 == 0 else 2}f}" for column in columns))


if __name__ == "__main__":
    main()
