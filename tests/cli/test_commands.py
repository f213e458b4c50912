"""What holds for every command: help with an example, exit codes, one line per error."""

import errno
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import pytest

import dataforge as package
import dataforge.cli
from dataforge import Policy, Spans, Text, launch, task
from dataforge.cli._asked import asked_in
from dataforge.cli._policy import PolicyOptions, bonuses_in, settings_of
from dataforge.cli._records import with_records
from dataforge.cli.price import command as price
from dataforge.cli.status import command as status
from dataforge.errors import SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always
from dataforge.registry import names as formats
from dataforge.workspace import Workspace

Dataforge = Callable[..., subprocess.CompletedProcess[str]]
MODULES = (module.name for module in pkgutil.iter_modules(dataforge.cli.__path__))
COMMANDS = [name.replace("_", "-") for name in MODULES if not name.startswith("_")]

WITHOUT_WORKSPACE = {"aggregate", "price"}


def test_the_command_line_is_there_without_what_reads_tables() -> None:
    heavy = "{'numpy', 'pandas', 'polars', 'pyarrow'}"
    ask = f"import sys; from dataforge.cli import app; app(); print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_commands_of_the_manual_are_there() -> None:
    assert {"demo", "serve", "launch", "status", "results", "doctor", "invite", "stop", "simulate", "aggregate"} <= set(
        COMMANDS
    )


def test_the_workspace_is_named_once_for_all_commands(
    dataforge: Dataforge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAFORGE_WORKSPACE", str(tmp_path / "shared"))
    assert str(tmp_path / "shared") in dataforge("status").stderr
    assert str(tmp_path / "own") in dataforge("status", "--workspace", "own").stderr


def test_a_shell_completes_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_DATAFORGE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "dataforge sta")
    monkeypatch.setenv("COMP_CWORD", "1")
    reply = subprocess.run([Path(sys.executable).parent / "dataforge"], capture_output=True, text=True, timeout=150)
    assert reply.stdout.split() == ["status"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_a_command_with_an_example(dataforge: Dataforge, command: str) -> None:
    reply = dataforge(command, "--help")
    assert reply.returncode == 0, reply.stderr
    assert f"dataforge {command}" in reply.stdout.split("Usage:")[1].split("\n", 1)[1], "an example"
    assert ("--workspace" in reply.stdout) == (command not in WITHOUT_WORKSPACE)


def test_help_lists_all_commands_and_loads_nothing_heavy(dataforge_process: Dataforge) -> None:
    reply = dataforge_process("--help")
    assert reply.returncode == 0
    assert all(command in reply.stdout for command in COMMANDS)


def test_help_with_all_commands_draws_no_markdown() -> None:
    slow = "{'pygments', 'markdown_it', 'rich.markdown', 'rich.console'}"
    ask = f"""
import sys
from dataforge.cli import run
try:
    run(["--help"])
finally:
    print(sorted({slow} & sys.modules.keys()))
"""
    reply = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=150)
    assert reply.stdout.splitlines()[-1] == "[]"
    assert "..." not in reply.stdout.partition("Commands:")[2], "what a command does is told in full"


def test_the_version_is_printed_alone(dataforge_process: Dataforge) -> None:
    assert dataforge_process("--version").stdout == f"{package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status"], "no workspace at"),
        (["status", "photos"], "no workspace at"),
        (["results", "photos"], "no workspace at"),
        (["invite"], "no workspace at"),
        (["stop"], "no workspace at"),
        (["launch", "missing.py", "--items", "x.csv"], "no file 'missing.py'"),
        (["aggregate", "missing.csv"], "no file missing.csv"),
    ],
)
def test_a_mistake_is_one_line_on_stderr_and_exit_code_2(
    dataforge: Dataforge, arguments: list[str], message: str
) -> None:
    reply = dataforge(*arguments)
    assert reply.returncode == 2
    assert reply.stdout == ""
    assert reply.stderr.startswith("dataforge: ")
    assert message in reply.stderr
    assert reply.stderr.count("\n") == 1


def test_an_amount_may_have_a_comma_before_its_fraction() -> None:
    given = settings_of(
        overlap=None, languages=None, budget="0,5", page_price="0.25", min_confidence="0,95", finalize_at="0,9"
    )
    assert given == {"budget": 0.5, "page_price": 0.25, "min_confidence": 0.95, "finalize_at": 0.9}


