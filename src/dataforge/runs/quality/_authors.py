"""How often what each worker answers is right, as far as it was judged: what is known of an answer before it is judged.

Those who judge see an answer and nothing of who gave it, and are taken as if all answers were right as often. But some
give right answers mostly and others hardly ever, and of two answers that were judged alike theirs are not as likely.
An answer that several people gave, none of whom saw the others', is right more probably than what one gave alone.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.ceiling import ERRORS, TRIES
from dataforge.runs.core.columns import Arrays, Flags, Places
from dataforge.runs.quality._voices import Voices

__all__ = ["Authors"]

# The share of all workers counts as so many answers of each; and as many answers beforehand are right as wrong.
DRAWN = 8.0
ROUNDS = 5
# Nobody is known to be right, or wrong, more surely than this.
LEAST = 0.02
# No chance is nearer to 0 or 1 in odds.
CLOSE = 1e-6
# Beforehand: that others find right what is wrong, whatever the share.
DECEIVED = 0.02
SHARES = (np.arange(100) + 0.5) / 100
# Evidence of so many nats leaves no doubt; more of it could not be raised to a power of e.
MOST_EVIDENCE = 100.0
# Beforehand: of so many pairs of wrong answers to an item so many are the same.
SAME, PAIRS = 1.0, 4.0
COMMON = ERRORS / TRIES


class Authors:
    """By worker the share of answers that are right, as of the last fit, and that of `all_`; 1 in 2 before it.

    `wrong`: the share of answers found right that are not, as answers of people who cannot know that they are tested
    show. `same`: how probably two wrong answers to an item are the same by chance; `common`: how probably a wrong one
    is what everybody takes for right, so that any number of people who give it tell no more than the best of them.
    `heard`: so many responses there were at the last fit.
    """

    def __init__(self) -> None:
        self.right: Floats = np.empty(0)
        self.all_ = 0.5
        self.wrong = 0.0
        self.same, self.common = SAME / PAIRS, COMMON
        self.heard = 0

    def learn(self, author: Places, chance: Floats, workers: int, voices: Voices | None = None) -> None:
        """Learn from answers that were judged: whose each is, and how probably judges found it right.

        By EM, as each share is known from chances that it makes likelier itself. What the same answers of several tell
        follows from the shares, which do not follow from it.
        """
        seen = np.bincount(author, minlength=workers)
        self.all_ = float((chance.sum() + DRAWN / 2) / (len(author) + DRAWN))
        self.right = np.full(workers, self.all_)
        for _ in range(ROUNDS):
            right = np.bincount(author, self.informed(author, chance), workers)
            self.right = (right + DRAWN * self.all_) / (seen + DRAWN)
        self.same, self.common = SAME / PAIRS, COMMON
        if voices is not None:
            for _ in range(ROUNDS):
                self._learn_of_same(voices, self.informed(author, chance, voices))

    def _learn_of_same(self, voices: Voices, chance: Floats) -> None:
        """Learn how often wrong answers are the same, by chance and because all err in common."""
        wrong = np.empty(len(voices.people))
        wrong[voices.of] = 1 - chance  # of all responses that are the same answer the same
        several = voices.people > 1
        by_chance = (1 - self.common) * self._likelier_wrong(voices)[1]
        common = np.where(several, self.common / (self.common + by_chance), 0.0)
        same = float((wrong * (1 - common) * voices.people * (voices.people - 1)).sum()) / 2
        each = wrong * voices.people
        apart = float((np.bincount(voices.item, each) ** 2).sum() - (each**2).sum()) / 2
        self.same = (same + SAME) / (same + apart + PAIRS)
        self.common = (float((wrong * common).sum()) + ERRORS) / (float(several.sum()) + TRIES)

    def compare(self, passed: Flags, expected: Floats) -> None:
        """Learn whether judges find right what is wrong, from answers of workers who cannot know that they are tested.

        Whether each was `passed`, and how probably it is `expected` to be if judges are right about these workers. Who
        answers well only what they know again does worse. That the share of answers found right that are wrong is any,
        is compared with that there are no such ones.
        """
        left = expected * (1 - SHARES[:, None])
        # Relative to that there are no wrong ones, and by logarithms: the chance of some thousand tests is nearly 0.
        ratio = np.where(passed, left / expected, (1 - left) / (1 - expected))
        logs = np.log(ratio).sum(axis=1)
        likely = np.exp(logs - logs.max())
        evidence = logs.max() + np.log(likely.mean()) + np.log(DECEIVED / (1 - DECEIVED))
        self.wrong = float((likely @ SHARES) / likely.sum() / (1 + np.exp(-np.maximum(evidence, -MOST_EVIDENCE))))

    def believed(self, author: Places, chance: Floats, voices: Voices | None = None) -> Floats:
        """The chances of `informed`, less what judges find right that is wrong."""
        return np.where(chance >= 1, chance, self.informed(author, chance, voices) * (1 - self.wrong))

    def informed(self, author: Places, chance: Floats, voices: Voices | None = None) -> Floats:
        """The chances of answers of these workers, judged to be right so probably by who does not know whose they are.

        What was judged with certainty stays so. `voices`: which of the answers are the same; none if that says nothing.
        """
        own = 1 / _odds(self._shares(author))  # how much likelier each is given where it is wrong
        if voices is not None:
            best, others = self._likelier_wrong(voices)
            several = best * (self.common + (1 - self.common) * others)
            own = np.where(voices.alone, own, several[voices.of])
        known = np.clip(chance, CLOSE, 1 - CLOSE)
        odds = known / (1 - known) / own / _odds(np.array(self.all_))
        return np.where((chance <= 0) | (chance >= 1), chance, odds / (1 + odds))

    def _likelier_wrong(self, voices: Voices) -> tuple[Floats, Floats]:
        """By answer, how much likelier the best of its people gives it where it is wrong, and so all others by chance.

        Where all err in common the others, who would have erred as well, tell nothing.
        """
        wrong = -np.log(_odds(self._shares(voices.worker)))
        best = np.full(len(voices.people), np.inf)
        np.minimum.at(best, voices.answer, wrong)
        others = np.bincount(voices.answer, wrong, len(best)) - best + (voices.people - 1) * np.log(self.same)
        return np.exp(best), np.exp(np.clip(others, -MOST_EVIDENCE, MOST_EVIDENCE))

    def _shares(self, author: Places) -> Floats:
        own = np.full(len(author), self.all_)
        there = author < len(self.right)
        own[there] = self.right[author[there]]
        return own

    def arrays(self) -> dict[str, Floats]:
        """All that is known."""
        return {"right": self.right, "all": np.array([self.all_, self.wrong, self.same, self.common, self.heard])}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave; older versions knew the first one alone, or the first two."""
        self.right = arrays["right"]
        known = arrays["all"].tolist()
        self.all_, self.wrong, self.same, self.common = (known + [0.5, 0.0, SAME / PAIRS, COMMON][len(known) :])[:4]
        self.heard = int(known[4]) if len(known) > 4 else 0


def _odds(share: Floats) -> Floats:
    share = np.clip(share, LEAST, 1 - LEAST)
    return share / (1 - share)
