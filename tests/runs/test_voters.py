"""Models whose labels join the answers of people, by what control items show of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.runs.conftest import LABELS, animal, crowd, right

import dataforge as df
from dataforge.errors import DataError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform

Finish = Callable[[df.Run], Any]
FREELY = {"control_ratio": 0.0, "control": None, "speed": (), "skips": None, "page": (6, 2)}


def labelled(count: int, share: float, of: str = "animal", seed: int = 0, known: bool = False) -> list[dict[str, Any]]:
    """Rows with what a model says of them, right so often."""
    rng, rows = np.random.default_rng([seed, count, known]), []
    for number in range(count):
        said = number if rng.random() < share else number + int(rng.integers(1, 3))
        row = {"id": f"{of}-{seed}-{number}", "caption": f"{of} {number}", "cnn": LABELS[said % 3]}
        rows.append(row | ({"answer": LABELS[number % 3]} if known else {}))
    return rows


def launched(workspace: Path, share: float, name: str = "run", **more: Any) -> df.Run:
    settings: dict[str, Any] = {"policy": df.Policy(**FREELY, overlap=(1, 6), min_confidence=0.9)} | more
    return df.launch(
        animal,
        labelled(90, share),
        settings.pop("control", labelled(40, share, "control", known=True)),
        platform=settings.pop("platform", SimulatedPlatform(crowd(50, 0.75, arrives=5.0), right, seed=1)),
        workspace=workspace,
        progress=False,
        name=name,
        **settings,
    )


def share_right(run: df.Run) -> float:
    labels = run.labels()
    truth = [right({"caption": caption})["answer"] for caption in labels["caption"]]
    return float((labels["answer"] == truth).mean())


def test_a_good_model_saves_answers_of_people_and_costs_nothing(workspace: Path, finish: Finish) -> None:
    with (
        launched(workspace, 0.9, "alone") as alone,
        launched(workspace, 0.9, "joined", voters={"cnn": "cnn"}) as joined,
    ):
        before, after = finish(alone), finish(joined)
        assert after.responses < 0.8 * before.responses
        assert share_right(joined) >= 0.9
        assert joined.labels()["overlap"].min() >= 1, "an item that nobody has answered has no answer"
        (model,) = joined.voters().to_dict("records")
        assert (model["model"], model["items"], model["control_total"]) == ("cnn", 90, 40)
        assert model["control_accuracy"] > 0.8
        assert "cnn" not in set(joined.workers()["worker"])
        assert any("the model cnn votes: right at" in line["en"] for line in joined.about)


def test_before_people_have_answered_it_is_not_said_that_a_model_counts_for_nothing(workspace: Path) -> None:
    with launched(workspace, 0.9, voters={"cnn": "cnn"}, platform=SimulatedPlatform()) as run:
        (told,) = (line["en"] for line in run.about if "the model cnn votes" in line["en"])
        assert told.endswith("how much its labels count beside people shows once they have answered control items")


def test_a_model_that_guesses_changes_next_to_nothing(workspace: Path, finish: Finish) -> None:
    # Of the same name, for what comes when follows from that.
    other = workspace.parent / "other" / workspace.name
    with launched(workspace, 1 / 3) as alone, launched(other, 1 / 3, voters={"cnn": "cnn"}) as joined:
        before, after = finish(alone), finish(joined)
        assert abs(after.responses - before.responses) <= 0.25 * before.responses
        assert share_right(joined) >= share_right(alone) - 0.05


def test_without_control_items_a_model_has_no_weight_and_the_run_says_so(workspace: Path, finish: Finish) -> None:
    policy = df.Policy(**{**FREELY, "page": (6, 0)}, overlap=2)
    with (
        launched(workspace.with_name("alone"), 0.9, control=None, policy=policy) as alone,
        launched(workspace, 0.9, control=None, policy=policy, voters={"cnn": "cnn"}) as joined,
    ):
        finish(alone)
        finish(joined)
        assert joined.labels()["confidence"].equals(alone.labels()["confidence"])
        assert joined.voters()["weight"].tolist() == [0]
        assert any("count for nothing" in notice["en"] for notice in joined.notices)


def test_probabilities_of_a_model_come_in_a_column_for_each_label(workspace: Path, finish: Finish) -> None:
    def probable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {f"p_{label}": 0.8 if row["cnn"] == label else 0.1 for label in LABELS} for row in rows]

    columns = {label: f"p_{label}" for label in LABELS}
    run = df.launch(
        animal,
        probable(labelled(60, 0.9)),
        probable(labelled(30, 0.9, "control", known=True)),
        df.Policy(**FREELY, overlap=(1, 4)),
        platform=SimulatedPlatform(crowd(50, 0.75, arrives=5.0), right, seed=1),
        workspace=workspace,
        progress=False,
        voters={"cnn": columns},
    )
    with run:
        finish(run)
        # Each label counts by its probability: .8 where it was right, .1 where not.
        wrong = sum(row["cnn"] != row["answer"] for row in labelled(30, 0.9, "control", known=True))
        assert run.voters()["control_correct"].tolist() == [pytest.approx(0.8 * (30 - wrong) + 0.1 * wrong, abs=1e-4)]


def test_a_run_goes_on_with_its_models_and_with_those_of_items_that_come_later(workspace: Path, finish: Finish) -> None:
    with launched(workspace, 0.9, open=True, voters={"cnn": "cnn"}) as run:
        added = [row | {"caption": f"more {row['caption']}"} for row in labelled(10, 0.9, seed=1)]
        with pytest.raises(DataError, match="no column 'cnn' with what the model 'cnn' says"):
            run.add([{"caption": "without 1"}])
        run.add(added)
        run.finish()
        finish(run)
        labels, voters = run.labels(), run.voters()
        assert len(labels) == 100
        assert voters["items"].tolist() == [100]
    with df.open_run("run", workspace) as again:
        assert again.labels().equals(labels)
        assert again.voters().equals(voters)


def test_a_column_that_is_not_there_and_labels_that_are_no_options_are_refused_at_the_launch(workspace: Path) -> None:
    with pytest.raises(DataError, match="no column 'lm' with what the model 'lm' says; columns are: "):
        launched(workspace, 0.9, voters={"lm": "lm"})
    with pytest.raises(DataError, match="the model 'cnn' says 'animal 0', which is no option; options are: "):
        launched(workspace, 0.9, voters={"cnn": "caption"})
    with pytest.raises(SpecError, match=r'voters must be a mapping such as \{"my-model": "column"\}'):
        df.Policy(voters="cnn")


def test_a_model_beside_written_answers_is_refused_once_and_in_one_line(workspace: Path) -> None:
    @df.task(duration="20s")
    def rewritten(caption: df.Text) -> df.Text:
        """Write it anew."""
        ...

    with pytest.raises(SpecError, match=r"models vote where answers are options.*; give drafts, prefill=") as refused:
        df.launch(rewritten, labelled(3, 0.9), workspace=workspace, progress=False, voters={"cnn": "cnn"})
    assert "\n" not in str(refused.value)


def test_items_that_somebody_has_judged_change_nothing_of_what_is_known_of_a_model(
    workspace: Path, finish: Finish
) -> None:
    with launched(workspace, 0.9, voters={"cnn": "cnn"}) as run:
        finish(run)
        before = run.voters()
        drawn = run.to_verify(40)
        answers = [right({"caption": caption})["answer"] for caption in drawn["caption"]]
        run.verified([{"id": key, "answer": answer} for key, answer in zip(drawn["id"], answers, strict=True)])
        finish(run)
        after = run.voters()
        assert after["control_accuracy"].tolist() == before["control_accuracy"].tolist()
        assert after["weight"].tolist() == pytest.approx(before["weight"].tolist(), abs=0.1)


def test_a_model_saves_answers_where_many_control_items_show_what_people_are_worth(
    workspace: Path, finish: Finish
) -> None:
    # What is claimed of people is lowered for common errors once, not once more for the model that joins them.
    settings: dict[str, Any] = {
        "control": labelled(120, 0.8, "control", known=True),
        "policy": df.Policy(**FREELY, overlap=(1, 8), target=0.95),
    }
    with (
        launched(workspace, 0.8, "alone", **settings) as alone,
        launched(workspace, 0.8, "joined", voters={"cnn": "cnn"}, **settings) as joined,
    ):
        before, after = finish(alone), finish(joined)
        assert after.responses <= 0.85 * before.responses
        assert share_right(joined) >= share_right(alone) - 0.04


def test_a_model_that_says_always_the_same_changes_nothing(workspace: Path, finish: Finish) -> None:
    def always(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"cnn": "cat"} for row in rows]

    def of(folder: Path, **more: Any) -> df.Run:
        return df.launch(
            animal,
            always(labelled(90, 1.0)),
            always(labelled(60, 1.0, "control", known=True)),
            df.Policy(**FREELY, overlap=(1, 6), target=0.9),
            platform=SimulatedPlatform(crowd(50, 0.8, arrives=5.0), right, seed=1),
            workspace=folder,
            progress=False,
            name="run",  # the order of items follows from it
            **more,
        )

    with of(workspace.with_name("alone")) as alone, of(workspace, voters={"cnn": "cnn"}) as joined:
        before, after = finish(alone), finish(joined)
        assert after.responses == before.responses
        assert joined.labels()["confidence"].equals(alone.labels()["confidence"])
        assert joined.voters()["weight"].tolist() == [0.0]
