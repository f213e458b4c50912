"""Answers that are judged in the requester's own words: yes or no, points, or what is wrong."""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


class Fault(df.Choice):
    NOTHING = df.option("nothing", "Nothing is wrong", ru="Всё верно", right=True)
    WORDS = df.option("words", "Words are missing", ru="Не хватает слов")
    NOISE = df.option("noise", "There is noise", ru="Есть шум")


@df.task(name="Listen and compare", duration="5s")
def compared(answer: df.Text, sound: df.Text) -> bool:
    """Is every word there, and an exclamation mark behind it?"""
    raise NotImplementedError


@df.task(duration="5s")
def graded(sound: df.Text, answer: df.Text) -> df.Rating(1, 5, right=4):  # type: ignore[valid-type]
    """How good is it?"""
    raise NotImplementedError


@df.task(duration="5s")
def examined(sound: df.Text, answer: df.Text) -> Fault:
    """What is wrong with it?"""
    raise NotImplementedError


SAID: dict[df.Task, tuple[list[Any], list[Any]]] = {
    compared: ([True], [False]),
    graded: ([4, 5], [1, 2, 3]),
    examined: (["nothing"], ["words", "words", "noise"]),
}
"""What people say of an answer that is right, and of one that is wrong: they need not agree in more than that."""


def launched(check: df.Task, workspace: Path, *, wrong: int = 1, judges: int = 6, **policy: Any) -> df.Run:
    """A run over four sounds; so many people write nonsense, and all judge as well as they can."""

    def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
        right = f"{inputs['sound']}!"
        if "answer" not in inputs:
            return {"answer": right}
        return {"ok": SAID[check][inputs["answer"] != right][0]}

    def works(nonsense: bool) -> Any:
        def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
            if "answer" in inputs:
                return {"ok": rng.choice(SAID[check][inputs["answer"] != f"{inputs['sound']}!"])}
            return {"answer": "nonsense"} if nonsense else truth

        return answer

    people = [SimulatedWorker(f"w{n}", works(n < wrong), arrives=100.0 * n, seconds=10.0) for n in range(judges)]
    checks = df.Policy(page=(3, 1), control=None, overlap=(2, 4), control_ratio=1)
    return df.launch(
        heard,
        [{"sound": f"s{number}"} for number in range(4)],
        [{"sound": f"k{number}", "answer": f"k{number}!"} for number in range(8)],
        policy=df.Policy(**{"page": (4, 0), "control": None, "check": checks, **policy}),
        name="run",
        platform=SimulatedPlatform(people, truth, seed=2),
        workspace=workspace,
        progress=False,
        check=check,
    )


def test_a_check_may_have_words_of_its_own(workspace: Path, finish: Any) -> None:
    with launched(compared, workspace) as run:
        finish(run)
        assert run.labels()[["answer", "verdict"]].values.tolist() == [[f"s{n}!", "right"] for n in range(4)]
        assert run.check is not None
        spec = run.check._held.description.publication.task
        assert spec.name == {"en": "Listen and compare"}
        assert [field.name for field in spec.inputs] == ["answer", "sound"]
        assert spec.duration == 5.0


@pytest.mark.parametrize("check", [graded, examined], ids=lambda check: check.id)
def test_points_and_reasons_tell_right_from_wrong_though_people_agree_in_no_more(
    check: df.Task, workspace: Path, finish: Any
) -> None:
    with launched(check, workspace) as run:
        assert finish(run).stage == "done"
        labels = run.labels()
        assert labels[["answer", "verdict"]].values.tolist() == [[f"s{n}!", "right"] for n in range(4)]
        assert (labels["confidence"] > 0.85).all(), "they agree that it is right"
        solutions = run.solutions().set_index("answer")
        assert solutions.loc["nonsense", "verdict"].tolist() == ["wrong"] * 4
        assert (solutions.loc["nonsense", "confidence"] < 0.15).all(), "and that the others are wrong"
        assert run.workers().set_index("worker").loc["w0", "pages_rejected"] == 1
        # Whoever looks is right about control items, in whatever words.
        assert run.check is not None
        assert (run.check.workers()["pages_rejected"] == 0).all()
        assert run.check.control()["missed"].tolist() == [0] * 8
        said = set(run.checks()["said"])
        assert said <= {*SAID[check][0], *SAID[check][1]}
        assert len(said) > 2, "what they said is kept"
        # Another process finds the same in the log.
        again = df.open_run("run", workspace)
        assert again.labels().to_json() == labels.to_json()
        assert again.check is not None
        assert again.check.labels().to_json() == run.check.labels().to_json()


