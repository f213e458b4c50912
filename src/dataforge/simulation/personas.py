"""Simulated people: how well, how fast and how honestly they answer. Nothing here knows of a server or a clock."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from dataforge.arguments import entry
from dataforge.errors import DataError, SpecError, UnknownName
from dataforge.objects.base import Label, MadeFile, ObjectType

__all__ = ["MIXES", "Honesty", "Persona", "crowd", "draw"]

Honesty = Literal["good", "careless", "spammer", "always", "waver"]
Confusion = Mapping[Label, Mapping[Label, float]]


def draw(*parts: object) -> random.Random:
    """A generator that depends on `parts` alone: the same parts give the same numbers at any time, in any process."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return random.Random(int.from_bytes(digest, "big"))


@entry
@dataclass(frozen=True)
class Persona:
    """One simulated person.

    Args:
        name: Who they are on the requester's pages; names are unique in a crowd.
        honesty: "good" and "careless" look and answer with `skill` (they differ in what `crowd` gives them);
            "spammer" clicks at random; "always" gives one option, `option` or else the first one; "waver" waves every
            draft through as it is, and answers as "careless" where there is none.
        skill: Probability of a right answer, whatever the number of options; a wrong one is drawn evenly. Of an answer
            that is no option it is that of each part: a word of a text, an option of several, a pair of a ranking.
        confusion: `confusion[right][given]`: probabilities of answers given the right one; replaces `skill` for the
            right answers that it lists, and needs not be normalised.
        bias: An option that this person favours: given in `bias_rate` of all answers, whatever is shown.
        seconds: Median seconds for one item.
        spread: Standard deviation of the logarithm of seconds, item by item.
        skip_rate: Probability of declining a page.
        leaves_after: Number of pages after which this person goes home; None: stays to the end.
    """

    name: str
    honesty: Honesty = "good"
    skill: float = 0.95
    confusion: Confusion = field(default_factory=lambda: MappingProxyType({}))
    option: Label | None = None
    bias: Label | None = None
    bias_rate: float = 0.0
    seconds: float = 5.0
    spread: float = 0.3
    skip_rate: float = 0.0
    leaves_after: int | None = None
    language: str = "en"

    def __post_init__(self) -> None:
        for name in ("skill", "bias_rate", "skip_rate"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise SpecError(f"persona {self.name!r}: {name} needs a number from 0 to 1, got {share!r}")
        if self.seconds < 0 or self.spread < 0:
            raise SpecError(f"persona {self.name!r}: seconds and spread cannot be negative")

    def answer(self, labels: Sequence[Label], right: Label, rng: random.Random) -> Label:
        """What this person answers where `labels` are open and `right` is right."""
        if self.honesty == "spammer":
            return rng.choice(labels)
        if self.honesty == "always":
            return labels[0] if self.option is None else self._open(self.option, labels)
        if right not in labels:
            raise DataError(f"the right answer {right!r} is not among the options {list(labels)!r}; mend the truth")
        if self.bias is not None and rng.random() < self.bias_rate:
            return self._open(self.bias, labels)
        if right in self.confusion:
            given = self.confusion[right]
            weights = [given.get(label, 0.0) for label in labels]
            return rng.choices(labels, weights)[0] if sum(weights) > 0 else right
        others = [label for label in labels if label != right]
        return right if not others or rng.random() < self.skill else rng.choice(others)

    def attempt(self, kind: ObjectType, right: Any, inputs: Mapping[str, Any], rng: random.Random) -> Any:
        """What this person answers where answers are no options; who does not look gives any, or always the same."""
        if self.honesty in ("spammer", "always"):
            guessed = kind.guess(rng if self.honesty == "spammer" else random.Random(self.name), inputs)
            wrong = kind.spoil(right, rng, inputs) if guessed is None else guessed
            return right if wrong is None else wrong
        return kind.attempt(right, self.skill, rng, inputs)

    def mend(self, draft: Any, right: Any, rng: random.Random) -> Any:
        """What this person makes of a draft: who looks sees with `skill` whether it is right, and mends it."""
        looks = self.honesty != "waver" and rng.random() < self.skill
        return right if looks else draft

    def send(self, kind: ObjectType, rng: random.Random) -> MadeFile | None:
        """The file that this person sends where answers are files; who does not look sends bad ones."""
        if self.honesty == "always":
            rng = random.Random(self.name)
        good = self.honesty in ("good", "careless", "waver") and rng.random() < self.skill
        file = kind.make_file(rng, good=good)
        return None if file is None else replace(file, good=good)

    def page_seconds(self, items: int, rng: random.Random) -> float:
        """How long this person takes for a page of so many items."""
        return sum(self.seconds * rng.lognormvariate(0.0, self.spread) for _ in range(items))

    def _open(self, label: Label, labels: Sequence[Label]) -> Label:
        return label if label in labels else labels[0]


# Shares of kinds of people; "mixed" is what an open crowd without filters looks like.
MIXES: Mapping[str, Mapping[Honesty, float]] = MappingProxyType(
    {
        "honest": MappingProxyType({"good": 1.0}),
        "mixed": MappingProxyType({"good": 0.7, "careless": 0.15, "spammer": 0.1, "always": 0.05}),
        "hostile": MappingProxyType({"good": 0.4, "careless": 0.2, "spammer": 0.3, "always": 0.1}),
    }
)

# Kind -> lowest and highest skill, median seconds for one item, skip rate.
_KINDS: Mapping[Honesty, tuple[float, float, float, float]] = MappingProxyType(
    {
        "good": (0.92, 0.99, 5.0, 0.01),
        "careless": (0.6, 0.8, 3.0, 0.03),
        "spammer": (0.0, 0.0, 1.0, 0.0),
        "always": (0.0, 0.0, 1.0, 0.0),
        "waver": (0.6, 0.8, 2.0, 0.0),
    }
)


@entry
def crowd(n: int, mix: str | Mapping[Honesty, float] = "mixed", *, seed: int = 0) -> tuple[Persona, ...]:
    """`n` people, mixed by the shares of `mix` (a name of `MIXES` or your own shares), in a shuffled order.

    Skills are drawn from the range of each kind: good .92-.99, careless .6-.8.
    """
    if n < 1:
        raise SpecError(f"a crowd needs at least one person, got {n!r}")
    rng = draw(seed, "crowd")
    people: list[Persona] = []
    for kind, count in _shares(n, _mix(mix)).items():
        low, high, seconds, skip_rate = _KINDS[kind]
        people += [
            Persona(
                name=f"{kind} {number:02d}",
                honesty=kind,
                skill=rng.uniform(low, high),
                seconds=seconds * rng.uniform(0.7, 1.4),
                skip_rate=skip_rate,
            )
            for number in range(1, count + 1)
        ]
    rng.shuffle(people)
    return tuple(people)


def _mix(mix: str | Mapping[Honesty, float]) -> Mapping[Honesty, float]:
    if isinstance(mix, str):
        if mix not in MIXES:
            raise UnknownName(f"no crowd is named {mix!r}; known: {', '.join(MIXES)}")
        return MIXES[mix]
    unknown = sorted(set(mix) - set(_KINDS))
    if unknown or not mix or min(mix.values()) < 0 or sum(mix.values()) <= 0:
        raise SpecError(f"a mix needs a share for some of {', '.join(_KINDS)}, got {dict(mix)!r}")
    return mix


def _shares(n: int, mix: Mapping[Honesty, float]) -> dict[Honesty, int]:
    """Whole numbers in these shares that sum to n: the largest remainders are rounded up."""
    total = sum(mix.values())
    exact = {kind: n * share / total for kind, share in mix.items()}
    counts = {kind: int(number) for kind, number in exact.items()}
    remainders = sorted(exact, key=lambda kind: counts[kind] - exact[kind])
    for kind in remainders[: n - sum(counts.values())]:
        counts[kind] += 1
    return counts
