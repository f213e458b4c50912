"""Mean opinion scores: MOS and MUSHRA."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import mean_opinion_scores
from dataforge.aggregation.kernels.opinions import screened
from dataforge.errors import AggregationError, AggregationWarning

# Three workers and four tasks of one system; the last worker left one task out.
EXAMPLE = [[4, 5, 3, 4], [5, 5, 4, 4], [3, 4, 2, None]]


def table(rows: list[list[float | None]], system: str = "s") -> pd.DataFrame:
    found = [(task, system, f"w{worker}", score) for worker, row in enumerate(rows) for task, score in enumerate(row)]
    return pd.DataFrame(found, columns=["task", "system", "worker", "label"])


def listened(people: int = 12, systems: int = 6, tasks: int = 8, seed: int = 0) -> pd.DataFrame:
    """Scores of people who hear that each system is better than the one before."""
    rng = np.random.default_rng(seed)
    rows = [
        (task, f"s{system}", f"w{worker:02}", float(np.clip(round(1.5 + 0.6 * system + rng.normal(0, 0.5)), 1, 5)))
        for worker in range(people)
        for system in range(systems)
        for task in range(tasks)
    ]
    return pd.DataFrame(rows, columns=["task", "system", "worker", "label"])


def test_score_and_variance_are_those_of_the_worked_example() -> None:
    found = mean_opinion_scores(table(EXAMPLE)).systems.loc["s"]
    assert found["score"] == pytest.approx(3.909091, abs=1e-6)
    assert found["std_error"] ** 2 == pytest.approx(0.2269464, abs=1e-7)
    # Student's t with two degrees of freedom: 4.302653.
    assert found["high"] - found["score"] == pytest.approx(4.302653 * 0.2269464**0.5, abs=1e-5)
    assert found[["answers", "tasks", "workers"]].tolist() == [11, 4, 3]


def test_limits_hold_the_true_score_where_few_people_give_many_answers() -> None:
    rng = np.random.default_rng(1)
    held, plain, studies = 0, 0, 300
    for _ in range(studies):
        scores = rng.normal(0, 0.5, (10, 1)) + rng.normal(0, 0.3, (1, 20)) + rng.normal(0, 0.8, (10, 20))
        found = mean_opinion_scores(table(scores.tolist())).systems.loc["s"]
        held += found["low"] <= 0 <= found["high"]
        plain += abs(scores.mean()) <= 1.96 * scores.std() / scores.size**0.5
    assert held / studies > 0.93
    assert plain / studies < 0.7


def test_who_scores_at_random_or_always_the_same_is_rejected_and_who_is_too_fast() -> None:
    data = listened().assign(seconds=9.0)
    honest = mean_opinion_scores(data).systems["score"]
    rng = np.random.default_rng(3)
    data.loc[data.worker == "w01", "label"] = rng.integers(1, 6, (data.worker == "w01").sum())
    data.loc[data.worker == "w02", "label"] = 3.0
    data.loc[data.worker == "w03", "label"] = 6 - data.loc[data.worker == "w03", "label"]
    data.loc[data.worker == "w04", "seconds"] = 0.5
    found = mean_opinion_scores(data, least_seconds=3)
    verdict = found.workers["verdict"]
    assert verdict["w02"] == verdict["w03"] == "rejected"
    assert verdict["w01"] in ("rejected", "left out")
    assert verdict["w04"] == "too fast"
    assert verdict.drop(["w01", "w02", "w03", "w04"]).eq("counts").all()
    assert found.workers["correlation"]["w02"] == 0
    np.testing.assert_allclose(found.systems["score"], honest, atol=0.15)


def test_who_misses_the_hidden_reference_is_not_heard() -> None:
    data = listened(systems=5)
    data["label"] = 20 * data["label"]
    data.loc[data.system == "s4", "label"] = 100.0
    # One in four of its tasks is more than 15 %; the others' one in eight is less.
    data.loc[(data.system == "s4") & (data.worker == "w05") & (data.task < 2), "label"] = 80.0
    data.loc[(data.system == "s4") & (data.worker == "w06") & (data.task < 1), "label"] = 80.0
    verdict = mean_opinion_scores(data, reference="s4").workers["verdict"]
    assert verdict["w05"] == "missed the reference"
    assert verdict["w06"] == "counts"
    with pytest.raises(AggregationError, match="reference needs to be one of the systems"):
        mean_opinion_scores(data, reference="original")


@pytest.mark.parametrize(
    "rows",
    [[[4, 5, 3, 4]], [[4], [5], [3]], [[4, 4], [4, 4], [4, 4]]],
    ids=["one worker", "one task", "all alike"],
)
def test_limits_that_nothing_shows_are_not_given(rows: list[list[float | None]]) -> None:
    found = mean_opinion_scores(table(rows))
    assert found.systems.loc["s", "score"] == np.mean(rows)
    assert found.systems.loc["s", ["std_error", "low", "high"]].isna().all()
    assert found.workers["verdict"].eq("counts").all()
    assert "<svg" in found.to_svg()


def test_missing_scores_are_no_answers_and_infinite_ones_are_refused() -> None:
    data = table(EXAMPLE)
    assert mean_opinion_scores(data).systems.equals(mean_opinion_scores(data.dropna()).systems)
    assert len(mean_opinion_scores(data.head(0)).systems) == 0
    with pytest.raises(AggregationError, match="finite"):
        mean_opinion_scores(data.assign(label=np.inf))
    with pytest.raises(AggregationError, match="'label' needs numbers"):
        mean_opinion_scores(data.assign(label="good"))


def test_a_system_whose_workers_were_all_left_out_has_no_score_and_a_warning_says_so() -> None:
    data = listened()
    alone = data[data.worker == "w00"].assign(worker="x", system="new")
    data = pd.concat([data, data[data.worker == "w00"].assign(worker="x", label=3.0), alone])
    with pytest.warns(AggregationWarning, match="'new' has no score"):
        found = mean_opinion_scores(data)
    assert found.workers.loc["x", "verdict"] == "rejected"
    assert np.isnan(found.systems.loc["new", "score"])


def test_order_and_kind_of_table_change_nothing_and_the_picture_is_saved(tmp_path: Path) -> None:
    data = listened()
    expected = mean_opinion_scores(data)
    pd.testing.assert_frame_equal(mean_opinion_scores(data.sample(frac=1, random_state=1)).systems, expected.systems)
    found = mean_opinion_scores(pl.from_pandas(data)).systems
    np.testing.assert_allclose(found["score"].to_numpy(), expected.systems["score"])
    expected.save(tmp_path / "scores.svg", "Speech")
    assert (tmp_path / "scores.svg").read_text().startswith("<svg")
    with pytest.raises(AggregationError, match="svg"):
        expected.save(tmp_path / "scores.png")


def test_who_praises_the_anchor_is_not_heard() -> None:
    data = listened(people=8).assign(label=lambda rows: rows["label"] * 20)
    data.loc[(data.worker == "w03") & (data.system == "s0") & (data.task < 2), "label"] = 95.0
    found = mean_opinion_scores(data, anchor="s0")
    assert found.workers["verdict"].to_dict()["w03"] == "praised the anchor"
    assert (found.workers.drop("w03")["verdict"] != "praised the anchor").all()
    with pytest.raises(AggregationError, match="anchor needs to be one of the systems"):
        mean_opinion_scores(data, anchor="nothing")


def test_where_systems_are_alike_nobody_is_rejected_for_hearing_no_difference() -> None:
    rng = np.random.default_rng(5)
    rejected = 0
    for _ in range(20):
        scores = rng.normal(3, 0.7, (12, 6, 5))
        data = pd.DataFrame(
            [(task, f"s{s}", f"w{w}", score) for (w, s, task), score in np.ndenumerate(scores)],
            columns=["task", "system", "worker", "label"],
        )
        found = mean_opinion_scores(data)
        rejected += int((found.workers["verdict"] != "counts").any())
    assert rejected <= 3


def of_few_systems(worker: str, scores: dict[str, float], times: int = 30) -> pd.DataFrame:
    """Scores of somebody who hears few systems often."""
    rows = [(task, system, worker, score) for system, score in scores.items() for task in range(times)]
    return pd.DataFrame(rows, columns=["task", "system", "worker", "label"])


def test_who_hears_too_few_systems_to_be_judged_rejects_nobody_who_can_be() -> None:
    honest = listened(people=6)
    liars = [
        of_few_systems(f"liar{n}", scores)
        for n, scores in enumerate([{"s0": 5, "s5": 1}, {"s1": 5, "s4": 1}, {"s0": 5, "s4": 1}])
    ]
    found = mean_opinion_scores(pd.concat([honest, *liars]))
    verdict = found.workers["verdict"]
    assert (verdict[verdict.index.str.startswith("w")] == "counts").all()
    assert (verdict[verdict.index.str.startswith("liar")] == "rejected").all()
    pd.testing.assert_series_equal(found.systems["score"], mean_opinion_scores(honest).systems["score"])
    assert found.notices == ("3 of 9 workers are not heard (3 rejected); the table workers says who",)


def test_honest_ones_who_hear_few_systems_count_and_one_pair_of_systems_shows_nothing_of_them() -> None:
    honest, pairs = listened(people=6), listened(people=12, seed=3)
    heard = pairs["system"].str[1:].astype(int) // 2 == pairs["worker"].str[1:].astype(int) % 3
    some = pairs[heard].assign(worker=lambda rows: "few " + rows["worker"])
    found = mean_opinion_scores(pd.concat([honest, some]))
    assert (found.workers["verdict"] == "counts").all()
    assert found.notices == (
        "nothing shows whether 12 of 18 workers listen: they scored fewer than three systems, or workers do not agree",
    )
    alone = mean_opinion_scores(pd.concat([honest, of_few_systems("x", {"s0": 5, "s5": 1})]))
    assert alone.workers.loc["x", "verdict"] == "not comparable"
    nobody = mean_opinion_scores(some)
    assert (nobody.workers["verdict"] == "counts").all(), "where nobody can be judged nobody is left out"
    assert "12 of 12" in nobody.notices[0]


def test_what_rests_on_one_answer_is_told_and_limits_end_with_the_scale() -> None:
    data = pd.concat([listened(people=3, tasks=2), of_few_systems("w00", {"new": 4.0}, times=1)])
    found = mean_opinion_scores(data, scale=(1, 5))
    assert found.systems[["low", "high"]].stack().dropna().between(1, 5).all()
    assert not mean_opinion_scores(data).systems[["low", "high"]].stack().dropna().between(1, 5).all()
    assert found.notices[-1] == "one answer is all that the score of new rests on"
    assert "one answer is all" in found._repr_html_()
    with pytest.raises(AggregationError, match="scale needs to be its ends"):
        mean_opinion_scores(data, scale=(5, 1))


@pytest.mark.parametrize("honest", [5, 6, 8])
def test_three_eager_ones_who_turn_the_order_round_are_held_to_the_majority(honest: int) -> None:
    # Of five to eight others and three whose scores are the other way round nobody agrees with all the rest.
    rng, rows = np.random.default_rng(honest), []
    for worker in range(honest + 3):
        eager = worker >= honest
        for task in range(60 if eager else 8):
            for system, good in enumerate((2.0, 2.6, 3.2, 3.8)):
                hears = 5.8 - good if eager else good
                rows.append((task, f"s{system}", f"w{worker}", float(np.clip(round(hears + rng.normal(0, 0.6)), 1, 5))))
    found = mean_opinion_scores(pd.DataFrame(rows, columns=["task", "system", "worker", "label"]), scale=(1, 5))
    assert found.systems["score"].sort_values().index.tolist() == ["s0", "s1", "s2", "s3"]
    rejected = found.workers.index[found.workers["verdict"] == "rejected"]
    assert set(rejected) == {f"w{worker}" for worker in range(honest, honest + 3)}


def test_where_nobody_agrees_no_majority_is_found_among_them() -> None:
    screened = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = [
            (task, f"s{task % 3}", f"w{worker}", float(rng.integers(1, 6))) for worker in range(7) for task in range(30)
        ]
        found = mean_opinion_scores(pd.DataFrame(rows, columns=["task", "system", "worker", "label"]))
        screened += (found.workers["verdict"] == "rejected").any()
    assert screened <= 12


@pytest.mark.parametrize(("people", "systems"), [(3, 3), (6, 4)])
def test_as_few_crowds_without_any_sense_agree_as_is_written(people: int, systems: int) -> None:
    worker, system = np.repeat(np.arange(people), 6 * systems), np.tile(np.arange(systems), 6 * people)
    agree = 0
    for seed in range(60):
        score = np.random.default_rng(seed).integers(1, 6, len(worker)).astype(float)
        agree += screened(worker, system, score, people, 0.25).anybody_seen
    # One crowd in twenty. By Student's test alone it was nine in ten of three people: two of them always agree.
    assert agree <= 7


def test_of_thousands_who_do_not_agree_nobody_is_left_out() -> None:
    rng, many = np.random.default_rng(1), 1_100
    worker, system = np.repeat(np.arange(many), 6), np.tile(np.arange(6), many)
    # Half of them turn the order round, so that there is no majority to be found.
    score = np.where(worker % 2, system, 5 - system) + rng.normal(0, 0.5, len(worker))
    found = screened(worker, system, score, many, 0.25)
    assert not found.out.any()
    assert not found.anybody_seen


def test_a_majority_of_many_is_found_however_many_ways_there_are_to_choose_it() -> None:
    rng, many = np.random.default_rng(2), 80
    worker, system = np.repeat(np.arange(many), 6), np.tile(np.arange(6), many)
    turned = worker >= 45
    score = np.where(turned, 5 - system, system) + rng.normal(0, np.where(turned, 0.3, 1.5))
    assert screened(worker, system, score, many, 0.25).out.nonzero()[0].tolist() == list(range(45, 80))


@pytest.mark.parametrize("overlap", [2, 3])
@pytest.mark.parametrize("says", [(5, 1, 1, 1), (5, 4, 2, 1)])
def test_one_who_answers_everything_neither_turns_the_order_nor_has_others_rejected(
    overlap: int, says: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(overlap)
    rows = [(task, f"s{system}", "eager", float(says[system])) for task in range(75) for system in range(4)]
    for task in range(75):
        for system, good in enumerate((2.2, 2.9, 3.5, 4.2)):
            for who in rng.choice(15, overlap - 1, replace=False):
                score = float(np.clip(round(good + rng.normal(0, 0.7)), 1, 5))
                rows.append((task, f"s{system}", f"w{who:02}", score))
    found = mean_opinion_scores(pd.DataFrame(rows, columns=["task", "system", "worker", "label"]), scale=(1, 5))
    assert found.systems["score"].sort_values().index.tolist() == ["s0", "s1", "s2", "s3"]
    assert found.workers["verdict"]["eager"] == "rejected"
    assert (found.workers["verdict"].drop("eager") == "counts").sum() >= 14


def test_scores_are_printed_as_their_table_with_what_is_to_be_known() -> None:
    found = mean_opinion_scores(listened())
    assert repr(found) == "\n".join([str(found.systems), *found.notices])


@pytest.mark.parametrize("seed", range(3))
def test_one_who_scores_more_than_all_others_together_owns_no_score(seed: int) -> None:
    """Eight people of thirty scores, and one who hears as they do, scores a thousand times and praises one system."""
    rng, rows = np.random.default_rng(seed), []
    for worker in range(9):
        eager = worker == 8
        for number in range(1_002 if eager else 30):
            system, task = number % 6, number // 6
            good = 4.8 if eager and system == 2 else (1.5, 2.0, 3.0, 3.6, 4.2, 4.6)[system]
            rows.append((task, f"s{system}", f"w{worker}", float(np.clip(round(good + rng.normal(0, 0.5)), 1, 5))))
    data = pd.DataFrame(rows, columns=["task", "system", "worker", "label"])
    found, honest = mean_opinion_scores(data), mean_opinion_scores(data[data["worker"] != "w8"])
    assert found.workers["verdict"]["w8"] == "counts", "what is shown of them is good: this is not for screening"
    # Two parts of nine, who says 1.8 too much.
    assert 0.2 < found.systems["score"]["s2"] - honest.systems["score"]["s2"] < 0.45
    assert data[data["system"] == "s2"]["label"].mean() > 4
    assert found.systems["low"]["s2"] < honest.systems["score"]["s2"]


def test_limits_hold_the_true_score_where_one_in_four_gives_most_of_the_answers() -> None:
    rng, held, studies = np.random.default_rng(2), 0, 300
    worker = np.repeat(np.arange(12), [60] * 3 + [8] * 9)
    for _ in range(studies):
        task = np.concatenate([rng.permutation(60)[: (worker == one).sum()] for one in range(12)])
        habits, differences = rng.normal(0, 0.5, 12)[worker], rng.normal(0, 0.3, 60)[task]
        score = habits + differences + rng.normal(0, 0.8, len(worker))
        data = pd.DataFrame({"task": task, "worker": worker, "system": "s", "label": score})
        found = mean_opinion_scores(data).systems.loc["s"]
        held += found["low"] <= 0 <= found["high"]
    assert held / studies > 0.92


@pytest.mark.parametrize("accounts", [8, 12, 16, 40])
def test_accounts_that_score_one_page_each_count_for_their_answers_however_many_they_are(accounts: int) -> None:
    """Eight people of three hundred scores, and accounts that hear as they do, score a page and praise one system."""
    rng, rows = np.random.default_rng(accounts), []
    for worker in range(8 + accounts):
        stranger = worker >= 8
        for number in range(6 if stranger else 300):
            system, task = number % 6, worker % 50 if stranger else number // 6
            good = 4.8 if stranger and system == 2 else (1.5, 2.0, 3.0, 3.6, 4.2, 4.6)[system]
            rows.append((task, f"s{system}", f"w{worker}", float(np.clip(round(good + rng.normal(0, 0.5)), 1, 5))))
    data = pd.DataFrame(rows, columns=["task", "system", "worker", "label"])
    found = mean_opinion_scores(data).systems.loc["s2"]
    # Some accounts are left out, whose few scores happen to agree with nobody's.
    assert found["score"] == pytest.approx(data[data["system"] == "s2"]["label"].mean(), abs=0.03)
    assert found["score"] < 3.2
