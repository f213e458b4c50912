"""Arrow arrays made from buffers are those that `pa.array` makes, and pandas is not loaded for them."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dataforge.data import arrow


@given(st.lists(st.none() | st.text()))
def test_texts_are_those_that_were_given_and_none_is_absent(values: list[str | None]) -> None:
    made = arrow.texts(values)
    made.validate(full=True)
    assert made.equals(pa.array(values, pa.large_string()))


@given(arrays(np.int64, st.integers(0, 20)))
def test_whole_numbers_stay_what_they_are_in_one_piece_of_memory_or_several(values: np.ndarray) -> None:
    assert arrow.numbers(values).equals(pa.array(values))
    assert arrow.numbers(values[::-2]).equals(pa.array(values[::-2]))


@given(arrays(np.bool_, st.integers(0, 20)), st.integers(0, 20))
def test_truth_values_of_a_column_are_read_as_they_are(values: np.ndarray, start: int) -> None:
    column = pa.chunked_array([pa.array(values), pa.array(values)[start:]])
    assert arrow.held_truths(column).tolist() == [*values.tolist(), *values[start:].tolist()]


@given(arrays(np.bool_, st.integers(0, 20)))
def test_truth_values_stay_what_they_are(values: np.ndarray) -> None:
    assert arrow.truths(values).equals(pa.array(values))


def test_half_of_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(UnicodeEncodeError):
        arrow.texts(["\ud800"])


def test_items_are_read_stored_and_read_again_without_pandas_and_narwhals() -> None:
    script = (
        "import sys, pathlib, tempfile, dataforge as df; "
        "file = pathlib.Path(tempfile.mkdtemp()) / 'texts.csv'; "
        "file.write_text('id,text\\na,one\\nb,two\\n'); "
        'exec(\'@df.task(duration="5s")\\ndef fits(text: df.Text) -> bool:\\n    "Does it fit?"\\n\'); '
        "items = df.read_items(fits, file, id='id'); items.records(); items.to_table(); "
        "stored = file.with_name('items.parquet'); items.save(stored); items = df.Items.load(stored, fits); "
        "print(items.count, {'pandas', 'narwhals'} & set(sys.modules))"
    )
    reply = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert reply.stdout.split() == ["2", "set()"]


def test_a_run_is_launched_and_driven_without_pandas() -> None:
    """Loading it takes a fifth of a second of processor time: as long as a small run itself."""
    script = (
        "import sys, tempfile, dataforge as df; "
        "from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with; "
        'exec(\'@df.task(duration="5s")\\ndef fits(text: df.Text) -> bool:\\n    "Does it fit?"\\n\'); '
        "workers = [SimulatedWorker(f'w{n}', right_with(0.9, {'answer': (True, False)})) for n in range(9)]; "
        "platform = SimulatedPlatform(workers, lambda inputs: {'answer': True}); "
        "real, known = {'text': [f'r{n}' for n in range(20)]}, [{'text': f'k{n}', 'answer': True} for n in range(6)]; "
        "policy = df.Policy(overlap=2, page=(3, 1), control_ratio=0, control=None); "
        "settings = {'name': 'r', 'platform': platform, 'workspace': tempfile.mkdtemp(), 'progress': False}; "
        "run = df.launch(fits, real, known, policy, **settings); "
        "print(run.wait(progress=False).stage, 'pandas' in sys.modules)"
    )
    reply = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert reply.stdout.split() == ["done", "False"]
