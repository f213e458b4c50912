"""The benchmark of the ledger, on fewer events: both books of the same money say the same."""

import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "ledger.py"


def test_thousands_of_random_events_are_the_same_in_both_books_to_the_millionth() -> None:
    command = [sys.executable, str(BENCHMARK), "--events", "4000", "--seed", "3"]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr[-3_000:]
    *figures, last = told.stdout.splitlines()
    said = {line.split()[0] for line in figures}
    assert said >= {"events", "submitted", "accepted", "rejected", "taken_back", "bonus", "paid_out"}
    assert last == "both books say the same, to the millionth"
