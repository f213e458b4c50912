"""The demonstration does the main job on real pictures, and does it the same way for the same seed."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from dataforge import demo as demo_module
from dataforge.demo import NAME, demo_for_people, draw_digits, run_demo
from dataforge.errors import RunError, SpecError
from dataforge.runs.handle.run import open_run
from dataforge.simulation import simulate
from dataforge.workspace import Workspace

SOURCE = Path(__file__).parents[1] / "src"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE)}


def demo(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dataforge", "demo", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=ENVIRONMENT, timeout=170)


def test_pictures_have_a_white_margin_and_control_items_are_balanced(tmp_path: Path) -> None:
    digits = draw_digits(tmp_path, items=45, control=20, seed=1)
    assert Counter(shown for _, shown in digits.control) == {str(value): 2 for value in range(10)}
    assert len({path for path, _ in (*digits.items, *digits.control)}) == 65
    with Image.open(digits.items[0][0]) as picture:
        assert picture.width == picture.height >= 128
        assert len(picture.crop((0, 0, 24, 24)).getcolors() or ()) == 1
    assert draw_digits(tmp_path, items=45, control=20, seed=1) == digits
    assert draw_digits(tmp_path, items=45, control=20, seed=2) != digits


def test_the_pictures_are_those_of_the_public_set() -> None:
    public = load_digits()
    with np.load(Path(demo_module.__file__).with_name("digits.npz")) as ours:
        assert (ours["images"] == public.images).all()
        assert (ours["target"] == public.target).all()


def test_more_pictures_than_there_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="expected 2 to 1797 pictures"):
        draw_digits(tmp_path, items=1790, control=20, seed=1)


def test_the_report_is_one_json_object_with_believable_numbers(tmp_path: Path) -> None:
    reply = demo(tmp_path, "--json", "--items", 100, "--seed", 1)
    assert reply.returncode == 0, reply.stderr
    report = json.loads(reply.stdout)
    assert {
        *("items", "control_items", "responses", "accuracy", "mean_confidence", "cost", "seconds"),
        *("responses_per_item", "rejected_pages"),
    } <= set(report)
    assert (report["items"], report["control_items"]) == (100, 10)
    assert report["accuracy"] >= 0.95
    assert report["mean_confidence"] == pytest.approx(report["accuracy"], abs=0.05)
    assert 2 <= report["responses_per_item"] <= 5
    assert report["responses"] == pytest.approx(90 * report["responses_per_item"])
    assert report["rejected_pages"] > 0
    assert report["cost"] > 0
    assert sum(one["items"] for one in report["calibration"]) == 90
    assert not list(tmp_path.iterdir()), "the workspace is removed"


def test_the_same_seed_gives_the_same_labels_and_the_same_responses(tmp_path: Path) -> None:
    tables = []
    for folder in ("one", "two"):
        workspace = Workspace.at(tmp_path / folder)
        run_demo(workspace, items=30, workers=8, seed=4)
        run = open_run(NAME, workspace)
        names = run.workers().set_index("worker")["name"]
        responses = run.responses().assign(worker=lambda table, names=names: table["worker"].map(names))
        labels = run.labels().drop(columns="picture")
        tables.append((labels, responses[["worker", "id", "answer", "accepted"]]))
    for one, other in zip(*tables, strict=True):
        assert one.equals(other)


def test_too_few_people_end_with_flags_and_not_with_a_hang(tmp_path: Path) -> None:
    result = run_demo(Workspace.at(tmp_path / "ws"), items=30, workers=2, mix="hostile", seed=1)
    assert result.ending == "stopped"
    assert result.unsure_items > 0


def test_the_summary_is_for_people_and_the_workspace_can_be_kept(tmp_path: Path) -> None:
    reply = demo(tmp_path, "--items", 40, "--workers", 15, "--mix", "honest", "--workspace", "kept")
    assert reply.returncode == 0, reply.stderr
    for words in ("accuracy", "mean confidence", "cost", "Is the confidence honest?", "dataforge serve --workspace"):
        assert words in reply.stdout
    assert len(open_run(NAME, tmp_path / "kept").labels()) == 36
    assert Workspace.at(tmp_path / "kept").server() is None, "the server ended"


def test_an_unknown_crowd_is_exit_code_2_and_starts_nothing(tmp_path: Path) -> None:
    reply = demo(tmp_path, "--mix", "angelic", "--workspace", "ws")
    assert reply.returncode == 2
    assert "known: honest, mixed, hostile" in reply.stderr
    assert not (tmp_path / "ws").exists()


def test_people_get_a_link_and_are_told_how_they_did(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dataforge", "demo", "--people", "--items", "20"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**ENVIRONMENT, "BROWSER": "true"},
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        assert "/join/" in lines[0]
        assert "/login?next=/runs/" in lines[1]
        digits = draw_digits(tmp_path / "again", 18, 2, 0)
        truth = [{"picture": str(path), "answer": shown} for path, shown in digits.items]
        workspace = Workspace.at(tmp_path / ".dataforge-demo")
        simulate("digits-20-0", truth, workers=2, mix="honest", workspace=workspace)
        rest = process.stdout.read()
        assert process.wait(120) == 0
        process.stdout.close()
        assert "18 pictures labelled" in rest
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(120)


def read_until(terminal: int, wanted: str) -> str:
    """What a program has printed to a terminal up to some words, or to its end."""
    said = b""
    with contextlib.suppress(OSError):  # how Linux tells that nobody writes any more
        while wanted not in said.decode(errors="replace") and (more := os.read(terminal, 4096)):
            said += more
    return said.decode(errors="replace")


def test_an_interrupt_ends_the_demo_for_people_at_once_and_it_can_be_gone_on_with(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dataforge", "demo", "--people", "--items", "20"]
    environment = {**ENVIRONMENT, "BROWSER": "true", "COLUMNS": "400", "TERM": "xterm"}
    links = []
    for _ in range(2):
        terminal, other_end = pty.openpty()
        process = subprocess.Popen(command, cwd=tmp_path, stdout=other_end, stderr=other_end, env=environment)
        os.close(other_end)
        said = read_until(terminal, "0/18")
        links += re.findall(r"/join/([\w-]+)", said)
        process.send_signal(signal.SIGINT)
        said = read_until(terminal, "the end")
        assert process.wait(25) == 130
        os.close(terminal)
        assert "the same command goes on with it" in said
        assert "The run goes on" not in said, "nobody goes on with it"
        assert Workspace.at(tmp_path / ".dataforge-demo").server() is None
    assert len(links) == 2
    assert links[0] == links[1], "an invitation that was sent to somebody stays good"


def test_a_demo_whose_server_dies_starts_no_other(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path / "ws")
    with demo_for_people(workspace, items=20) as run:
        served = workspace.server()
        assert served is not None
        os.kill(served.pid, signal.SIGKILL)
        # The run is told by its next call; one that could start a server would rather do that than say so.
        while not any("does not answer" in notice["en"] for notice in run.notices):
            address = workspace.server()
            assert address is None or address.pid == served.pid
            run.wait(0.05, progress=False)
    address = workspace.server()
    assert address is None or address.pid == served.pid


def test_simulating_a_run_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run 'nothing'"):
        simulate("nothing", [], workspace=tmp_path)


def test_people_can_be_watched_page_by_page(tmp_path: Path) -> None:
    stages: list[int] = []
    main = threading.get_ident()

    def progressed(status: object) -> None:
        assert threading.get_ident() == main
        stages.append(status.responses)  # type: ignore[attr-defined]

    run_demo(Workspace.at(tmp_path / "ws"), items=30, workers=8, mix="honest", seed=1, progressed=progressed)
    assert stages == sorted(stages)
    assert len(stages) > 3
