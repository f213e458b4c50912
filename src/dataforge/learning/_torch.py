"""Torch, or the error that names the extra."""

from __future__ import annotations

from dataforge.errors import MissingDependency

try:
    import torch
except ImportError as error:
    raise MissingDependency("dataforge.learning needs torch: pip install torch transformers") from error

__all__ = ["log_confused", "near_identity", "torch"]


def log_confused(logits: torch.Tensor, confusion_logits: torch.Tensor) -> torch.Tensor:
    """Log-probabilities of a worker's answers, shape (batch, labels).

    `confusion_logits[b, true, answer]` become rows of probabilities; `logits` are those of the true labels, shape
    (batch, labels). Computed in logarithms throughout, so that no probability rounds to 0.
    """
    by_true = torch.log_softmax(confusion_logits, dim=-1)
    true = torch.log_softmax(logits, dim=-1)
    return torch.logsumexp(true.unsqueeze(-1) + by_true, dim=1)


def near_identity(*shape: int) -> torch.Tensor:
    """Confusion logits, shape (…, labels, labels), of those who are mostly right: twice the identity."""
    return 2.0 * torch.eye(shape[-1]).expand(*shape).clone()
