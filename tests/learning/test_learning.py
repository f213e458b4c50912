"""What the extra promises; the layers themselves are tested where torch is installed."""

import importlib.util
import subprocess
import sys

import pytest

import dataforge.learning

WITHOUT_TORCH = importlib.util.find_spec("torch") is None


def test_importing_the_package_loads_no_torch() -> None:
    script = "import sys, dataforge.learning; print('torch' in sys.modules)"
    reply = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert reply.stdout.strip() == "False"


@pytest.mark.skipif(not WITHOUT_TORCH, reason="torch is installed")
def test_without_torch_the_error_names_the_extra() -> None:
    with pytest.raises(dataforge.errors.MissingDependency, match=r"pip install torch transformers"):
        _ = dataforge.learning.CrowdLayer


def test_unknown_names_are_attribute_errors() -> None:
    assert not hasattr(dataforge.learning, "NoSuchLayer")
