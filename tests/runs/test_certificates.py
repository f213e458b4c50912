"""What a run promises in words, and its certificate: no number where nothing shows one; what is wrong is said first."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import LABELS, crowd, right
from tests.runs.test_verified_items import truth

import dataforge as df
from dataforge.errors import SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.pricing.amounts import money
from dataforge.records import Certificate
from dataforge.runs.core.promise_texts import promised
from dataforge.runs.core.quality import Reach

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]
GOOD = {"skips": None, "reports": None, "speed": ()}


def figures(run: df.Run) -> Certificate:
    return run.certificate().figures


def headline(run: df.Run) -> str:
    return "\n".join(line["en"] for line in figures(run).headline)


# --- in words while it goes on --------------------------------------------------------------------


def test_a_promise_says_what_can_be_trusted_how_many_reach_it_and_what_would_raise_it() -> None:
    # Twenty bins of .05: four of ten confidences are .9 or more.
    histogram = [*[0] * 16, 6, 0, 4, 0]
    reach = Reach("answer", 0.9312, 0.95, True, 37, 20, True)
    told = promised(reach, histogram)
    assert told["en"].startswith(
        "This crowd can be trusted no further than 0.931 on this task; 40% of the answers that have a confidence reach "
        "0.9. A confidence of 0.95 is wanted:"
    )
    assert "To promise 0.95: about 37 more control items, answered right" in told["en"]
    assert "run.to_verify(37)" in told["en"]
    assert told["ru"].startswith("Этим исполнителям в этой задаче можно верить не больше чем до 0,931;")
    assert "примерно 37 контрольных заданий" in told["ru"]


def test_a_confidence_is_never_rounded_up() -> None:
    assert "no further than 0.999 on" in promised(Reach("answer", 0.99999, 0.9, False, 0, 9, True), [0] * 20)["en"]


def test_nothing_is_told_of_trust_where_nothing_bounds_it_and_no_answer_has_a_confidence() -> None:
    assert promised(Reach("answer", 1.0, 0.95, False, None, 0, True), [0] * 20) == {"en": ""}
    assert "100% of the answers" in promised(Reach("answer", 1.0, 0.95, False, None, 0, True), [0] * 19 + [3])["en"]


def test_who_errs_together_is_told_to_mend_the_instruction_first() -> None:
    told = promised(Reach("answer", 0.8, 0.95, True, 151, 20, True, erring=True), [0] * 20)["en"]
    assert "make the instruction sharper or ask others first" in told
    assert "about 160 more control items" in told


def test_without_control_items_nothing_is_advised_that_cannot_be_done() -> None:
    told = promised(Reach("answer", 0.97, 0.99, True, 55, 0, False), [0] * 20)["en"]
    assert "without control items a crowd can be trusted no further than 0.97: items will stay unsure" in told
    assert "dataforge add" not in told
    assert "a launch with as many control items" in told


def test_a_crowd_that_can_be_trusted_far_enough_is_told_of_beside_the_notices(start: Start, finish: Finish) -> None:
    run = start(items=40, controls=12, workers=crowd(5, arrives=0.0), overlap=2, min_confidence=0.9, **GOOD)
    status = finish(run)
    assert status.promise is not None
    assert re.match(
        r"This crowd can be trusted no further than 0\.9\d+ on this task; \d+% of the answers", status.promise["en"]
    )
    assert not any("can be trusted" in notice["en"] for notice in status.notices)
    assert status.promise["en"] in status.card()


def test_a_crowd_that_cannot_is_told_of_in_a_notice_from_the_launch_on(start: Start, finish: Finish) -> None:
    run = start(items=20, controls=6, workers=crowd(3, arrives=0.0), overlap=2, min_confidence=0.99, **GOOD)
    assert any("by the control items there are (6), however well" in notice["en"] for notice in run.notices)
    status = finish(run)
    assert status.promise is None
    assert sum("can be trusted" in notice["en"] for notice in status.notices) == 1


@pytest.mark.parametrize(("share", "told"), [(0.0, True), (1.0, False)])
def test_a_run_of_which_nearly_all_pages_are_rejected_says_so(
    start: Start, finish: Finish, share: float, told: bool
) -> None:
    rules: dict[str, Any] = {"page": (4, 2), "control_ratio": 0.9, "control": None, "speed": (), "skips": None}
    workers = crowd(12, share, arrives=0.0)
    run = start(items=40, controls=24, workers=workers, overlap=1, time_limit="1h", **rules)
    said = [notice["en"] for notice in finish(run).notices if notice["en"].startswith("Rejected pages: ")]
    assert bool(said) is told


# --- the certificate ------------------------------------------------------------------------------


def test_a_certificate_has_the_share_of_right_answers_with_an_interval_that_holds_it(
    start: Start, finish: Finish
) -> None:
    run = start(items=90, controls=18, workers=crowd(6, 0.85, arrives=0.0), overlap=3, **GOOD)
    finish(run)
    found = figures(run)
    [answer] = found.outputs
    assert answer.accuracy is not None
    labels = run.labels()
    right = (labels["answer"] == truth(labels)).mean()
    assert answer.accuracy.low <= right <= answer.accuracy.high
    assert answer.accuracy.of == 90
    assert answer.assumptions == ("like_controls",)
    assert [level.items for level in answer.levels] == [
        int((labels["confidence"] >= level - 1e-6).sum()) for level in (0.99, 0.95, 0.9, 0.8)
    ]
    for level in answer.levels:
        sure = labels["confidence"] >= level.confidence - 1e-6
        assert (level.right is None) is (level.items < 20)
        if level.right is not None:
            assert level.right.of == level.items
            assert level.right.low <= (labels["answer"] == truth(labels))[sure].mean() <= level.right.high
    assert any(level.right is not None for level in answer.levels)
    assert (found.items, found.answered, found.control_items) == (90, 90, 18)
    assert found.paid == pytest.approx(run.cost()["paid"].iloc[0])
    lines = [line["en"] for part in found.parts for line in part.lines if "paid:" in line.get("en", "")]
    rests = [line.get("en", "") for line in found.parts[1].lines]
    assert any("what their own confidences come to; this certificate" in line for line in rests), rests
    assert any(money(found.paid, found.currency)["en"] in line for line in lines), lines
    assert found.version == df.__version__
    assert found.stage == "done"
    asked = [line["en"] for line in found.parts[-1].lines]
    assert asked[0] == "items: 90; control items: 18; answers an item: 3"
    assert asked[1].startswith("items on a page: ")
    assert "an hour" in asked[1]


class ByLinks(SimulatedPlatform):
    """Known to the run as the platform whose workers come by links."""

    name = "embedded"


@pytest.mark.parametrize(("platform", "told"), [(ByLinks, True), (SimulatedPlatform, False)])
def test_where_workers_come_by_links_it_says_that_nothing_ties_an_account_to_a_person(
    start: Start, finish: Finish, platform: type[SimulatedPlatform], told: bool
) -> None:
    run = start(platform=platform(crowd(3, arrives=0.0), right, seed=1))
    finish(run)
    rests = next(part for part in figures(run).parts if part.title["en"].startswith("What"))
    assert any("each account is a person of its own" in line["en"] for line in rests.lines) is told


def wrong_about_gold(inputs: Any, truth: Any, chance: Any) -> dict[str, str]:
    """All read a fifth of the items otherwise than they are meant."""
    shift = int(inputs["caption"].rsplit(" ", 1)[1]) * 7 % 10 < 2
    return {"answer": LABELS[(LABELS.index(truth["answer"]) + shift) % 3]}


@pytest.fixture
def untrusted(start: Start, finish: Finish) -> df.Run:
    workers = [SimulatedWorker(f"w{number}", wrong_about_gold, arrives=0.0) for number in range(8)]
    run = start(items=120, controls=20, workers=workers, overlap=(2, 3), min_confidence=0.95, control=None, **GOOD)
    finish(run)
    return run


def test_a_crowd_that_cannot_be_trusted_beyond_nine_tenths_is_said_at_the_top(untrusted: df.Run) -> None:
    first, second = figures(untrusted).headline
    assert re.fullmatch(
        r"This crowd cannot be trusted beyond 0\.8\d* on this task: no answer of it is surer, however many workers "
        r"agree\.",
        first["en"],
    )
    assert first["ru"].startswith("Этим исполнителям в этой задаче нельзя верить больше чем до 0,8")
    assert second["en"].startswith("Right answers: ")
    labels = untrusted.labels()
    [answer] = figures(untrusted).outputs
    assert answer.accuracy is not None
    assert answer.accuracy.low <= (labels["answer"] == truth(labels)).mean() <= answer.accuracy.high
    assert answer.most is not None
    assert labels["confidence"].max() <= answer.most


def test_a_certificate_says_of_the_sure_answers_how_many_are_right_and_between_which_bounds(
    untrusted: df.Run, finish: Finish
) -> None:
    def at_least(level: float) -> Any:
        return next(one for one in figures(untrusted).outputs[0].levels if one.confidence == level)

    before = at_least(0.8)
    labels = untrusted.labels()
    sure = labels["confidence"] >= 0.8 - 1e-6
    right = (labels["answer"] == truth(labels))[sure].mean()
    assert before.items == before.right.of == sure.sum()
    assert before.right.low <= right <= before.right.high
    told = re.search(
        r"at least 0\.8 +\d+ \(\d+%\); right: ([\d.]+)% \(95%: ([\d.]+)–([\d.]+)%\)",
        untrusted.certificate().text(),
    )
    assert told is not None
    assert [float(one) / 100 for one in told.groups()] == pytest.approx(
        [before.right.mean, before.right.low, before.right.high], abs=0.00051
    )
    assert re.search(r"не ниже 0,8 +\d+ \(\d+\xa0%\); верных: [\d,]+\xa0%", untrusted.certificate().text("ru"))
    # A sample that somebody trusted has judged narrows these bounds, too.
    drawn = untrusted.to_verify(50)
    untrusted.verified(drawn.assign(_ok=drawn["answer"] == truth(drawn)))
    finish(untrusted)
    after = at_least(0.8)
    assert after.right.high - after.right.low < before.right.high - before.right.low


def test_of_few_sure_answers_no_share_is_told(untrusted: df.Run) -> None:
    levels = figures(untrusted).outputs[0].levels
    assert [one.right for one in levels if one.items < 20] == [None] * sum(one.items < 20 for one in levels)
    assert re.search(r"at least 0\.99 +0 \(0%\)\n", untrusted.certificate().text())


def test_a_verified_sample_takes_the_place_of_the_assumption_and_narrows_the_interval(
    untrusted: df.Run, finish: Finish
) -> None:
    before = figures(untrusted).outputs[0].accuracy
    drawn = untrusted.to_verify(50)
    assert figures(untrusted).verified.waiting == 50
    untrusted.verified(drawn.assign(_ok=drawn["answer"] == truth(drawn)))
    finish(untrusted)
    found = figures(untrusted)
    [answer] = found.outputs
    assert (found.verified.sample, found.verified.waiting) == (50, 0)
    assert found.verified.right == int((drawn["answer"] == truth(drawn)).sum())
    assert answer.assumptions == ("drawn",)
    assert before is not None
    assert answer.accuracy is not None
    assert answer.accuracy.high - answer.accuracy.low < before.high - before.low


# Nothing shows how sure answers are: no number, and the reason.
UNVERIFIED: dict[str, tuple[dict[str, Any], list[SimulatedWorker], str]] = {
    "one opinion each": ({"overlap": 1}, crowd(3, 0.9, arrives=0.0), "answered no item together with somebody else"),
    "one worker": ({"overlap": 1}, crowd(1, 0.9, arrives=0.0), "answered no item together with somebody else"),
    "all alike": (
        {"overlap": 2},
        [SimulatedWorker(name, lambda *_: {"answer": "dog"}, arrives=0.0) for name in ("ann", "bob")],
        "All workers gave one and the same answer",
    ),
}


@pytest.mark.parametrize("kind", UNVERIFIED)
def test_what_nothing_shows_has_no_number_anywhere_and_the_reason_is_said(
    start: Start, finish: Finish, kind: str, tmp_path: Path
) -> None:
    policy, workers, reason = UNVERIFIED[kind]
    run = start(items=12, controls=0, workers=workers, **policy, **GOOD)
    status = finish(run)
    assert (status.mean_confidence, status.promise) == (None, None)
    assert any(reason in notice["en"] for notice in status.notices)
    labels = run.labels()
    assert labels["confidence"].isna().all()
    assert set(labels["flag"]) == {"unverified"}
    assert run.probabilities().drop(columns="id").isna().all(axis=None)
    told = run.to_csv(tmp_path / "labels.csv").read_text("utf-8-sig").splitlines()
    assert all('"unverified"' in line or line.endswith("unverified") for line in told[1:])
    found = figures(run)
    [answer] = found.outputs
    assert (answer.accuracy, answer.most, answer.unverified) == (None, None, 12)
    assert headline(run) == "Nothing shows how many of the 12 answers are right, so no number is given."
    assert reason in run.certificate().text()
    assert not re.search(r"\d%.*right|right.*\d%", headline(run))


def test_where_all_answers_are_kept_nothing_is_claimed(start: Start, finish: Finish) -> None:
    run = start(items=4, controls=0, workers=crowd(2, arrives=0.0), overlap=2, quality="collect", **GOOD)
    finish(run)
    assert headline(run) == "All answers are kept as they were given: nothing is claimed of how many are right."


def test_items_that_somebody_picked_are_counted_and_said_to_show_nothing(untrusted: df.Run, finish: Finish) -> None:
    untrusted.correct(untrusted.labels()["id"].iloc[0], "dog")
    finish(untrusted)
    assert figures(untrusted).verified.picked == 1
    assert (
        "given by hand to items that were picked: 1; they show nothing of the others" in untrusted.certificate().text()
    )


def test_a_certificate_is_text_json_and_a_page_that_prints(untrusted: df.Run, tmp_path: Path) -> None:
    found = untrusted.certificate()
    assert str(found) == found.text()
    assert json.loads(json.dumps(found.to_json()))["outputs"][0]["accuracy"]["of"] == 120
    page = found.to_html(tmp_path / "run.html").read_text("utf-8")
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert "@media print" in page
    assert "This crowd cannot be trusted beyond" in page
    assert "Which animal is it?" in page
    assert '<html lang="ru">' in found.to_html(tmp_path / "run.ru.html", "ru").read_text("utf-8")
    assert "cannot be trusted beyond" in found._repr_html_()
    assert found.text("kk").startswith("Жобаның сертификаты")
    with pytest.raises(SpecError, match=r"expected a file that ends in \.html, got"):
        found.to_html(tmp_path / "run.pdf")
    with pytest.raises(SpecError, match="written in en, es, kk, ru, tr or uz, got 'de'"):
        found.text("de")


def test_a_run_that_goes_on_says_so(start: Start) -> None:
    run = start(items=40, controls=4, workers=crowd(1, arrives=0.0), overlap=2, stall_after="1h", **GOOD)
    while run.status().responses < 20:
        run.wait(1, progress=False)
    assert "The run goes on: this is how it stands now." in run.certificate().text()
