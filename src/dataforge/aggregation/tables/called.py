"""What columns are called elsewhere, and what that is here."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["called_otherwise"]

# After our own name for them; the first that is there is taken.
CALLED = {
    "worker": (
        "performer",
        "annotator",
        "user",
        "labeler",
        "labeller",
        "rater",
        "worker_id",
        "user_id",
        "annotator_id",
    ),
    "task": ("item", "question", "task_id", "item_id", "question_id"),
    "label": ("output", "answer", "response", "annotation", "winner", "gold", "truth"),
    "left": ("model_a",),
    "right": ("model_b",),
}


def called_otherwise(columns: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """By its name in the table ours for a column that has another of the field's, or capitals: one for each of ours."""
    plain = [str(column).strip().lower().replace(" ", "_") for column in columns]
    found: dict[str, str] = {}
    for name in names:
        called = [place for word in (name, *CALLED.get(name, ())) for place, one in enumerate(plain) if one == word]
        if name not in columns and called:
            found.setdefault(columns[called[0]], name)
    return found
