"""The demonstration: handwritten digits, labelled from end to end over a real server.

The pictures lie beside this file, so that it needs no network: the test half of E. Alpaydin and C. Kaynak, "Optical
Recognition of Handwritten Digits" (UCI, 1998; CC BY 4.0). Forty simulated people of mixed honesty work through
the same HTTP routes as browsers do; or you do it yourself (`dataforge demo --people`).
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.errors import SpecError, Unreachable
from dataforge.objects.choice import Choice, option
from dataforge.objects.image import Image
from dataforge.policy import Policy
from dataforge.simulation.personas import crowd
from dataforge.simulation.runs import simulate
from dataforge.tasks.signature import task
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from dataforge.runs.driving.status import RunStatus
    from dataforge.runs.handle.run import Run

__all__ = [
    "POLICY",
    "Bin",
    "DemoResult",
    "Digit",
    "Digits",
    "demo_for_people",
    "digit",
    "draw_digits",
    "run_demo",
    "served",
]

NAME = "digits"
LOOK_EVERY = 0.003
START_PATIENCE = 30.0
STOP_PATIENCE = 20.0
ENDING_PATIENCE = 2.0
CALIBRATION_EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
POLICY = Policy(
    overlap=(2, 5),
    min_confidence=0.9,
    page=(9, 3),
    control_ratio=0.6,
    # Simulated people finish a page in no time, and the server goes by its own clock.
    speed=(),
)
SIDE = 192
MARGIN = 24
GREYS = 16


class Digit(Choice):
    """What can be read in a picture."""

    ZERO = option("0")
    ONE = option("1")
    TWO = option("2")
    THREE = option("3")
    FOUR = option("4")
    FIVE = option("5")
    SIX = option("6")
    SEVEN = option("7")
    EIGHT = option("8")
    NINE = option("9")


@task(
    name={
        "en": "Handwritten digits",
        "ru": "Рукописные цифры",
        "es": "Cifras manuscritas",
        "tr": "El yazısı rakamlar",
        "kk": "Қолмен жазылған цифрлар",
        "uz": "Qoʻlda yozilgan raqamlar",
    },
    instruction={
        "en": "Which digit is in the picture?\n\nThe pictures are coarse. Go by the *overall shape*; looking from "
        "further away helps.",
        "ru": "Какая цифра на картинке?\n\nКартинки грубые. Смотрите на *общую форму*; помогает отодвинуться подальше.",
        "es": "¿Qué cifra hay en la imagen?\n\nLas imágenes son burdas. Guíese por la *forma general*; ayuda mirar "
        "desde más lejos.",
        "tr": "Resimde hangi rakam var?\n\nResimler kabadır. *Genel biçime* bakın; daha uzaktan bakmak yardımcı olur.",
        "kk": "Суретте қандай цифр бар?\n\nСуреттер анық емес. *Жалпы пішініне* қараңыз; алыстан қараған көмектеседі.",
        "uz": "Rasmda qaysi raqam bor?\n\nRasmlar aniq emas. *Umumiy shakliga* qarang; uzoqdan qarash yordam beradi.",
    },
    titles={
        "picture": {"en": "Picture", "ru": "Картинка", "es": "Imagen", "tr": "Resim", "kk": "Сурет", "uz": "Rasm"},
        "answer": {
            "en": "The digit",
            "ru": "Цифра",
            "es": "La cifra",
            "tr": "Rakam",
            "kk": "Цифр",
            "uz": "Raqam",
        },
    },
    duration="4s",
)
def digit(picture: Image) -> Digit:  # type: ignore[empty-body]
    """Which digit is in the picture?"""


@dataclass(frozen=True)
class Digits:
    """Pictures with the digits that they show: items to label, and control items, as many of each digit."""

    items: tuple[tuple[Path, str], ...]
    control: tuple[tuple[Path, str], ...]

    def rows(self) -> list[dict[str, Any]]:
        """The items as a launch wants them; what they show is carried along under `truth`, and never leaves the run."""
        return [{"picture": str(path), "truth": shown} for path, shown in self.items]

    def control_rows(self) -> list[dict[str, Any]]:
        """The control items as a launch wants them."""
        return [{"picture": str(path), "answer": shown} for path, shown in self.control]


def draw_digits(folder: Path, items: int, control: int, seed: int) -> Digits:
    """Write pictures of handwritten digits into a folder: black ink on white, enlarged smoothly."""
    import numpy as np

    with (files("dataforge") / "digits.npz").open("rb") as file, np.load(file) as data:
        images, target = data["images"], data["target"]
    if not (items >= 1 and control >= 0 and items + control <= len(target)):
        raise SpecError(f"items: expected 2 to {len(target)} pictures, got {items + control}")
    order = np.random.default_rng(seed).permutation(len(target))
    # As many control items of each digit, or else a worker who always gives one answer is found too late.
    by_digit = [[int(place) for place in order if target[place] == value] for value in range(10)]
    known = [by_digit[number % 10][number // 10] for number in range(control)]
    rest = [int(place) for place in order if int(place) not in set(known)][:items]
    folder.mkdir(parents=True, exist_ok=True)

    def drawn(place: int) -> tuple[Path, str]:
        path = folder / f"{place:04d}.png"
        _picture(images[place], path)
        return path, str(target[place])

    return Digits(tuple(map(drawn, rest)), tuple(map(drawn, known)))


def _picture(image: Any, path: Path) -> None:
    from PIL import Image as Picture

    shades = (255 * (1 - image / GREYS)).round().astype("uint8")
    large = Picture.fromarray(shades).resize((SIDE, SIDE), Picture.Resampling.BICUBIC)
    framed = Picture.new("L", (SIDE + 2 * MARGIN, SIDE + 2 * MARGIN), "white")
    framed.paste(large, (MARGIN, MARGIN))
    framed.save(path, optimize=True)


# --- the demonstration ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Bin:
    """Labels whose confidence lies between two bounds, and how many of them are right."""

    low: float
    high: float
    items: int
    mean_confidence: float
    accuracy: float


@dataclass(frozen=True)
class DemoResult:
    """What came out. `responses` are accepted answers to items that are no control items; money is in `currency`."""

    items: int
    control_items: int
    responses: int
    accuracy: float
    mean_confidence: float
    cost: float
    seconds: float
    responses_per_item: float
    rejected_pages: int
    accepted_pages: int
    unsure_items: int
    min_confidence: float
    workers: int
    restricted_workers: int
    currency: str
    ending: str
    seed: int
    calibration: tuple[Bin, ...]


def run_demo(
    workspace: Workspace,
    *,
    items: int = 300,
    workers: int = 40,
    mix: str = "mixed",
    seed: int = 0,
    started: Callable[[Run], None] | None = None,
    progressed: Callable[[RunStatus], None] | None = None,
) -> DemoResult:
    """Label digits with simulated people, and compare the labels with what the pictures show.

    `items` counts control items, a tenth of them all. `started` gets the run once it is launched, `progressed` how it
    stands after each page.
    """
    begun = time.monotonic()
    crowd(workers, mix, seed=seed)  # a mix that is unknown is refused before anything is drawn or started
    control = round(items / 10)
    digits = draw_digits(workspace.make().root / "pictures", items - control, control, seed)
    with _launched(workspace, digits, POLICY, NAME, seed) as run:
        if started is not None:
            started(run)
        simulate(
            NAME,
            [{"picture": str(path), "answer": shown} for path, shown in digits.items],
            workers=workers,
            mix=mix,
            seed=seed,
            workspace=workspace,
            on_page=None if progressed is None else lambda: progressed(run.status()),
        )
        if not run.status().ended:
            run.stop()  # nobody is left who has not seen the items that are still unsure
        run.wait(STOP_PATIENCE, progress=False)
        return _result(run, items, control, seed, time.monotonic() - begun)


@contextmanager
def demo_for_people(workspace: Workspace, *, items: int = 300, seed: int = 0) -> Iterator[Run]:
    """The same pictures as a task for people at a browser, one opinion each; the server ends with the context.

    Entering it again with the same numbers goes on with what was begun.
    """
    control = round(items / 10)
    digits = draw_digits(workspace.make().root / "pictures", items - control, control, seed)
    policy = POLICY.changed(overlap=1, page=(6, 2), control_ratio=0.5, control=None)
    with _launched(workspace, digits, policy, f"{NAME}-{items}-{seed}", None) as run:
        yield run


@contextmanager
def _launched(workspace: Workspace, digits: Digits, policy: Policy, name: str, seed: int | None) -> Iterator[Run]:
    """A run on a server of its own; both end with the context."""
    from dataforge.platforms.embedded import connect
    from dataforge.runs.handle.launch import Launch, launch

    closing: threading.Thread | None = None
    try:
        with served(workspace, seed):
            given = Launch(
                digit,
                items=digits.rows(),
                control=digits.control_rows() or None,
                policy=policy,
                name=name,
                # One that starts no server: as this one ends, the run would start another, which nobody ends.
                platform=connect(workspace, start=False, patience=ENDING_PATIENCE),
                workspace=workspace,
                progress=False,
            )
            run = launch(given)
            # Beside the end of the server, which answers at once what the run waits for.
            closing = threading.Thread(target=run.close)
            try:
                yield run
            finally:
                closing.start()
    finally:
        if closing is not None:
            closing.join()


def _result(run: Run, items: int, control: int, seed: int, seconds: float) -> DemoResult:
    labels, responses, cost, status = run.labels(), run.responses(), run.cost().iloc[0], run.status()
    counted = responses[(responses["accepted"] == True) & ~responses["control"]]  # noqa: E712 - None is neither
    right = labels["answer"] == labels["truth"]
    return DemoResult(
        items=items,
        control_items=control,
        responses=len(counted),
        accuracy=float(right.mean()),
        mean_confidence=float(labels["confidence"].mean()),
        cost=float(cost["total"]),
        seconds=round(seconds, 2),
        responses_per_item=len(counted) / len(labels),
        rejected_pages=status.pages_rejected,
        accepted_pages=status.pages_accepted,
        unsure_items=int((labels["flag"] != "").sum()),
        min_confidence=float(POLICY.min_confidence_for("0")),
        workers=status.workers,
        restricted_workers=int(run.workers()["restricted"].sum()),
        currency=status.currency,
        ending=status.stage,
        seed=seed,
        calibration=tuple(_calibration(labels["confidence"], right)),
    )


def _calibration(confidence: pd.Series[float], right: pd.Series[bool]) -> Iterator[Bin]:
    for low, high in itertools.pairwise(CALIBRATION_EDGES):
        chosen = (confidence >= low) & ((confidence < high) | (high == CALIBRATION_EDGES[-1]))
        if chosen.any():
            yield Bin(low, high, int(chosen.sum()), float(confidence[chosen].mean()), float(right[chosen].mean()))


@contextmanager
def served(workspace: Workspace, seed: int | None = None) -> Iterator[None]:
    """A server for the workspace while the context lasts."""
    log = workspace.make().server_log
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "dataforge.server", "--workspace", str(workspace.root), "--port", "0"),
                *([] if seed is None else ["--seed", str(seed)]),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for this process, which then lets the server end in peace.
            start_new_session=True,
        )
    try:
        give_up = time.monotonic() + START_PATIENCE
        while (address := workspace.server()) is None or address.pid != process.pid:
            if process.poll() is not None or time.monotonic() > give_up:
                raise Unreachable(f"the server did not start; its log {str(log)!r} says why")
            time.sleep(LOOK_EVERY)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
