"""What the crash test kills: python launcher.py WORKSPACE ITEMS LEASE [open]. It goes on when launched again."""

import sys
from pathlib import Path

import dataforge as df

FIRST_CONTROL = 1_000_000
OVERLAP = (2, 4)


class Parity(df.Choice):
    EVEN = df.option("even")
    ODD = df.option("odd")
    NEITHER = df.option("neither")


@df.task(name="Parity", duration="2s")
def parity(number: df.Text) -> Parity:
    """Is the number even or odd?"""


def truth(number: str) -> str:
    return "odd" if int(number) % 2 else "even"


def policy(lease: float) -> df.Policy:
    """No rule that looks at the clock, so that what is decided depends on the answers alone."""
    return df.Policy(
        overlap=OVERLAP,
        min_confidence=0.9,
        page=(4, 1),
        control_ratio=1,
        speed=(),
        control=None,
        skips=None,
        lease=lease,
    )


def rows(start: int, count: int) -> list[dict[str, str]]:
    return [{"id": str(number), "number": str(number)} for number in range(start, start + count)]


def launch(workspace: Path, items: int, lease: float = 20.0, *, stay_open: bool = False) -> df.Run:
    # Nobody may run out of control items: all must be right, so whoever ever failed one would be paid for no page more.
    control = [{**row, "answer": truth(row["number"])} for row in rows(FIRST_CONTROL, max(40, items // 4))]
    return df.launch(
        parity,
        rows(0, items),
        control=control,
        policy=policy(lease),
        name="crash",
        workspace=workspace,
        progress=False,
        open=stay_open,
    )


if __name__ == "__main__":
    launch(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), stay_open="open" in sys.argv).wait()