@pytest.mark.parametrize(
    ("name", "written", "said"),
    [
        ("budget", "20р", "--budget: expected an amount such as 20 or 0.5, got '20р'; write the number alone"),
        ("budget", "1,000", "got '1,000'"),
        ("min_confidence", "95%", "--min-confidence: expected a share such as 0.9, got '95%'"),
    ],
)
def test_what_is_no_amount_is_told_with_what_is_one(name: str, written: str, said: str) -> None:
    with pytest.raises(SpecError, match=re.escape(said)):
        settings_of(overlap=None, languages=None, **{name: written})


def test_who_may_work_is_said_one_filter_after_the_other() -> None:
    said = ["age=18-", "speaks=ru, kk", "regions=KZ,RU", "device=phone", "medical >= 70", "Latin>=50,5/90d", "named"]
    assert asked_in([*said, "barred=3f2a,77aa"]) == package.Workers(
        age=(18, None),
        speaks=("ru", "kk"),
        regions=("KZ", "RU"),
        device="phone",
        skills={"medical": 70, "Latin": (50.5, "90d")},
        named=True,
        barred=("3f2a", "77aa"),
    )
    assert asked_in(["age=-35"]).age == (None, 35)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["age"], "expected one of age=18-65"),
        (["age=-"], "expected one of age=18-65"),
        (["age=old"], "got 'age=old'"),
        (["named=Anna"], "got 'named=Anna'"),
        (["speaks="], "got 'speaks='"),
        (["medical>=high"], "got 'medical>=high'"),
        (["medical>=50", "medical>=70"], "'medical' stands there twice; give it once"),
        (["age=18-", "age=20-"], "'age' stands there twice"),
        (["age=40-18"], "swap them"),
        (["medical>=700"], "'medical' must be a number from 0 to 100, such as 70, got 700.0"),
        (["speaks=english"], "no language code"),
    ],
)
def test_what_nobody_can_be_asked_is_told_with_what_they_can(said: list[str], told: str) -> None:
    with pytest.raises(SpecError, match=re.escape(told)):
        asked_in(said)


def test_options_of_a_record_come_to_the_command_as_one() -> None:
    given: list[tuple[str, PolicyOptions]] = []

    @with_records
    def command(name: str, *, options: PolicyOptions) -> None:
        given.append((name, options))

    asked = inspect.signature(command).parameters
    assert list(asked) == ["name", *(field.name for field in fields(PolicyOptions))]
    command(**{**{one.name: one.default for one in asked.values()}, "name": "photos", "overlap": "2-5"})
    assert given == [("photos", PolicyOptions(overlap="2-5"))]
    assert given[0][1].policy() == package.Policy(overlap=(2, 5))


def test_a_step_of_bonuses_is_given_once() -> None:
    assert bonuses_in(["0.9=1", "0.7=0.5"]) == {0.9: 1, 0.7: 0.5}
    with pytest.raises(SpecError, match=re.escape("--bonus: the share 0.9 stands there twice; give one amount for it")):
        bonuses_in(["0.9=1", "0,90=2"])


def test_an_unknown_option_is_exit_code_2(dataforge_process: Dataforge) -> None:
    reply = dataforge_process("status", "--nonsense")
    assert reply.returncode == 2
    assert "nonsense" in reply.stderr


