"""Drafts over the server: who waves them through is found, and what a model had right is not asked for again."""

from collections.abc import Callable
from typing import Any

import dataforge as df
from dataforge.simulation import simulate

Serve = Callable[..., Any]


class Animal(df.Choice):
    CAT = "cat"
    DOG = "dog"
    COW = "cow"


LABELS = [animal.value for animal in Animal]


@df.task(duration="10s")
def animal(caption: df.Text) -> Animal:
    """Which animal is it?"""
    raise NotImplementedError


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


def captions(stem: str, count: int, *, wrong: int) -> list[dict[str, str]]:
    """Every `wrong`-th guess is of another animal."""
    return [
        {"caption": f"{stem} {n}", "answer": LABELS[n % 3], "guess": LABELS[(n + (n % wrong == 0)) % 3]}
        for n in range(count)
    ]


def test_who_waves_drafts_through_fails_and_who_mends_them_does_not(serve: Serve) -> None:
    place = serve(1).workspace
    rows = captions("new", 120, wrong=8)
    items = [{name: row[name] for name in ("caption", "guess")} for row in rows]
    # The model has tried the known ones, too.
    policy = df.Policy(overlap=2, page=(4, 2), speed=(), skips=None)
    with df.launch(
        animal, items, captions("known", 40, wrong=8), policy, name="run", workspace=place, prefill="guess",
        progress=False,
    ) as run:  # fmt: skip
        people = {"good": 6, "waver": 4}
        simulate("run", [{**row} for row in rows], workers=10, mix=people, seed=2, workspace=place)
        assert run.wait(60, progress=False).stage == "done"
        found = run.workers().set_index("name")
        labels = run.labels()
    wavers = found[found.index.str.startswith("waver")]
    good = found[found.index.str.startswith("good")]
    assert (wavers["drafts_unchanged"] == 1).all()
    assert wavers["restricted"].all()
    assert not good["restricted"].any()
    assert (wavers["control_accuracy"] < 0.7).all()
    assert (labels["answer"] == [row["answer"] for row in rows]).mean() > 0.97


def test_what_a_model_has_right_is_judged_and_not_written_again(serve: Serve) -> None:
    place = serve(1).workspace
    rows = [{"sound": f"new {n}", "answer": f"said in new {n}"} for n in range(8)]
    known = [{"sound": f"known {n}", "answer": f"said in known {n}"} for n in range(12)]
    items = [{"sound": row["sound"], "asr": row["answer"] if n % 2 else "static"} for n, row in enumerate(rows)]
    calm: dict[str, Any] = {"speed": (), "skips": None, "control": None}
    policy = df.Policy(page=(3, 1), check_drafts=True, check=df.Policy(page=(3, 1), overlap=3, **calm), **calm)
    with df.launch(heard, items, known, policy, name="run", workspace=place, prefill="asr", progress=False) as run:
        simulate("run", rows, workers=8, mix="honest", seed=3, workspace=place)
        assert run.wait(60, progress=False).stage == "done"
        labels, written = run.labels(), run.responses()
    assert labels["answer"].tolist() == [row["answer"] for row in rows]
    of_model = set(labels[labels["author"] == "model"]["id"])
    # Judges err now and then, and what they find wrong is looked at once more.
    assert len(of_model) >= 3
    assert of_model <= {"1", "3", "5", "7"}
    assert set(written[~written["control"]]["id"]) == set(labels["id"]) - of_model
