"""A layer that learns how each worker answers, on top of any classifier."""

from __future__ import annotations

from typing import Literal

from dataforge.errors import SpecError
from dataforge.learning._torch import torch

__all__ = ["CrowdLayer"]

Connection = Literal["mw", "vw", "vb", "vw+b"]


class CrowdLayer(torch.nn.Module):
    """Turns a classifier's outputs into logits of a worker's answers (Rodrigues and Pereira, 2018).

    Train classifier and layer together on the workers' answers by cross-entropy, and use the classifier alone
    afterwards. Give it probabilities, as in the paper: over logits a matrix can take the classifier's part, which then
    need not learn the true labels.

    Args:
        num_labels: number of labels.
        n_workers: number of workers.
        conn_type: what is learnt for each worker: `"mw"` a matrix from true labels (columns) to answers (rows), the
            identity at first, `"vw"` a factor for each label, `"vb"` an offset for each label, `"vw+b"` both.
        device: where the parameters lie.
        dtype: the parameters' type.
    """

    def __init__(
        self,
        num_labels: int,
        n_workers: int,
        conn_type: Connection = "mw",
        device: torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.conn_type = conn_type
        self.n_workers = n_workers
        shape = (n_workers, num_labels)
        ones = torch.ones(shape, device=device, dtype=dtype)
        zeros = torch.zeros(shape, device=device, dtype=dtype)
        if conn_type == "mw":
            identity = torch.eye(num_labels, device=device, dtype=dtype)
            self.weight = torch.nn.Parameter(identity.expand(n_workers, -1, -1).clone())
        elif conn_type == "vw":
            self.weight = torch.nn.Parameter(ones)
        elif conn_type == "vb":
            self.weight = torch.nn.Parameter(zeros)
        elif conn_type == "vw+b":
            self.scale = torch.nn.Parameter(ones)
            self.bias = torch.nn.Parameter(zeros)
        else:
            raise SpecError(f"conn_type needs to be 'mw', 'vw', 'vb' or 'vw+b', got {conn_type!r}")

    def forward(self, outputs: torch.Tensor, workers: torch.Tensor) -> torch.Tensor:
        """Logits of the answers, shape (batch, labels), from a classifier's outputs of that shape.

        `workers` are the workers' numbers, shape (batch,).
        """
        if self.conn_type == "mw":
            return torch.einsum("bat,bt->ba", self.weight[workers], outputs)
        if self.conn_type == "vw":
            return self.weight[workers] * outputs
        if self.conn_type == "vb":
            return self.weight[workers] + outputs
        return self.scale[workers] * outputs + self.bias[workers]
