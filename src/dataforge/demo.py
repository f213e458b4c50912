"""The demonstration: handwritten digits, labelled from end to end over a real server.

The pictures ship with scikit-learn, so that it needs no network. Forty simulated people of mixed honesty work through
the same HTTP routes as browsers do; or you do it yourself (`dataforge demo --people`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataforge.errors import SpecError
from dataforge.objects.choice import Choice, option
from dataforge.objects.image import Image
from dataforge.task import task

__all__ = ["Digit", "Digits", "digit", "draw_digits"]

SIDE = 192
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
    name={"en": "Handwritten digits", "ru": "Рукописные цифры"},
    instruction={
        "en": "Which digit is in the picture?\n\nThe pictures are coarse. Go by the *overall shape*; looking from "
        "further away helps.",
        "ru": "Какая цифра на картинке?\n\nКартинки грубые. Смотрите на *общую форму*; помогает отодвинуться подальше.",
    },
    titles={"picture": {"en": "Picture", "ru": "Картинка"}, "answer": {"en": "The digit", "ru": "Цифра"}},
    duration="4s",
)
def digit(picture: Image) -> Digit:
    """Which digit is in the picture?"""
    raise NotImplementedError  # people answer, not this function


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
    """Write pictures of handwritten digits into a folder: black ink on white, enlarged without blur."""
    import numpy as np
    from sklearn.datasets import load_digits

    data = load_digits()
    if not (items >= 1 and control >= 0 and items + control <= len(data.target)):
        raise SpecError(f"items: expected 2 to {len(data.target)} pictures, got {items + control}")
    order = np.random.default_rng(seed).permutation(len(data.target))
    # As many control items of each digit, or else a worker who always gives one answer is found too late.
    by_digit = [[int(place) for place in order if data.target[place] == value] for value in range(10)]
    known = [by_digit[number % 10][number // 10] for number in range(control)]
    rest = [int(place) for place in order if int(place) not in set(known)][:items]
    folder.mkdir(parents=True, exist_ok=True)

    def drawn(place: int) -> tuple[Path, str]:
        path = folder / f"{place:04d}.png"
        _picture(data.images[place], path)
        return path, str(data.target[place])

    return Digits(tuple(map(drawn, rest)), tuple(map(drawn, known)))


def _picture(image: Any, path: Path) -> None:
    from PIL import Image as Picture

    shades = (255 * (1 - image / GREYS)).round().astype("uint8")
    Picture.fromarray(shades, mode="L").resize((SIDE, SIDE), Picture.Resampling.NEAREST).save(path, optimize=True)
