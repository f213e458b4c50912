"""Texts: joined word by word where there are three answers or more, else the one of the better worker.

ROVER (Fiscus, 1997) over the words of those whose words are mostly right; a text of one answer stays as it was typed.
The work for an item is bounded: three texts of more than some 1,300 words are not joined, the better worker's stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise, zip_longest
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.alignment import vote_all
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.merging._words import Words, shared, shared_count
from dataforge.aggregation.merging._workers import USUAL, by_item, drawn_together, filled, shown, sure
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "TextMerger"]

ROUNDS = 20
# Words right and wrong that each worker has beforehand, in texts.
BEFOREHAND = 3.0
MOST_WRONG = 0.1
FEWEST_RIGHT = 0.5
# An error of one worker is seldom that of another: it is one of about so many.
ERRORS = 20.0
ENOUGH = 3
# Words of an item's longest text times words of all: as many steps, each in plain Python, aligning may take.
MOST_STEPS = 5_000_000
MOST_SURE = 0.995
# People spell names alike and wrong, and write numbers and short forms otherwise than who has the right text: on a half
# of CrowdSpeech, with 2 to 5 answers a text, what is claimed with .999 is right in 84 of 100 cases, with .5 in 30.
UNTRIED = Calibration(0.37, -0.87)
# Words that are wrong no more often than this are counted together.
RARE = 1e-3


class TextMerger:
    """Right is a text of which at most a tenth of the words are wrong. A skill is the share of words that are right."""

    right = 1.0 - MOST_WRONG
    beforehand = UNTRIED

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Nothing depends on the settings."""

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The words that most say at each place, and how probably at most a tenth of them are wrong."""
        texts = [unicodedata.normalize("NFC", value) for value in answers.values]
        words: list[Words] = [tuple(text.split()) for text in texts]
        if skills is None:
            skills = np.where(shown(answers), _learnt(answers, words), np.nan)
        right = np.clip(filled(skills), 1 - MOST_SURE, MOST_SURE)
        groups = _heard(answers, right)
        by = right[answers.workers]
        joined = _joined(groups, words, by)
        values: list[Any] = [None] * answers.item_count
        confidence = np.full(answers.item_count, np.nan)
        for item, numbers in enumerate(groups):
            if numbers:
                text = joined[item]
                confidence[item] = _chance(text, numbers, words, by)
                # Where votes are split, the text of the better worker is right more often than what is joined of all.
                best = words[max(numbers, key=lambda number: (by[number], _lot(words[number])))]
                if confidence[item] < 0.5 and best != text:
                    confidence[item], _, text = max(
                        (confidence[item], _lot(text), text), (_chance(best, numbers, words, by), _lot(best), best)
                    )
                values[item] = _as_typed(text, [(words[number], texts[number]) for number in numbers])
        for item, value in answers.known.items():
            values[item] = value
        return Merged(values, sure(answers, confidence, skills), skills)


def _learnt(answers: Answers, words: Sequence[Words]) -> Floats:
    """The share of words that each worker has right: two workers agree as often as both are."""
    known = {item: tuple(unicodedata.normalize("NFC", value).split()) for item, value in answers.known.items()}
    one, other, alike = _agreements(answers, words, known)
    skills = np.append(np.full(answers.worker_count, USUAL), 1.0)
    if not len(alike):
        return skills[:-1]
    # What is known is said by one more worker, who is always right.
    mean = max(float(np.sqrt(np.median(alike))), 1 - MOST_SURE)
    for _ in range(ROUNDS):
        sums = np.bincount(one, alike, len(skills)) + BEFOREHAND * mean**2
        met = np.bincount(one, skills[other], len(skills)) + BEFOREHAND * mean
        skills = np.clip(sums / met, 1 - MOST_SURE, MOST_SURE)
        skills[-1] = 1.0
    return drawn_together(skills[:-1], _told(answers, words, known, mean))


def _told(answers: Answers, words: Sequence[Words], known: Mapping[int, Words], mean: float) -> Floats:
    """In words, how much is known of each worker: those of each text, less by the errors of who is compared."""
    told = np.zeros(answers.worker_count)
    workers = answers.workers.tolist()
    for item, numbers in enumerate(by_item(answers)):
        others = len(numbers) - 1
        share = 1.0 if item in known else others * mean / (others * mean + 1.0)
        for number in numbers:
            told[workers[number]] += share * len(words[number])
    return told


def _agreements(answers: Answers, words: Sequence[Words], known: Mapping[int, Words]) -> tuple[Places, Places, Floats]:
    """Pairs of workers, either way round, and the share of words that their answers to an item have in common."""
    pairs: list[tuple[int, int, float]] = []
    workers = answers.workers.tolist()
    for item, numbers in enumerate(by_item(answers)):
        for one, other in combinations(numbers, 2):
            alike = _same(words[one], words[other])
            pairs += [(workers[one], workers[other], alike), (workers[other], workers[one], alike)]
        if item in known:
            truth = answers.worker_count
            pairs += [(workers[one], truth, _same(words[one], known[item])) for one in numbers]
    table = np.array(pairs, np.float64).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2]


def _heard(answers: Answers, skills: Floats) -> list[list[int]]:
    """The answers to each item that count: of those whose words are mostly right, where there are such."""
    heard = []
    for numbers in by_item(answers):
        good = [number for number in numbers if skills[answers.workers[number]] >= FEWEST_RIGHT]
        heard.append(good or numbers)
    return heard


def _joined(groups: Sequence[Sequence[int]], words: Sequence[Words], right: Floats) -> list[Words]:
    """The words of each item."""
    found: list[Words] = [()] * len(groups)
    several = []
    for item, numbers in enumerate(groups):
        texts = {words[number] for number in numbers}
        if len(numbers) >= ENOUGH and len(texts) > 1 and _steps([words[number] for number in numbers]) <= MOST_STEPS:
            several.append(item)
        elif numbers:
            found[item] = words[max(numbers, key=lambda number: (right[number], _lot(words[number])))]
    for item, text in zip(several, _voted([[words[n] for n in groups[item]] for item in several]), strict=True):
        found[item] = text
    return found


def _steps(texts: Sequence[Words]) -> int:
    """How many steps aligning the texts of one item takes at most."""
    lengths = [len(text) for text in texts]
    return max(lengths) * sum(lengths)


def _voted(texts: Sequence[Sequence[Words]]) -> list[Words]:
    """The words that most of the texts have at each place, by ROVER; the order of texts makes no difference."""
    ordered = [sorted(of_item) for of_item in texts]
    # The kernel wants ranks, and 0 for no word.
    vocabulary = sorted({"", *(word for of_item in ordered for text in of_item for word in text)}, key=_rank)
    number = {word: place for place, word in enumerate(vocabulary)}
    flat = [text for of_item in ordered for text in of_item]
    tokens = np.array([number[word] for text in flat for word in text], np.int32)
    ends = np.cumsum([len(text) for text in flat], dtype=np.int32)
    item_ends = np.cumsum([len(of_item) for of_item in ordered], dtype=np.int32)
    winners, stops = vote_all(tokens, ends, item_ends)
    voted = [vocabulary[code] for code in winners.tolist()]
    bounds = [0, *stops.tolist()]
    return [tuple(voted[start:stop]) for start, stop in pairwise(bounds)]


def _lot(words: Words) -> tuple[int, Words]:
    """What decides between texts that are as good as each other: a lot, as longer ones or later ones are no better."""
    return crc32(" ".join(words).encode(errors="surrogatepass")), words


def _rank(word: str) -> tuple[bool, int, str]:
    """The empty word first, then by lot: of words with as many votes none is better."""
    return word != "", crc32(word.encode(errors="surrogatepass")), word


def _as_typed(text: Words, given: Sequence[tuple[Words, str]]) -> str:
    """The answer that has just these words, with its line breaks and spaces; else the words with spaces between."""
    same = sorted(typed for words, typed in given if words == text)
    return same[0] if same else " ".join(text)


def _same(one: Words, other: Words) -> float:
    """The share of the words of the longer text that the other has as well, in order."""
    if one == other:
        return 1.0
    return shared_count(one, other) / max(len(one), len(other), 1)


def _chance(text: Words, numbers: Sequence[int], words: Sequence[Words], right: Floats) -> float:
    """How probably at most a tenth of the words are wrong or missing, by who has each of them and who has another."""
    says = np.log(right[numbers] * ERRORS / (1 - right[numbers])).tolist()
    said = np.zeros(max(len(text), 1))
    instead: dict[int, dict[str, float]] = {}
    beside: dict[tuple[int, str], float] = {}
    for number, strength in zip(numbers, says, strict=True):
        compared = _compared(text, words[number])
        said[compared.same] += strength
        for place, word in compared.instead:
            others = instead.setdefault(place, {})
            others[word] = others.get(word, 0.0) + strength
        for there in set(compared.beside):
            beside[there] = beside.get(there, 0.0) + strength
    wrong = _chances([np.log(ERRORS) - said])
    for place, others in instead.items():
        wrong[place] = 1 - _chance_of(said[place], others.values())
    # Who does not have a word beside the others says that there is none.
    missing = [_chance_of(strength, [sum(says) - strength]) for strength in beside.values()]
    return _at_most(np.append(wrong, missing), int(MOST_WRONG * len(text)))


def _chance_of(strength: float, others: Iterable[float]) -> float:
    """How probably a word is right, by how strongly it is said, others instead of it, and nothing for all the rest."""
    all_ = np.array([strength, *others, np.log(ERRORS)])
    odds = np.exp(all_ - all_.max())
    return float(odds[0] / odds.sum())


def _at_most(chances: Floats, most: int) -> float:
    """How probable it is that no more than so many of independent things of these chances happen."""
    few = chances > RARE
    counts = np.zeros(most + 1)
    counts[0] = 1.0
    for chance in chances[few].tolist():
        counts[1:] = counts[1:] * (1 - chance) + counts[:-1] * chance
        counts[0] *= 1 - chance
    # The sum of many that are rare has a Poisson law.
    terms = np.arange(most + 1)
    rare = max(float(chances[~few].sum()), 1e-300)
    logs = terms * np.log(rare) - rare - np.cumsum(np.log(np.maximum(terms, 1)))
    return float(min(1.0, np.cumsum(counts) @ np.exp(logs)[::-1]))


def _chances(odds: Any) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(np.ravel(odds), -50, 50)))
    return found


class _Compared(NamedTuple):
    """Where another text has the same words as one, what it has instead, "" for nothing, and beside, each by place."""

    same: list[int]
    instead: list[tuple[int, str]]
    beside: list[tuple[int, str]]


def _compared(text: Words, other: Words) -> _Compared:
    if text == other:
        return _Compared(list(range(max(len(text), 1))), [], [])
    here, there = shared(text, other)
    instead: list[tuple[int, str]] = []
    beside: list[tuple[int, str]] = []
    start = from_ = 0
    for place, at in zip([*here, len(text)], [*there, len(other)], strict=True):
        theirs = other[from_ : min(at, from_ + place - start)]
        instead += zip_longest(range(start, place), theirs, fillvalue="")  # type: ignore[arg-type]
        beside += [(place, word) for word in other[from_ + place - start : at]]
        start, from_ = place + 1, at + 1
    return _Compared(here, instead, beside)


PLUGIN: MergerOf = TextMerger
