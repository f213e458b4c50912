"""An object type of another package: found by its entry point, held to the same promises, and good for a run."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAUNCH = """
import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge_colour import Colour

@df.task(duration="8s")
def colour(name: str) -> Colour(6):
    \"\"\"Which colour is it?\"\"\"

known = {"grass": "green", "sky": "blue", "lemon": "yellow", "rose": "red", "ink": "blue", "leaf": "green"}
labels = colour.output("answer").type.labels()
people = [SimulatedWorker(f"w{n}", right_with(0.95, {"answer": labels})) for n in range(8)]
crowd = SimulatedPlatform(people, lambda inputs: {"answer": known[inputs["name"]]}, seed=1)
items = [{"name": name} for name in list(known)[:4]]
control = [{"name": name, "answer": known[name]} for name in list(known)[4:]]
run = df.launch(colour, items, control, df.Policy(overlap=5, speed=()), platform=crowd, name="colours")
run.wait()
found = dict(zip(run.labels()["name"], run.labels()["answer"], strict=True))
assert found == {name: known[name] for name in found} and len(found) == 4, found
again = df.open_run("colours")
assert list(again.labels()["answer"]) == list(run.labels()["answer"])
"""


@pytest.fixture
def python(installed: Callable[[str], Path], tmp_path: Path) -> Callable[..., str]:
    """Runs Python where the package is installed; gives what it prints."""

    def run(*arguments: str, folder: Path = tmp_path) -> str:
        found = os.environ | {"PYTHONPATH": os.pathsep.join((str(installed("dataforge-colour")), str(ROOT / "src")))}
        done = subprocess.run([sys.executable, *arguments], cwd=folder, env=found, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_every_promise_of_object_types_is_tried_with_it(python: Callable[..., str]) -> None:
    pytest_ = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    told = python(*pytest_, "tests/objects/test_every_object_type.py", "-k", "colour", folder=ROOT)
    assert "passed" in told
    assert int(told.split(" passed")[0].rpartition("\n")[2].split()[-1]) > 20


def test_a_run_of_such_a_task_ends_with_the_right_answers_and_can_be_opened_again(python: Callable[..., str]) -> None:
    python("-c", LAUNCH)
