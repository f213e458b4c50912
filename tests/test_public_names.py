"""What `import dataforge` promises."""

import importlib
import subprocess
import sys

import pytest

import dataforge
import dataforge.aggregation


def test_every_public_name_can_be_imported() -> None:
    for name in dataforge.__all__:
        assert getattr(dataforge, name) is not None


def test_every_public_name_says_what_it_is() -> None:
    for name in dataforge.__all__:
        assert getattr(dataforge, name).__doc__, name


def test_importing_the_package_loads_no_heavy_library() -> None:
    script = (
        "import sys, dataforge; "
        "heavy = ('pandas', 'pyarrow', 'sklearn', 'starlette', 'uvicorn', 'rich', 'numpy'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    reply = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert reply.stdout.strip() == "[]"


@pytest.mark.parametrize("process", ["dataforge.server.serving", "dataforge.runs.handle.runner"])
def test_neither_a_server_nor_a_runner_that_has_nothing_to_do_loads_what_reads_tables(process: str) -> None:
    script = (
        f"import sys, {process}; "
        "print([name for name in ('numpy', 'pyarrow', 'pandas', 'narwhals', 'typer') if name in sys.modules])"
    )
    reply = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert reply.stdout.strip() == "[]"


def test_who_launches_loads_no_library_of_data_frames_and_no_measures() -> None:
    script = (
        "import sys, dataforge.launching; "
        "print([name for name in ('pandas', 'narwhals', 'dataforge.metrics') if name in sys.modules])"
    )
    reply = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert reply.stdout.strip() == "[]"


def test_a_run_whose_answers_are_labels_needs_no_scipy_to_begin() -> None:
    script = "import sys, dataforge.runs.quality.consensus; print('scipy' in sys.modules)"
    reply = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert reply.stdout.strip() == "False"


def test_every_public_name_of_aggregation_can_be_imported_and_says_what_it_is() -> None:
    assert {"Aggregator", "Consensus", "Responses"} <= set(dataforge.aggregation.__all__)
    for name in dataforge.aggregation.__all__:
        assert getattr(dataforge.aggregation, name).__doc__, name


@pytest.mark.parametrize(
    ("room", "names"),
    [
        ("dataforge.objects", {"ObjectType"}),
        ("dataforge.platforms", {"Platform"}),
        ("dataforge.aggregation", {"Aggregator", "Consensus", "Responses"}),
        ("dataforge.issue", {"Store"}),
        ("dataforge.formats", {"Format", "Labelled", "Labels"}),
    ],
)
def test_what_plug_ins_are_written_against_is_public(room: str, names: set[str]) -> None:
    module = importlib.import_module(room)
    assert names <= set(module.__all__)
    for name in names:
        assert getattr(module, name).__doc__, name
