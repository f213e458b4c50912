"""An aggregator that somebody else's package brings: held to what all keep to, and used by a run under its name."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dataforge import registry

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "tests" / "packages" / "dataforge-cautious-vote"
SUITE = Path(__file__).with_name("test_every_aggregator.py")

RUN = """
import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with


@df.task(duration="10s")
def even(number: df.Text) -> bool:
    '''Is the number even?'''


workers = [SimulatedWorker(f"w{n}", right_with(1.0, {"answer": [True, False]}), arrives=60.0 * n) for n in range(4)]
run = df.launch(
    even,
    [{"number": str(n)} for n in range(12)],
    policy=df.Policy(overlap=3, aggregation="cautious-vote", speed=(), control=None),
    name="even",
    platform=SimulatedPlatform(workers, lambda inputs: {"answer": int(inputs["number"]) % 2 == 0}, seed=1),
    progress=False,
)
run.wait(progress=False)
labels = run.labels()
assert labels["answer"].tolist() == [n % 2 == 0 for n in range(12)]
print(*sorted({round(found, 6) for found in labels["confidence"]}))
"""


@pytest.fixture(scope="module")
def environment(installed: Callable[[str], Path]) -> dict[str, str]:
    """Variables of a process that finds the package."""
    return {**os.environ, "PYTHONPATH": str(installed(PACKAGE.name))}


def test_it_keeps_to_what_every_aggregator_keeps_to(environment: dict[str, str]) -> None:
    pytest_of_it = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(SUITE), "-k", "cautious-vote"]
    found = subprocess.run(pytest_of_it, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
    # Each promise is tried on it as it is on one of ours.
    promises = re.findall(r"^def test_\w+\(\s*aggregator: ", SUITE.read_text("utf-8"), re.MULTILINE)
    assert f"{len(promises)} passed" in found.stdout


def test_a_run_uses_it_by_its_name(environment: dict[str, str], tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", RUN], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    # Three votes for one of two labels, and one more shared by both: 0.875; without control items a run takes it that
    # workers err together 3 times in 100, which leaves 0.97 of that and 0.03 of the rest.
    assert found.stdout.split() == ["0.8525"]


def test_without_the_package_the_name_is_unknown() -> None:
    assert "cautious-vote" not in registry.names("aggregation")


@pytest.mark.parametrize("page", ["write-your-own-aggregator.md", "write-your-own-aggregator.ru.md"])
def test_the_guide_shows_the_package_as_it_is(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    shown = {
        kind: re.search(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]  # type: ignore[index]
        for kind in ("python", "toml")
    }
    assert shown["python"] == (PACKAGE / "dataforge_cautious_vote.py").read_text("utf-8")
    assert shown["toml"] == (PACKAGE / "pyproject.toml").read_text("utf-8")
