"""What comes out of a run's answers does not hang on what the process did before."""

import subprocess
import sys

from tests.aggregation.kernels.strategies import NEEDS_NUMBA


@NEEDS_NUMBA
def test_results_and_later_predictions_are_the_same_bits_before_and_after_compiled_passes_are_loaded() -> None:
    code = """
import sys
import numpy as np
from dataforge import registry
from dataforge.aggregation.consensus.base import Responses
rng = np.random.default_rng(0)
item, worker, truth = np.repeat(np.arange(17_000), 3), rng.integers(0, 300, 51_000), rng.integers(0, 4, 17_000)
label = np.where(rng.random(51_000) < 0.6, truth[item], rng.integers(0, 4, 51_000))
answers = Responses(*(codes.astype(np.int32) for codes in (item, worker, label)), 17_000, 300, 4)
names = [name for name in registry.names("aggregation") if name != "glad"]  # glad is the same with either passes
before = {name: registry.load("aggregation", name).fit(answers) for name in names}
assert "numba" not in sys.modules
import dataforge.aggregation.kernels.passes.compiled
for name, found in before.items():
    aggregator = registry.load("aggregation", name)
    assert np.array_equal(aggregator.predict(answers, found), found.probabilities), name
    assert np.array_equal(aggregator.fit(answers).probabilities, found.probabilities), name
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
