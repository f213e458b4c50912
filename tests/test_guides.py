"""The guides: their Python runs, their commands exist, both languages say the same, and every link leads somewhere.

The blocks of a guide run one after the other in one namespace. What a guide takes as given is laid out before; where
it waits for people, simulated ones answer.
"""

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial, partialmethod
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
import typer.main

import dataforge as df
from dataforge.active_learning.handle import Loop
from dataforge.cli import app
from dataforge.demo import served
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.workspace import Workspace

ROOT = Path(__file__).parents[1]
DOWNLOADS = ("metrics",)
GUIDES = sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.with_suffix(".ru.md").exists())
PAIRS = [Path("README"), *(Path("docs", guide) for guide in GUIDES)]
PAIRS += sorted(path.relative_to(ROOT).with_suffix("") for path in (ROOT / "examples").rglob("README.md"))
PAGES = sorted(
    path.relative_to(ROOT)
    for folder, pattern in ((".", "*.md"), ("docs", "*.md"), ("examples", "**/*.md"))
    for path in (ROOT / folder).glob(pattern)
)

PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")

ANSWERS = ["dog", "cat", "other"]
ON_A_SERVER = ("annotation", "pipelines", "tasks", "simulation", "write-your-own-object-type")
WITH_A_PACKAGE = {"write-your-own-object-type": "dataforge-colour"}
WITH_SIMULATED_PEOPLE = ("README", "runs", "results", "promises", "experts")


class Animal(df.Choice):
    DOG = "dog"
    CAT = "cat"
    OTHER = "other"


@df.task(duration="10s")
def animal(photo: df.Image) -> Animal:
    """Which animal is in the photo?"""


def photos(count: int, kind: str) -> dict[str, str]:
    """Addresses of photos, and what is in them."""
    return {f"https://example.org/{kind}-{n}.jpg": ANSWERS[n % len(ANSWERS)] for n in range(count)}


def written(path: str, known: dict[str, str], *, answers: bool) -> list[dict[str, str]]:
    """Write items to a CSV file, with their answers or without; give them."""
    rows = [{"photo": photo, "answer": answer} if answers else {"photo": photo} for photo, answer in known.items()]
    Path(path).write_text("\n".join(",".join(row) for row in [rows[0], *(row.values() for row in rows)]) + "\n")
    return rows


def given() -> dict[str, Any]:
    """What guides take as given: a task, tables in the current folder, and what is known of them."""
    real, gold = photos(30, "photo"), photos(12, "gold")
    return {
        "df": df,
        "animal": animal,
        "known": real | gold,
        "items": written("photos.csv", real, answers=False),
        "control": written("control.csv", gold, answers=True),
        "more": [{"photo": photo} for photo in photos(30, "more")],
        "policy": df.Policy(overlap=(2, 3), speed=()),
    }