def test_a_file_in_place_of_the_workspace_is_told(dataforge: Dataforge, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    reply = dataforge("invite", "--workspace", "file")
    assert reply.returncode == 2
    assert "no workspace at" in reply.stderr


@task(duration="1s")
def is_right(sentence: Text) -> bool:
    """Is it right?"""
    raise NotImplementedError


def test_a_run_that_cannot_be_read_hides_no_other(tmp_path: Path, dataforge: Dataforge) -> None:
    workspace = tmp_path / ".dataforge"
    for name in ("good", "gone"):
        platform = SimulatedPlatform([SimulatedWorker("ann", always({"answer": True}))])
        policy = Policy(overlap=1, speed=())
        launched = launch(
            is_right, [{"sentence": "one"}], name=name, policy=policy, platform=platform, workspace=workspace,
            progress=False,
        )  # fmt: skip
        launched.wait(60, progress=False)
    for part in ("items.parquet", "summary.json"):
        (workspace / "runs" / "gone" / part).unlink()
    (workspace / "runs" / "cut").mkdir()
    (workspace / "runs" / "cut" / "run.json").write_text('{"name": "cut", "pub')
    reply = dataforge("status", "--json")
    assert (reply.returncode, reply.stderr) == (1, "")
    runs = {run["name"]: run for run in json.loads(reply.stdout)["runs"]}
    assert runs["good"]["stage"] == "done"
    assert runs["cut"]["stage"] == "unreadable"
    assert "run.json' is damaged" in runs["cut"]["notices"][0]["en"]
    assert runs["gone"]["stage"] == "unreadable"
    assert "items.parquet" in runs["gone"]["notices"][0]["en"]
    assert "good" in dataforge("status").stdout
    assert dataforge("status", "good").returncode == 0


def test_items_for_a_run_that_nobody_drives_are_taken_with_a_word_on_who_will(
    tmp_path: Path, dataforge: Dataforge
) -> None:
    platform = SimulatedPlatform([SimulatedWorker("ann", always({"answer": True}))])
    run = launch(
        is_right, [{"id": "1", "sentence": "one"}], name="run", policy=Policy(overlap=1, speed=()), platform=platform,
        workspace=tmp_path / ".dataforge", progress=False,
    )  # fmt: skip
    run.wait(60, progress=False)
    run.close()
    assert dataforge("finish", "run").stdout == "run 'run' has ended: all that came is answered\n"
    (tmp_path / "more.csv").write_text("id,sentence\n2,два\n", "cp1251")
    assert "name its encoding" in dataforge("add", "run", "more.csv").stderr
    assert dataforge("add", "run", "more.csv", "--encoding", "cp1251").stdout.splitlines() == [
        "run 'run': 1 new items, 0 known already",
        "it was told that no more items come: it ends when these are answered, too",
        "run 'run': nobody drives it now; `dataforge serve` goes on with it",
    ]
    [shown] = json.loads(dataforge("status", "--json").stdout)["runs"]
    assert (shown["stage"], shown["driven"], shown["ended"]) == ("running", False, False)
    assert "nobody drives it now" in shown["notices"][0]["en"]


def test_a_table_wider_than_the_screen_is_shown_in_parts(
    tmp_path: Path, dataforge: Dataforge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    platform = SimulatedPlatform([SimulatedWorker("ann", always({"answer": True}))])
    launched = launch(
        is_right, [{"sentence": ":cat:", "note [/b]": "[i]"}], name="wide", policy=Policy(overlap=1, speed=()),
        platform=platform, workspace=tmp_path / ".dataforge", progress=False,
    )  # fmt: skip
    launched.wait(60, progress=False)
    lines = dataforge("results", "wide", "--what", "workers").stdout.splitlines()
    headings = [line.split() for line in lines if line.lstrip().startswith("worker")]
    assert [name for heading in headings for name in heading[1:]] == list(launched.workers().columns)[1:]
    assert max(map(len, lines)) <= 80
    # What the data has in it is no markup of ours.
    shown = dataforge("results", "wide").stdout
    assert all(text in shown for text in (":cat:", "note [/b]", "[i]"))
    launched.close()


@task(duration="10s")
def heard(sentence: Text) -> Text:
    """Write it down."""


def test_a_run_is_shown_with_the_one_in_which_its_answers_are_judged(dataforge: Dataforge, tmp_path: Path) -> None:
    run = launch(
        heard, [{"sentence": "one"}], name="run", policy=Policy(check=Policy(page_price=0.5)),
        platform=SimulatedPlatform(), workspace=tmp_path / ".dataforge", progress=False,
    )  # fmt: skip
    run.stop()
    run.wait(60, progress=False)
    run.close()
    shown = json.loads(dataforge("status", "run", "--json").stdout)["runs"]
    assert [(one["name"], one["judges"]) for one in shown] == [("run", None), ("run-check", "run")]


@task(duration="10s")
def names(text: Text) -> Annotated[list[Any], Spans()]:
    """Mark every name."""


def test_answers_are_written_in_a_format_of_others(dataforge: Dataforge, tmp_path: Path) -> None:
    span = {"start": 3, "end": 6, "text": "Bob"}
    launched = launch(
        names, [{"id": "a", "text": "Hi Bob"}], name="names", policy=Policy(overlap=1, speed=(), quality="merge"),
        platform=SimulatedPlatform([SimulatedWorker("ann", always({"answer": [span]}))]),
        workspace=tmp_path / ".dataforge", progress=False,
    )  # fmt: skip
    launched.wait(60, progress=False)
    written = dataforge("results", "names", "--format", "spacy", "--out", "names.jsonl", "--json")
    assert json.loads(written.stdout) == {"run": "names", "what": "labels", "format": "spacy", "out": "names.jsonl"}
    assert json.loads(Path("names.jsonl").read_text())["entities"] == [[3, 6, "span"]]
    for nowhere in ((), ("--out", "-")):
        refused = dataforge("results", "names", "--format", "spacy", *nowhere)
        assert (refused.returncode, "--format spacy: expected a file or a folder" in refused.stderr) == (2, True)
    assert set(formats("formats")) <= set(re.findall(r"[a-z-]+", dataforge("results", "--help").stdout))
    wrong = dataforge("results", "names", "--format", "coco", "--out", "a.json")
    assert "coco holds boxes, polygons, points, mask; the run asks for answer: spans" in wrong.stderr
    launched.close()


@pytest.mark.parametrize(("number", "advice"), [(errno.ENOSPC, "make room"), (errno.EROFS, "choose a place")])
def test_a_disk_that_takes_nothing_is_said_with_what_to_do(
    number: int, advice: str, dataforge: Dataforge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Workspace) -> Workspace:
        raise OSError(number, os.strerror(number), str(self.root))

    monkeypatch.setattr(Workspace, "make", full)
    reply = dataforge("serve")
    assert reply.returncode == 1
    assert advice in reply.stderr
    assert reply.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs a C library that calls back at its end")
def test_what_compiled_libraries_do_at_the_end_changes_no_exit_code(tmp_path: Path) -> None:
    script = """
import atexit, ctypes, os
from dataforge.cli import main
at_end = ctypes.CFUNCTYPE(None)(os.abort)
ctypes.CDLL(None).on_exit(at_end, None)
atexit.register(print, "cleaned up")
main()
"""
    ended = subprocess.run([sys.executable, "-c", script, "--version"], capture_output=True, text=True, cwd=tmp_path)
    assert (ended.returncode, ended.stdout.splitlines()) == (0, [package.__version__, "cleaned up"])
    ended = subprocess.run([sys.executable, "-c", script, "status"], capture_output=True, text=True, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "cleaned up\n")
    assert "no workspace" in ended.stderr


def test_several_mistakes_are_told_one_a_line(dataforge: Dataforge, tmp_path: Path) -> None:
    source = 'import dataforge as df\n\n@df.task\ndef even(number: df.Text) -> bool:\n    """Is it even?"""\n'
    (tmp_path / "task.py").write_text(source)
    (tmp_path / "items.csv").write_text("text\n1\n")
    lines = dataforge("launch", "task.py", "--items", "items.csv", "--name", "A name").stderr.splitlines()
    assert lines[0] == "dataforge: 2 mistakes"
    assert [line.split(":")[0] for line in lines[1:]] == ["- items.csv", "- name"]


def test_drafts_are_named_by_their_columns(dataforge: Dataforge, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(TASK_OF_TWO)
    (tmp_path / "items.csv").write_text("sound,asr\na,hello\n")
    launch = ("launch", "task.py", "--items", "items.csv")
    wrong = dataforge(*launch, "--prefill", "asr")
    assert wrong.returncode == 2
    assert "the task 'told' has several outputs; write {'kind': …, 'words': …}" in wrong.stderr
    missing = dataforge(*launch, "--prefill", "words=asr", "--prefill", "kind=guess")
    assert "items.csv: no column 'guess' with the drafts (prefill); columns are: 'sound', 'asr'" in missing.stderr
    assert "expected OUTPUT=COLUMN, got 'asr'" in dataforge(*launch, "--prefill", "asr", "--prefill", "kind=x").stderr


TASK_OF_TWO = '''
from dataclasses import dataclass
import dataforge as df

@dataclass
class Both:
    kind: bool
    words: df.Text

@df.task
def told(sound: df.Text) -> Both:
    """Say what it is, and what it says."""
    ...
'''


def test_of_the_pages_there_can_be_the_chosen_one_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    price(duration="9s", options=3)
    lines = capsys.readouterr().out.splitlines()
    [said, marked] = [lines[0], next(line for line in lines if line.lstrip().startswith("→"))]
    items, controls = re.search(r"\((\d+) \+ (\d+) control", said).groups()  # type: ignore[union-attr]
    assert sum("→" in line for line in lines) >= 1
    assert marked.split()[2:4] == [items, controls]


def test_a_forecast_is_of_one_run() -> None:
    for name, watch in ((None, False), ("photos", True)):
        with pytest.raises(SpecError, match="--forecast: rehearses one run, once: name it"):
            status(name, watch=watch, rehearsed=True)


def test_a_command_reads_the_file_of_no_other_command() -> None:
    asked = "import sys; from dataforge.cli import app; app('label'); print(*sys.modules)"
    read = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    assert "dataforge.cli.label" in read
    assert not {"dataforge.cli.launch", "dataforge.cli.status"} & set(read)
