"""Every example notebook goes through from its first cell to its last, in a kernel's shell, and gives nothing away."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from tests.cli.conftest import SOURCE

import dataforge as df
from dataforge.runs.handle.run import open_run
from dataforge.simulation import simulate
from dataforge.workspace import Workspace

FOLDER = Path(__file__).parents[2] / "examples/notebook"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb") if not path.stem.endswith(".ru"))


class ZMQInteractiveShell(InteractiveShell):
    """The shell of a kernel is known by the name of its class."""


@dataclass
class Gone:
    """A notebook that was gone through: what its cells gave and drew, and the names that they left."""

    results: list[Any] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)

    def last(self, kind: type[Any]) -> Any:
        """The last value of a cell that is of a kind."""
        return [result for result in self.results if isinstance(result, kind)][-1]


def cells(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8"))["cells"]
    return found


@pytest.fixture
def go_through(
    tmp_path: Path, seeded_server: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[str], Gone]]:
    monkeypatch.chdir(tmp_path)
    shell = ZMQInteractiveShell.instance()
    shell.display_pub = CapturingDisplayPublisher(parent=shell)

    def go(name: str) -> Gone:
        gone = Gone(names=shell.user_ns)
        for cell in cells(name):
            if cell["cell_type"] != "code":
                continue
            done = shell.run_cell("".join(cell["source"]))
            said = capsys.readouterr()
            assert done.success, f"{cell['source']}\n{said.out}"
            gone.results.append(done.result)
            drawn, _ = shell.display_formatter.format(done.result)  # type: ignore[union-attr]
            gone.outputs += [said.out, said.err, *map(str, drawn.values())]
        gone.outputs += [str(text) for shown in shell.display_pub.outputs for text in shown["data"].values()]
        return gone

    yield go
    for run in shell.user_ns.values():
        if isinstance(run, df.Run):
            run.close()
    ZMQInteractiveShell.clear_instance()


def refuse_secrets(gone: Gone, workspace: Workspace) -> None:
    """Nothing that a cell gave opens the requester's pages for good, or is somebody else's."""
    given = "\n".join(gone.outputs)
    with sqlite3.connect(workspace.root / "dataforge.sqlite3") as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = {
            str(value)
            for name in names
            for row in database.execute(f"SELECT * FROM {name}")
            for value in row
            if isinstance(value, str | bytes)
        }
    tokens = {value for value in kept if 20 <= len(value) <= 80 and " " not in value and value in given}
    # Who launches is told where workers join; the name of a preview opens that preview, that of a file nothing.
    meant = {*re.findall(r"/(?:join|preview)/([\w-]+)", given), *re.findall(r"[\w-]+\.(?:png|wav|webm)", given)}
    assert workspace.secret() not in given
    assert tokens - meant == set()


def classification(gone: Gone) -> None:
    table = gone.results[-2]
    assert table["number"].tolist() == list(range(101, 109))
    assert table["answer"].tolist() == ["positive", "negative"] * 4
    assert "/preview/" in gone.results[2]
    assert "<iframe" in gone.results[2]._repr_html_()


def experts(gone: Gone) -> None:
    control, training, run = (gone.names[name] for name in ("control", "training", "run"))
    assert (len(control), len(training)) == (20, 10)
    assert training["hint"].notna().all()
    assert not {*control["sentence"], *training["sentence"]} & {*run.labels()["sentence"]}
    assert len(run.control()) == 20
    assert run.status().items_total == 180 - 30
    assert gone.names["task"].duration == 8


def comparisons(gone: Gone) -> None:
    heavy = ["an elephant", "a hippo", "a pony", "a goat"]
    assert list(gone.last(pd.Series).index)[:4] == heavy
    assert gone.last(pd.DataFrame)["item"].tolist()[:4] == heavy


def transcripts(gone: Gone) -> None:
    labels = gone.last(pd.DataFrame)
    assert labels["verdict"].tolist() == ["right"] * 5
    assert labels["answer"].tolist() == gone.names["table"]["answer"].tolist()[:5]
    assert gone.results[-3]._repr_html_().count("<audio controls") == 3


def recordings(gone: Gone) -> None:
    labels = gone.last(pd.DataFrame)
    assert len(labels) == 4
    assert all(Path(path).is_file() for path in labels["answer"])


def areas(gone: Gone) -> None:
    kind = gone.names["outlines"].outputs[0].type
    truth = gone.names["truth"].set_index("image")["answer"]
    labels = gone.names["run"].labels().set_index("image")["answer"]
    assert min(kind.similarity(labels[image], truth[image]) for image in truth.index) > 0.9
    assert len(json.loads(Path("balls.json").read_text())["annotations"]) == 5
    assert gone.results[-2]._repr_html_().count("<polygon") == 5


def aggregation(gone: Gone) -> None:
    shares = gone.names["shares"]
    assert shares["Dawid and Skene"] > shares["majority vote"] > 0.8
    assert "<svg" in gone.results[-1]._repr_svg_()


def learning(gone: Gone) -> None:
    loop, rest = gone.names["loop"], gone.names["rest"]
    curve = loop.curve()
    assert loop.status().ended == "target"
    assert curve["low"].iloc[-1] >= 0.8
    assert curve["accuracy"].iloc[-1] > curve["accuracy"].iloc[0]
    assert "<polyline" in loop._repr_html_()
    assert rest.status().stage == "done"
    assert gone.last(pd.DataFrame)["model"].tolist() == ["loop"]
    loop.close()


def opinions(gone: Gone) -> None:
    scores = gone.names["scores"]
    assert list(scores.systems.sort_values("score", ascending=False).index) == list(gone.names["SYSTEMS"])
    assert "<svg" in scores._repr_html_()
    assert "rejected" in scores.workers.to_string()


def models(gone: Gone) -> None:
    voters, saved = gone.names["beside"].voters(), gone.results[-2]
    weight = voters.set_index("model")["weight"]
    assert weight["words"] > 0.5 > 0.1 > weight["always yes"]
    assert saved.loc["answers of people", "with models"] < saved.loc["answers of people", "people alone"]
    assert saved.loc["right", "with models"] >= saved.loc["right", "people alone"] - 0.01
    assert any("Well, that depends" in str(notice) for notice in gone.names["beside"].status().notices)
    assert gone.results[-1].set_index("stage").loc["models", "total"] > 0


SHOWN: dict[str, Callable[[Gone], None]] = {
    "first_run": classification,
    "from_nothing": experts,
    "side_by_side": comparisons,
    "transcription": transcripts,
    "recording": recordings,
    "areas": areas,
    "old_answers": aggregation,
    "active_learning": learning,
    "opinions": opinions,
    "models": models,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_goes_through_to_the_answers_that_it_is_about_and_shows_no_secret(
    go_through: Callable[[str], Gone], tmp_path: Path, name: str
) -> None:
    gone = go_through(name)
    SHOWN[name](gone)
    refuse_secrets(gone, Workspace.at(tmp_path / ".dataforge"))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_there_in_russian_with_the_same_code_and_none_has_outputs(name: str) -> None:
    english, russian = cells(name), cells(f"{name}.ru")
    assert [cell["cell_type"] for cell in english] == [cell["cell_type"] for cell in russian]
    for one, other in zip(english, russian, strict=True):
        if one["cell_type"] == "code":
            assert one["source"] == other["source"]
            assert (one["outputs"], other["outputs"]) == ([], [])
        else:
            assert any("а" <= letter <= "я" for letter in "".join(other["source"]))


@pytest.mark.usefixtures("seeded_server")
def test_what_a_notebook_shows_of_a_run_has_nothing_of_another_one(
    go_through: Callable[[str], Gone], tmp_path: Path
) -> None:
    gone = go_through("first_run")
    place = tmp_path / ".dataforge"
    other = df.launch(gone.names["sentiment"], [{"review": "Fine."}], name="other", workspace=place, progress=False)
    personal = other.invite_people(["Ann"])["Ann"]
    run = open_run("first", place)
    shown = [
        run,
        run.status(),
        run.show(),
        run.plot(),
        run.labels(),
        run.workers(),
        gone.names["policy"],
        *gone.results,
    ]
    drawn = "".join(f"{one!r}{getattr(one, '_repr_html_', str)()}" for one in shown if one is not None)
    assert other.invitation is not None
    for address in (other.invitation, personal):
        assert address.rpartition("/")[2] not in drawn
    assert Workspace.at(place).secret() not in drawn
    other.close()


# What a kernel is to what it runs: a shell of that name. It launches, shows the run in its cell, and is killed there.
KERNEL = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell

class ZMQInteractiveShell(InteractiveShell):
    pass

shell = ZMQInteractiveShell.instance()
cells = [cell for cell in json.load(open(sys.argv[1]))["cells"] if cell["cell_type"] == "code"]
for cell in cells[:4]:
    assert shell.run_cell("".join(cell["source"])).success
assert shell.run_cell("shown = run.live()").success
print("\\nshown", flush=True)
time.sleep(600)
"""


@pytest.mark.usefixtures("seeded_server")
def test_a_kernel_that_is_killed_while_it_shows_a_run_loses_nothing_and_the_next_one_shows_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("anywidget")
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-c", KERNEL, str(FOLDER / "first_run.ipynb")]
    found = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(command, env=found, stdout=subprocess.PIPE, text=True) as kernel:
        assert kernel.stdout is not None
        assert any(line.strip() == "shown" for line in kernel.stdout)
        kernel.kill()
    ZMQInteractiveShell.instance()
    try:
        run = open_run("first")
        shown = run.live()
        truth = pd.DataFrame(run.labels()[["review"]]).assign(answer=["positive", "negative"] * 4)
        simulate("first", truth, workers=12, seed=1)
        assert run.wait(60, progress=False).stage == "done"
        end = time.monotonic() + 60
        while not shown.over and time.monotonic() < end:
            time.sleep(0.1)
        assert "8 of 8 items" in shown.html
        run.close()
    finally:
        ZMQInteractiveShell.clear_instance()