def crowd_answers() -> dict[str, Any]:
    """Tables of answers as estimators take them, and what is known of their tasks."""
    rows = [
        {"task": f"t{task}", "worker": f"w{worker}", "label": ("cat", "dog")[(task + (task * worker) % 7 // 6) % 2]}
        for task in range(30)
        for worker in range(5)
    ]
    answers = pd.DataFrame(rows)
    return {
        "answers": answers[:100],
        "new_answers": answers[100:],
        "other_answers": answers[50:],
        "gold": pd.Series({"t0": "cat", "t1": "dog"}, name="label").rename_axis("task"),
    }


def simulated(known: dict[str, str]) -> SimulatedPlatform:
    """People who are nearly always right."""
    people = [SimulatedWorker(f"w{n}", right_with(0.95, {"answer": ANSWERS})) for n in range(12)]
    return SimulatedPlatform(people, lambda inputs: {"answer": known.get(inputs["photo"]["url"], "dog")}, seed=1)


def simulated_experts(known: dict[str, str]) -> SimulatedPlatform:
    """People who are nearly always right, and as experts find right what is so, and add something now and then."""

    def answer(inputs: Any, truth: Any, chance: Random) -> dict[str, Any]:
        photo = inputs["photo"]["url"]
        if "answer" in inputs:
            return {"_ok": inputs["answer"] == known[photo]}
        comment = {"_comment": "look at the ears"} if re.search(r"[0369]\.jpg", photo) else {}
        return {"answer": known[photo], "_ok": True, **comment}

    return SimulatedPlatform([SimulatedWorker(name, answer) for name in ("Anna", "Boris")], seed=1)


def simulated_workers_and_experts(known: dict[str, str]) -> SimulatedPlatform:
    """The same, of whom nobody says more of an item than a worker is asked, but where answers are judged."""

    def answer(inputs: Any, truth: Any, chance: Random) -> dict[str, Any]:
        photo = inputs["photo"]["url"]
        return {"_ok": inputs["answer"] == known[photo]} if "answer" in inputs else {"answer": known[photo]}

    return SimulatedPlatform([SimulatedWorker(f"w{n}", answer) for n in range(12)], seed=1)


GOOD, BAD = ("quiet", "bright", "cheap", "friendly", "clean"), ("noisy", "dark", "dear", "rude", "dirty")


def hotels() -> list[str]:
    """What guests wrote, in three words each."""
    words = [(one, other, third) for one in GOOD + BAD for other in GOOD + BAD for third in GOOD + BAD]
    return [f"The hotel was {one}, {other} and {third}." for one, other, third in words[::5]]


def simulated_guests() -> SimulatedPlatform:
    """People who like what has more good words than bad ones, nearly always."""

    def answer(inputs: Any, truth: Any, chance: Random) -> dict[str, Any]:
        liked = sum(word in inputs["text"] for word in GOOD) >= 2
        return {"answer": liked != (chance.random() < 0.05)}

    return SimulatedPlatform([SimulatedWorker(f"w{n}", answer) for n in range(40)], seed=1)


def simulated_comparers() -> SimulatedPlatform:
    """People who find the text better that comes first in the alphabet, and the same what begins with one word."""

    def answer(inputs: Any, truth: Any, chance: Random) -> dict[str, Any]:
        if "query" not in inputs:
            return {"answer": inputs["left"].split()[0] == inputs["right"].split()[0]}
        return {"answer": "left" if (inputs["left"] < inputs["right"]) != (chance.random() < 0.1) else "right"}

    return SimulatedPlatform([SimulatedWorker(f"w{n}", answer) for n in range(12)], seed=1)


def prepared(guide: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The namespace in which a guide's blocks run, in the current folder."""
    space: dict[str, Any] = {"__name__": "guide"}
    if guide in ON_A_SERVER:
        stack.enter_context(served(Workspace.at()))
    if guide == "pipelines":
        space |= given()
    if guide in WITH_SIMULATED_PEOPLE:
        space |= given()
        monkeypatch.setattr(df, "launch", partial(df.launch, platform=simulated(space["known"])))
    if guide == "experts":
        everything = space["known"] | photos(30, "more")
        monkeypatch.setattr(df, "try_out", partial(df.try_out, platform=simulated_experts(everything)))
        monkeypatch.setattr(df, "launch", partial(df.launch, platform=simulated_workers_and_experts(everything)))
    if guide == "loop":
        space |= {"df": df, "texts": hotels()}
        on = simulated_guests()
        monkeypatch.setattr(df, "loop", partial(df.loop, platform=on))
        monkeypatch.setattr(Loop, "apply", partialmethod(Loop.apply, platform=on))
    if guide == "ranking":
        space |= {"df": df, "answers": [f"Open from {hour} to 18, more or less." for hour in range(8, 13)]}
        space["names"] = [f"{name} {form}" for name in ("Oak", "Elm", "Fir") for form in ("Ltd", "Limited", "LLC")]
        for name in ("rank", "cluster"):
            monkeypatch.setattr(df, name, partial(getattr(df, name), platform=simulated_comparers()))
    if guide == "aggregation":
        space |= crowd_answers()
    if guide in ("results", "promises"):
        space["run"] = df.launch(animal, space["items"], space["control"], df.Policy(overlap=3))
        space["run"].wait()
    if guide == "simulation":
        space |= given()
        written("known.csv", photos(30, "photo"), answers=True)
        run = df.launch(animal, "photos.csv", "control.csv", space["policy"], name="by-hand")
        stack.callback(run.stop)
        space["url"], _, token = (run.invitation or "").partition("/join/")
        space |= {"invitation": token, "truth": lambda inputs: space["known"][inputs["photo"]]}
    return space


def blocks(page: Path, kind: re.Pattern[str] = PYTHON) -> list[str]:
    return kind.findall((ROOT / page).read_text("utf-8"))


def with_python() -> Iterator[str]:
    """Pages whose blocks run; a Russian one has the Python of the English one beside it, see below."""
    twins = {Path(f"{pair}.ru.md") for pair in PAIRS}
    runnable = (page for page in PAGES if page not in twins and page.name.partition(".")[0] not in DOWNLOADS)
    yield from (str(page) for page in runnable if blocks(page))


@pytest.mark.parametrize("page", list(with_python()))
def test_every_block_of_a_guide_runs_in_order(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, importable: Callable[[str], Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    guide = Path(page).name.partition(".")[0]
    if guide in WITH_A_PACKAGE:
        importable(WITH_A_PACKAGE[guide])
    with ExitStack() as stack:
        space = prepared(guide, stack, monkeypatch) | {"__file__": page}
        for number, block in enumerate(blocks(Path(page)), 1):
            exec(compile(block, f"{page}, block {number}", "exec"), space)


@pytest.mark.parametrize("guide", WITH_A_PACKAGE)
def test_the_files_of_a_package_that_a_guide_shows_are_those_that_the_tests_install(guide: str) -> None:
    folder = ROOT / "tests" / "packages" / WITH_A_PACKAGE[guide]
    files = [path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".js", ".toml")]
    shown = [block.partition("\n")[2].removesuffix("```") for block in blocks(Path("docs", f"{guide}.md"), CODE)]
    assert len(files) > 1
    assert set(files) <= set(shown)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_both_languages_show_the_same_code(pair: Path) -> None:
    def without_comments(name: str) -> list[str]:
        # A Russian guide opens the Russian notebook.
        code = [block.replace(".ru.ipynb", ".ipynb") for block in blocks(Path(name), CODE)]
        return [re.sub(r"\s*# .*$", "", block, flags=re.MULTILINE) for block in code]

    def python(name: str) -> list[str]:
        return [ast.dump(ast.parse(block.replace(".ru.ipynb", ".ipynb"))) for block in blocks(Path(name))]

    assert without_comments(f"{pair}.md") == without_comments(f"{pair}.ru.md")
    assert python(f"{pair}.md") == python(f"{pair}.ru.md")


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_both_languages_have_the_same_sections(pair: Path) -> None:
    def levels(name: str) -> list[str]:
        return [level for level, _ in HEADING.findall(prose(Path(name)))]

    assert levels(f"{pair}.md") == levels(f"{pair}.ru.md")


def prose(page: Path) -> str:
    return CODE.sub("", (ROOT / page).read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """What headings of a page are called in links, in the way of GitHub."""
    titles = (title.lower() for _, title in HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if link.startswith(("https://", "http://")):
            continue
        target, _, anchor = link.partition("#")
        found = (ROOT / page.parent / target).resolve() if target else ROOT / page
        assert found.exists(), link
        if anchor:
            assert anchor in anchors(found.relative_to(ROOT)), link


def test_every_benchmark_that_says_how_it_is_run_stands_in_their_readme() -> None:
    readme = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    run = [
        path.name
        for path in (ROOT / "benchmarks").glob("*.py")
        if f"python benchmarks/{path.name}" in path.read_text("utf-8")
    ]
    assert len(run) > 10
    assert [name for name in sorted(run) if f"`{name}`" not in readme] == []


@cache
def known_commands() -> Any:
    return typer.main.get_command(app()).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_and_options_that_a_page_shows_exist(page: Path) -> None:
    commands = known_commands()
    for line in "\n".join(blocks(page, SHELL)).replace("\\\n", " ").splitlines():
        words = line.partition("#")[0].split()
        if words[:1] != ["dataforge"]:
            continue
        assert words[1] in commands, line
        known = {name for option in commands[words[1]].params for name in (*option.opts, *option.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, line
