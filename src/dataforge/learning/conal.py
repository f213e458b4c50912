"""A layer that tells confusion common to all workers from each worker's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import SpecError
from dataforge.learning._torch import log_confused, near_identity, torch

__all__ = ["CoNAL"]


class CoNAL(torch.nn.Module):
    """Common noise adaptation layers (Chu, Ma and Wang, 2021).

    An answer comes from a confusion common to all workers with a probability that depends on the item and the worker,
    and from the worker's own confusion otherwise.

    Args:
        num_labels: number of labels.
        n_workers: number of workers.
        com_emb_size: length of the vectors that items and workers are compared by.
        user_feature: what is known of the workers, shape (n_workers, features); told apart by number if left out.
    """

    def __init__(
        self,
        num_labels: int,
        n_workers: int,
        com_emb_size: int = 20,
        user_feature: NDArray[np.float32] | None = None,
    ) -> None:
        super().__init__()
        features = np.eye(n_workers, dtype=np.float32) if user_feature is None else np.asarray(user_feature, np.float32)
        if features.ndim != 2 or len(features) != n_workers:
            raise SpecError(
                f"user_feature needs one row for each of {n_workers} workers, got the shape {features.shape}"
            )
        self.n_workers = n_workers
        self.annotator_confusion_matrices = torch.nn.Parameter(near_identity(n_workers, num_labels, num_labels))
        self.common_confusion_matrix = torch.nn.Parameter(near_identity(num_labels, num_labels))
        self.user_feature_vec = torch.nn.Parameter(torch.from_numpy(features.copy()), requires_grad=False)
        self.diff_linear_1 = torch.nn.LazyLinear(128)
        self.diff_linear_2 = torch.nn.Linear(128, com_emb_size)
        self.user_feature_1 = torch.nn.Linear(features.shape[1], com_emb_size)

    def simple_common_module(self, input: torch.Tensor, workers: torch.Tensor) -> torch.Tensor:  # noqa: A002
        """Probability that an answer comes from the common confusion, shape (batch, 1).

        `input` are the items' embeddings, shape (batch, width); `workers` their numbers, shape (batch,).
        """
        item = torch.nn.functional.normalize(self.diff_linear_2(self.diff_linear_1(input)))
        worker = torch.nn.functional.normalize(self.user_feature_1(self.user_feature_vec[workers]))
        return torch.sigmoid((item * worker).sum(dim=1, keepdim=True))

    def forward(self, embeddings: torch.Tensor, logits: torch.Tensor, workers: torch.Tensor) -> torch.Tensor:
        """Log-probabilities of the answers, shape (batch, labels).

        `embeddings` are the items', shape (batch, …), `logits` those of a classifier of the true label, shape (batch,
        labels), `workers` the workers' numbers, shape (batch,).
        """
        common = self.simple_common_module(embeddings.flatten(start_dim=1), workers).clamp(1e-6, 1 - 1e-6)
        shared = log_confused(logits, self.common_confusion_matrix.expand(len(logits), -1, -1))
        own = log_confused(logits, self.annotator_confusion_matrices[workers])
        return torch.logaddexp(torch.log(common) + shared, torch.log1p(-common) + own)
