"""How often what each worker answers is right, as far as it was judged: what is known of an answer before it is judged.

Those who judge see an answer and nothing of who gave it, and are taken as if all answers were right as often. But some
give right answers mostly and others hardly ever, and of two answers that were judged alike theirs are not as likely.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.runs.core.columns import Arrays, Flags, Places

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


class Authors:
    """By worker the share of answers that are right, as of the last fit, and that of `all_`; 1 in 2 before it.

    `wrong`: the share of answers found right that are not, as answers of people who cannot know that they are tested
    show.
    """

    def __init__(self) -> None:
        self.right: Floats = np.empty(0)
        self.all_ = 0.5
        self.wrong = 0.0

    def learn(self, author: Places, chance: Floats, workers: int) -> None:
        """Learn from answers that were judged: whose each is, and how probably judges found it right.

        By EM, as each share is known from chances that it makes likelier itself.
        """
        seen = np.bincount(author, minlength=workers)
        self.all_ = float((chance.sum() + DRAWN / 2) / (len(author) + DRAWN))
        self.right = np.full(workers, self.all_)
        for _ in range(ROUNDS):
            right = np.bincount(author, self.informed(author, chance), workers)
            self.right = (right + DRAWN * self.all_) / (seen + DRAWN)

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

    def believed(self, author: Places, chance: Floats) -> Floats:
        """The chances of `informed`, less what judges find right that is wrong."""
        return np.where(chance >= 1, chance, self.informed(author, chance) * (1 - self.wrong))

    def informed(self, author: Places, chance: Floats) -> Floats:
        """The chances of answers of these workers, judged to be right so probably by who does not know whose they are.

        What was judged with certainty stays so.
        """
        own = np.full(len(author), self.all_)
        there = author < len(self.right)
        own[there] = self.right[author[there]]
        known = np.clip(chance, CLOSE, 1 - CLOSE)
        odds = known / (1 - known) * _odds(own) / _odds(np.array(self.all_))
        return np.where((chance <= 0) | (chance >= 1), chance, odds / (1 + odds))

    def arrays(self) -> dict[str, Floats]:
        """All that is known."""
        return {"right": self.right, "all": np.array([self.all_, self.wrong])}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        self.right = arrays["right"]
        self.all_, self.wrong = [*arrays["all"].tolist(), 0.0][:2]  # an older version knew the first alone


def _odds(share: Floats) -> Floats:
    share = np.clip(share, LEAST, 1 - LEAST)
    return share / (1 - share)
