"""Everything works where numba is not installed, without a word about it."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# As if they were not installed: such an import fails, and nobody finds them.
HIDDEN = "import sys; sys.modules |= dict.fromkeys(['numba', 'llvmlite'])"


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", f"{HIDDEN}\n{code}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


def test_every_method_of_runs_keeps_its_promises() -> None:
    tests = [TESTS / "consensus" / "test_every_aggregator.py", TESTS / "kernels" / "test_exact.py"]
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", *map(str, tests)]
    run(f"import pytest; sys.exit(pytest.main({options!r}))")


def test_large_tables_are_aggregated_by_every_kind_of_pass() -> None:
    run("""
import numpy as np, pandas as pd
from dataforge.aggregation import GLAD, KOS, MACE, MMSR, DawidSkene, MajorityVote, OneCoinDawidSkene, Wawa
rng = np.random.default_rng(0)
n = 60_000
columns = {"task": rng.integers(0, n // 5, n), "worker": rng.integers(0, 100, n), "label": rng.integers(0, 2, n)}
data = pd.DataFrame({name: pd.Series(codes).map("{:07d}".format) for name, codes in columns.items()})
few = {"n_iter": 2}
models = (DawidSkene(**few), OneCoinDawidSkene(**few), KOS(**few), GLAD(**few), MMSR(**few), MACE(n_restarts=1, **few))
for method in (MajorityVote(), Wawa(), *models):
    assert len(method.fit_predict(data)) == data["task"].nunique()
""")


@pytest.mark.parametrize("error", ["ImportError('needs an older numpy')", "OSError('no libllvmlite.so')"])
def test_one_that_does_not_load_is_as_good_as_none_but_the_doctor_says_so(tmp_path: Path, error: str) -> None:
    (tmp_path / "numba.py").write_text(f"raise {error}")
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import numpy as np
from dataforge.aggregation.kernels.passes import choice, reference
from dataforge.aggregation.kernels.short_texts import sorted_codes
from dataforge.cli.doctor import examine
from dataforge.workspace import Workspace
assert choice.compiled_pays(choice.Work(10**9))
assert sorted_codes(np.arange(60_001), np.zeros(60_000, np.uint8)) is None
assert choice.passes(compiled=True) is reference
fast = next(check for check in examine(Workspace.at({str(tmp_path)!r})) if check.name == "fast")
assert fast.verdict == "warning" and "does not load" in fast.found
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_process_that_has_nothing_large_to_do_never_imports_it() -> None:
    code = """
import sys
import pandas as pd
from dataforge.aggregation import DawidSkene
DawidSkene().fit_predict(pd.DataFrame({"task": [1, 1, 2], "worker": [1, 2, 1], "label": ["a", "a", "b"]}))
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
