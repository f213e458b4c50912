"""The passes of a model with abilities of workers and difficulties of tasks, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import math

import numpy as np

from dataforge.aggregation.kernels.primitives_compiled import BLOCK, block_posteriors, exp, jit

__all__ = ["difficulty_gradient", "difficulty_posteriors"]


@jit
def difficulty_gradient(offsets, row, alpha, exp_beta, posteriors, log_others, by_alpha, by_beta, shape):
    """Expected log likelihood of P(right) = sigmoid(alpha · exp_beta); adds its gradients to the two last arrays."""
    n_labels = len(shape)
    value = 0.0
    room = BLOCK
    xs = np.empty(room)
    es = np.empty(room)
    product = 1.0
    for t in range(len(offsets) - 1):
        difficulty = exp_beta[t]
        slope_sum = 0.0
        for start in range(offsets[t], offsets[t + 1], room):
            n = min(room, offsets[t + 1] - start)
            for i in range(n):
                xs[i] = alpha[row[start + i] // n_labels] * difficulty
            for i in range(n):
                es[i] = exp(max(-abs(xs[i]), -708.0))
            for i in range(n):
                r = row[start + i]
                x = xs[i]
                e = es[i]
                p = posteriors[t, r % n_labels]
                # log of sigmoid(x) is min(x, 0) - log(1 + e); the logs of many are one log of their product
                product *= 1.0 + e
                if product > 1e250:
                    value -= math.log(product)
                    product = 1.0
                value += min(x, 0.0) - (1.0 - p) * (x + log_others)
                right = 1.0 / (1.0 + e) if x >= 0 else e / (1.0 + e)
                slope = p - right
                by_alpha[r // n_labels] += slope * difficulty
                slope_sum += slope * x
        by_beta[t] += slope_sum
    return value - math.log(product)


@jit
def difficulty_posteriors(offsets, row, known, alpha, exp_beta, log_others, log_prior, out, shape):
    """Posteriors where P(right) = sigmoid(alpha · exp_beta), into `out`, shape (n_tasks, n_labels)."""
    n_labels = len(shape)
    shifted = np.empty((BLOCK, n_labels))
    n_tasks = len(offsets) - 1
    for first in range(0, n_tasks, BLOCK):
        n = min(BLOCK, n_tasks - first)
        weights = out[first : first + n]
        for b in range(n):
            for k in range(n_labels):
                weights[b, k] = log_prior[k]
            for a in range(offsets[first + b], offsets[first + b + 1]):
                r = row[a]
                weights[b, r % n_labels] += alpha[r // n_labels] * exp_beta[first + b] + log_others
        block_posteriors(weights, shifted, known, first, n, shape)
