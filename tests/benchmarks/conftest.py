"""The files of a benchmark import each other by their own names, as the folder is run."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks" / "label_economics"))