def test_who_is_rejected_reads_in_what_their_answers_are_wrong(workspace: Path, finish: Any) -> None:
    with launched(examined, workspace) as run:
        finish(run)
        solutions = run.solutions()
        assert set(solutions.loc[solutions["verdict"] == "right", "reason"]) == {""}
        wrong = solutions.loc[solutions["verdict"] == "wrong", "reason"].tolist()
        assert set(wrong) <= {"words", "noise"}
        counts = [("Есть шум", wrong.count("noise")), ("Не хватает слов", wrong.count("words"))]
        found = "; ".join(f"{label} ({count})" for label, count in counts if count)
        log = (workspace / "runs/run/log.jsonl").read_text("utf-8")
        assert f"сочли верными слишком немногие. Что они нашли: {found}." in log
        # What is most said of those who find it wrong is the result of the check.
        assert run.check is not None
        verdicts = run.check.labels().set_index("answer")["ok"]
        assert verdicts["nonsense"].tolist() == wrong
        counted = run.check._held.fresh().quality.counts()["ok"]
        assert counted == {"nothing": 4, "words": wrong.count("words"), "noise": wrong.count("noise")}


def test_the_requester_says_it_in_the_same_words(workspace: Path, finish: Any) -> None:
    with launched(examined, workspace, wrong=0, attempts=1) as run:
        finish(run)
        assert run.check is not None
        first = run.check.labels().iloc[0]
        run.check.correct(first["id"], Fault.NOISE)
        finish(run)
        solutions = run.solutions()
        [told] = solutions.loc[solutions["answer"] == first["answer"], ["verdict", "reason"]].values.tolist()[:1]
        assert told == ["wrong", "noise"]


def test_a_check_that_does_not_fit_its_task_is_refused(tmp_path: Path) -> None:
    @df.task(duration="5s")
    def lacking(sound: df.Text) -> bool:
        """Is it?"""
        raise NotImplementedError

    @df.task(duration="5s")
    def other(sound: df.Image, answer: df.Text) -> bool:
        """Is it?"""
        raise NotImplementedError

    @df.task(duration="5s")
    def rated(sound: df.Text, answer: df.Text) -> df.Rating(1, 5):  # type: ignore[valid-type]
        """How good?"""
        raise NotImplementedError

    class Blind(df.Choice):
        ONE = df.option("one")
        OTHER = df.option("other")

    @df.task(duration="5s")
    def chosen(sound: df.Text, answer: df.Text) -> Blind:
        """Which?"""
        raise NotImplementedError

    for check, said in (
        (lacking, "lacks the input 'answer'; expected 'sound', 'answer', got 'sound'"),
        (other, "input 'sound' is of the type image, in the task it is text"),
        (rated, "a rating that says from where on an answer is right"),
        (chosen, "or a Choice with an option that says so"),
    ):
        with pytest.raises(SpecError, match=said):
            df.launch(heard, [{"sound": "a"}], check=check, workspace=tmp_path / "none")
    with pytest.raises(SpecError, match="go the way 'collect', and are judged by nobody"):
        df.launch(
            heard, [{"sound": "a"}], check=compared, policy=df.Policy(quality="collect"), workspace=tmp_path / "none"
        )
    assert not (tmp_path / "none").exists()
