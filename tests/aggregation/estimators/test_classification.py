"""Behaviour that every classification estimator shares, and what each adds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone

from dataforge.aggregation import (
    GLAD,
    KOS,
    MACE,
    MMSR,
    DawidSkene,
    GoldMajorityVote,
    HierarchicalDawidSkene,
    MajorityVote,
    OneCoinDawidSkene,
    Wawa,
    ZeroBasedSkill,
)
from dataforge.errors import AggregationError

MakeCrowd = Callable[..., pd.DataFrame]

ALONE = [
    MajorityVote, Wawa, ZeroBasedSkill, DawidSkene, HierarchicalDawidSkene, OneCoinDawidSkene, GLAD, MACE, MMSR, KOS,
]  # fmt: skip
MODELS = [DawidSkene, HierarchicalDawidSkene, OneCoinDawidSkene, GLAD, MACE]
WITH_PROBABILITIES = [MajorityVote, Wawa, ZeroBasedSkill, *MODELS]


def binary(make_crowd: MakeCrowd, **parameters: Any) -> pd.DataFrame:
    return make_crowd(n_labels=2, **parameters)


@pytest.mark.parametrize("estimator", ALONE)
def test_names_follow_the_field(estimator: Any, make_crowd: MakeCrowd) -> None:
    data = binary(make_crowd)
    labels = estimator().fit_predict(data)
    assert (labels.name, labels.index.name) == ("agg_label", "task")
    assert list(labels.index) == sorted(data["task"].unique())


@pytest.mark.parametrize("estimator", WITH_PROBABILITIES)
def test_probabilities_have_a_row_by_task_and_a_column_by_label(estimator: Any, answers: pd.DataFrame) -> None:
    probabilities = estimator().fit_predict_proba(answers)
    assert list(probabilities.columns) == ["l0", "l1", "l2"]
    assert (probabilities.index.name, probabilities.columns.name) == ("task", "label")
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-9)


@pytest.mark.parametrize("estimator", ALONE)
def test_the_order_of_rows_changes_nothing(estimator: Any, make_crowd: MakeCrowd) -> None:
    data = binary(make_crowd)
    turned = data.sample(frac=1, random_state=5).reset_index(drop=True)
    first, second = estimator().fit(data), estimator().fit(turned)
    pd.testing.assert_series_equal(first.fit_predict(data), second.fit_predict(turned))
    if estimator in WITH_PROBABILITIES and estimator is not GLAD:
        pd.testing.assert_frame_equal(first.probas_, second.probas_, rtol=0, atol=1e-9)


@pytest.mark.parametrize("estimator", [*WITH_PROBABILITIES, MMSR])
def test_other_names_change_nothing(estimator: Any, make_crowd: MakeCrowd) -> None:
    # A tie between labels goes to the least name: with two labels and an odd number of answers there is none.
    data = make_crowd(n_tasks=80, n_workers=9, n_labels=3 if estimator in MODELS else 2)
    renamed = data.assign(
        task=data["task"].map(lambda name: "x" + name[::-1]),
        worker=data["worker"].map(lambda name: "z" + name[::-1]),
        label=data["label"].map({"l0": "c", "l1": "a", "l2": "b"}),
    )
    labels, others = estimator().fit_predict(data), estimator().fit_predict(renamed)
    expected = labels.rename(lambda name: "x" + name[::-1]).map({"l0": "c", "l1": "a", "l2": "b"}).sort_index()
    pd.testing.assert_series_equal(others, expected, check_names=False)


@pytest.mark.parametrize("estimator", ALONE)
def test_models_beat_guessing(estimator: Any, make_crowd: MakeCrowd) -> None:
    data = binary(make_crowd, n_tasks=200, n_workers=20, per_task=7)
    truth = data.drop_duplicates("task").set_index("task")["truth"].sort_index()
    assert (estimator().fit_predict(data) == truth).mean() > 0.85


@pytest.mark.parametrize("estimator", ALONE)
def test_one_task_one_worker_one_label_is_defined(estimator: Any) -> None:
    data = pd.DataFrame({"task": ["t"], "worker": ["w"], "label": ["a"]})
    assert estimator().fit_predict(data).to_dict() == {"t": "a"}


@pytest.mark.parametrize("estimator", ALONE)
def test_an_empty_table_gives_an_empty_result(estimator: Any) -> None:
    data = pd.DataFrame({"task": [], "worker": [], "label": []}, dtype=object)
    assert len(estimator().fit_predict(data)) == 0


@pytest.mark.parametrize("kind", ["polars", "arrow"])
@pytest.mark.parametrize("estimator", ALONE)
def test_the_answer_comes_in_the_kind_of_table_that_went_in(estimator: Any, kind: str, make_crowd: MakeCrowd) -> None:
    data = binary(make_crowd)
    expected = estimator().fit_predict(data)
    native = pl.from_pandas(data) if kind == "polars" else pa.Table.from_pandas(data)
    found = estimator().fit_predict(native)
    assert type(found) is type(native)
    columns = found.to_dict(as_series=False) if kind == "polars" else found.to_pydict()
    assert dict(zip(columns["task"], columns["agg_label"], strict=True)) == expected.to_dict()


@pytest.mark.parametrize("estimator", WITH_PROBABILITIES)
def test_encoded_columns_give_what_text_gives(estimator: Any, answers: pd.DataFrame) -> None:
    encoded = answers.astype("category")
    numbers = answers.assign(task=answers["task"].str[1:].astype(int), worker=answers["worker"].str[1:].astype(int))
    expected = estimator().fit_predict_proba(answers).to_numpy()
    np.testing.assert_allclose(estimator().fit_predict_proba(encoded).to_numpy(), expected, atol=1e-9)
    np.testing.assert_allclose(estimator().fit_predict_proba(numbers).to_numpy(), expected, atol=1e-9)


@pytest.mark.parametrize("estimator", [*ALONE, GoldMajorityVote])
def test_scikit_learn_can_clone_and_set(estimator: Any) -> None:
    made = estimator()
    assert clone(made).get_params() == made.get_params()
    for name, value in made.get_params().items():
        assert made.set_params(**{name: value}) is made
    with pytest.raises(AggregationError, match="no parameter 'speed'"):
        made.set_params(speed=1)


@pytest.mark.parametrize("estimator", ALONE)
def test_before_fit_there_are_no_fitted_attributes(estimator: Any) -> None:
    assert not hasattr(estimator(), "labels_")
    with pytest.raises(AggregationError, match="call fit first"):
        _ = estimator().labels_


def test_parameters_come_in_the_order_of_the_field() -> None:
    assert DawidSkene(7, 0.1, "assign").get_params()["n_iter"] == 7
    assert GLAD(3, 0.5, False).get_params()["silent"] is False
    assert MACE(2, 9, "em").get_params()["method"] == "em"
    assert MajorityVote(0.5, "value").get_params()["default_skill"] == 0.5
    assert ZeroBasedSkill(5, 0.7, 3, 0.2, 0.1).get_params()["eps"] == 0.1


@pytest.mark.parametrize("bad", [None, np.nan])
def test_a_missing_label_is_no_answer(bad: Any) -> None:
    data = pd.DataFrame({"task": ["a", "a", "b"], "worker": ["x", "y", "x"], "label": ["1", bad, bad]})
    assert MajorityVote().fit_predict(data).to_dict() == {"a": "1"}


@pytest.mark.parametrize("column", ["task", "worker"])
def test_a_missing_task_or_worker_is_an_error(column: str, answers: pd.DataFrame) -> None:
    answers.loc[3, column] = None
    with pytest.raises(AggregationError, match=f"column '{column}' needs a value in every row; row 3 has none"):
        DawidSkene().fit(answers)


def test_a_missing_column_is_named(answers: pd.DataFrame) -> None:
    with pytest.raises(AggregationError, match="'worker' not found"):
        DawidSkene().fit(answers.drop(columns="worker"))


def test_labels_of_mixed_types_are_an_error() -> None:
    data = pd.DataFrame({"task": ["a", "a"], "worker": ["x", "y"], "label": [1, "1"]})
    with pytest.raises(AggregationError, match="one type, got int, str"):
        MajorityVote().fit(data)


def test_repeated_answers_count_or_not_as_asked() -> None:
    data = pd.DataFrame({"task": ["a"] * 4, "worker": ["x", "x", "x", "y"], "label": ["no", "no", "yes", "yes"]})
    assert MajorityVote().fit_predict_proba(data).loc["a"].to_dict() == {"no": 0.5, "yes": 0.5}
    assert MajorityVote(duplicates="last").fit_predict(data).to_dict() == {"a": "yes"}
    with pytest.raises(AggregationError, match="2 answers repeat"):
        MajorityVote(duplicates="error").fit(data)


def test_ties_go_to_the_least_label_or_the_first_category() -> None:
    data = pd.DataFrame({"task": ["a", "a"], "worker": ["x", "y"], "label": ["z", "b"]})
    assert MajorityVote().fit_predict(data).to_dict() == {"a": "b"}
    ranked = data.assign(label=pd.Categorical(data["label"], categories=["z", "b"]))
    assert MajorityVote().fit_predict(ranked).to_dict() == {"a": "z"}


def test_votes_are_weighted_by_skills_and_missing_skills_are_handled_as_asked() -> None:
    data = pd.DataFrame({"task": ["a"] * 3, "worker": ["x", "y", "z"], "label": ["1", "0", "0"]})
    skills = pd.Series({"x": 3.0, "y": 1.0})
    with pytest.raises(AggregationError, match="1 workers without a skill"):
        MajorityVote().fit(data, skills)
    assert MajorityVote(on_missing_skill="ignore").fit_predict(data, skills)["a"] == "1"
    shares = MajorityVote(default_skill=4.0, on_missing_skill="value").fit_predict_proba(data, skills)
    assert shares.loc["a"].to_dict() == {"0": 5 / 8, "1": 3 / 8}
    with pytest.raises(AggregationError, match="not negative"):
        MajorityVote().fit(data, {"x": -1.0, "y": 1, "z": 1})
    only_x = pd.concat([data, pd.DataFrame({"task": ["b"], "worker": ["z"], "label": ["1"]})])
    with pytest.raises(AggregationError, match="1 tasks have no answer"):
        MajorityVote(on_missing_skill="ignore").fit(only_x, skills)


def test_skills_are_agreement_and_repeated_answers_count_once() -> None:
    data = pd.DataFrame({"task": ["a", "a", "a", "b", "b", "b"], "worker": list("xxyxyz"), "label": list("110011")})
    assert MajorityVote().fit(data).skills_.to_dict() == {"x": 0.5, "y": 0.5, "z": 1.0}


def test_gold_votes_need_every_worker_to_have_met_gold(answers: pd.DataFrame, truth: pd.Series) -> None:
    assert GoldMajorityVote().fit_predict(answers, truth).name == "agg_label"
    with pytest.raises(AggregationError, match="without a skill"):
        GoldMajorityVote().fit_predict(answers, truth.head(1))


def test_dawid_skene_reaches_the_result_worked_out_by_hand() -> None:
    """Two perfect workers and one who always says no; by hand: EM's fixed point is certainty."""
    data = pd.DataFrame(
        [(t, w, t if w != "lazy" else "no") for t in ("no", "yes") for w in ("a", "b", "lazy")],
        columns=["task", "worker", "label"],
    )
    model = DawidSkene(100).fit(data)
    np.testing.assert_allclose(model.probas_.to_numpy(), np.eye(2), atol=1e-6)
    np.testing.assert_allclose(model.errors_.loc[("lazy", "no")], [1, 1])
    np.testing.assert_allclose(model.priors_, [0.5, 0.5], atol=1e-6)
    assert ("lazy", "yes") not in model.errors_.index


@pytest.mark.parametrize("estimator", MODELS)
def test_known_answers_stay_and_teach(estimator: Any, make_crowd: MakeCrowd) -> None:
    data = make_crowd(n_tasks=60)
    known = data.drop_duplicates("task").set_index("task")["truth"].sort_index().head(30)
    model = estimator().fit(data, true_labels=known)
    assert (model.labels_[known.index] == known).all()
    assert (model.probas_.loc[known.index].max(axis=1) == 1.0).all()


def test_a_known_label_that_nobody_gave_becomes_a_label(answers: pd.DataFrame) -> None:
    task = answers["task"].iloc[0]
    model = DawidSkene().fit(answers, true_labels={task: "unheard"})
    assert model.labels_[task] == "unheard"
    assert list(model.probas_.columns) == ["l0", "l1", "l2", "unheard"]
    assert np.isfinite(model.probas_.to_numpy()).all()


@pytest.mark.parametrize("estimator", MODELS)
def test_fixed_label_shares_are_kept(estimator: Any, make_crowd: MakeCrowd) -> None:
    data = make_crowd(n_labels=2, n_tasks=30, per_task=2)
    likely = estimator(labels_priors={"l0": 0.99, "l1": 0.01}).fit(data).probas_["l0"].mean()
    unlikely = estimator(labels_priors={"l0": 0.01, "l1": 0.99}).fit(data).probas_["l0"].mean()
    assert likely > unlikely
    with pytest.raises(AggregationError, match="labels_priors need a probability for each"):
        estimator(labels_priors={"l0": 1.0}).fit(data)


@pytest.mark.parametrize("estimator", [DawidSkene, OneCoinDawidSkene])
def test_a_worker_prior_keeps_beginners_near_it(estimator: Any, answers: pd.DataFrame) -> None:
    free = estimator().fit(answers).skills_
    tied = estimator(worker_prior=(8000.0, 2000.0)).fit(answers).skills_
    assert (tied - 0.8).abs().max() < 0.01 < (free - 0.8).abs().max()


@pytest.mark.parametrize("estimator", MODELS)
def test_new_answers_go_on_from_what_was_learnt(estimator: Any, make_crowd: MakeCrowd) -> None:
    data = make_crowd(n_tasks=120, n_workers=10)
    early, late = data[data["task"] < "t090"], data[data["task"] >= "t030"]
    late = late[late["task"] >= "t090"]
    stepwise = estimator().fit(early).partial_fit(late)
    whole = estimator().fit(data)
    assert list(stepwise.labels_.index) == list(whole.labels_.index)
    assert (stepwise.labels_ == whole.labels_).mean() > 0.95


def test_partial_fit_accepts_new_workers_and_labels(answers: pd.DataFrame) -> None:
    more = pd.DataFrame({"task": ["t000", "new"], "worker": ["a stranger", "w00"], "label": ["l9", "l9"]})
    model = DawidSkene().fit(answers, true_labels={"t001": "l0"}).partial_fit(more, true_labels={"new": "l9"})
    assert model.labels_[["new", "t001"]].to_dict() == {"new": "l9", "t001": "l0"}
    assert "a stranger" in model.skills_.index


@pytest.mark.parametrize("estimator", [DawidSkene, OneCoinDawidSkene])
def test_a_warm_start_needs_fewer_iterations(estimator: Any, make_crowd: MakeCrowd) -> None:
    data = make_crowd(n_tasks=300, n_workers=15)
    model = estimator(tol=1e-9, n_iter=500, warm_start=True).fit(data)
    cold = model.n_iter_
    again = model.fit(data)
    assert again.converged_
    assert again.n_iter_ < cold


@pytest.mark.parametrize("estimator", MODELS)
def test_predicting_the_fitted_answers_gives_the_fitted_probabilities(estimator: Any, answers: pd.DataFrame) -> None:
    model = estimator().fit(answers)
    if estimator is GLAD:  # the difficulty of a task is not known to predict
        pytest.skip("a new task's difficulty is the prior's")
    pd.testing.assert_frame_equal(model.predict_proba(answers), model.probas_, rtol=0, atol=1e-9)


@pytest.mark.parametrize("estimator", MODELS)
def test_a_strangers_answer_alone_says_nothing_or_what_the_crowds_does(estimator: Any, answers: pd.DataFrame) -> None:
    model = estimator(labels_priors={"l0": 0.5, "l1": 0.3, "l2": 0.2}).fit(answers)
    stranger = pd.DataFrame({"task": ["new"], "worker": ["stranger"], "label": ["l2"]})
    found = model.predict_proba(stranger).loc["new"]
    if estimator in (GLAD, HierarchicalDawidSkene):
        assert found["l2"] > 0.2  # sigmoid(0) is one half, and the crowd is better than chance of three labels
    else:
        np.testing.assert_allclose(found, [0.5, 0.3, 0.2], atol=1e-6)


def test_labels_unseen_in_fit_are_an_error_in_predict(answers: pd.DataFrame) -> None:
    model = DawidSkene().fit(answers)
    with pytest.raises(AggregationError, match=r"labels \['new'\] were not seen"):
        model.predict(answers.assign(label="new"))


def test_initial_errors_start_the_first_iteration(answers: pd.DataFrame) -> None:
    workers, labels = sorted(answers["worker"].unique()), ["l0", "l1", "l2"]
    index = pd.MultiIndex.from_product([workers, labels], names=["worker", "label"])
    turned = pd.DataFrame(np.tile(np.roll(np.eye(3), 1, axis=1), (len(workers), 1)), index=index, columns=labels)
    model = DawidSkene(1, initial_error_strategy="assign").fit(answers, initial_error=turned)
    plain = MajorityVote().fit_predict(answers)
    follow = {"l0": "l1", "l1": "l2", "l2": "l0"}
    unanimous = MajorityVote().fit(answers).probas_.max(axis=1) == 1
    assert (model.labels_[unanimous] == plain[unanimous].map(follow)).all()
    with pytest.raises(AggregationError, match="needs every worker"):
        DawidSkene(1, initial_error_strategy="assign").fit(answers, initial_error=turned.head(3))
    with pytest.raises(AggregationError, match="index names"):
        DawidSkene(1, initial_error_strategy="addition").fit(answers, initial_error=turned.rename_axis(["a", "b"]))
    added = DawidSkene(1, initial_error_strategy="addition").fit(answers, initial_error=turned.head(3) * 100)
    assert len(added.labels_) == len(plain)


def test_skill_intervals_hold_the_skill_and_narrow_with_answers(make_crowd: MakeCrowd) -> None:
    few, many = make_crowd(n_tasks=40), make_crowd(n_tasks=1000)
    for model in (DawidSkene(), OneCoinDawidSkene()):
        wide, narrow = model.fit(few).skill_intervals(), model.fit(many).skill_intervals()
        assert ((narrow["low"] < narrow["skill"]) & (narrow["skill"] < narrow["high"])).all()
        assert (narrow["high"] - narrow["low"]).mean() < (wide["high"] - wide["low"]).mean() / 2


def test_every_iteration_is_reported(answers: pd.DataFrame) -> None:
    seen: list[int] = []
    model = DawidSkene(5, tol=-1, on_iteration=lambda n, loss: seen.append(n)).fit(answers)
    assert seen == [1, 2, 3, 4, 5]
    assert model.n_iter_ == len(model.loss_history_) == 5
    assert not model.converged_


def test_nothing_is_printed(make_crowd: MakeCrowd, capfd: pytest.CaptureFixture[str]) -> None:
    for estimator in ALONE:
        estimator().fit_predict(make_crowd(n_labels=2))
    assert capfd.readouterr() == ("", "")


def test_restarts_of_mace_differ_and_the_best_is_kept(answers: pd.DataFrame) -> None:
    one = MACE(n_restarts=1, n_iter=2).fit(answers).loss_history_[-1]
    many = MACE(n_restarts=30, n_iter=2).fit(answers).loss_history_[-1]
    assert many > one


def test_mace_survives_two_thousand_answers_to_one_task() -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"task": 0, "worker": np.arange(2000), "label": np.where(rng.random(2000) < 0.7, "yes", "no")})
    assert MACE().fit_predict(data).to_dict() == {0: "yes"}


def test_kos_says_so_where_it_has_no_idea_and_falls_back_on_votes() -> None:
    data = pd.DataFrame({"task": ["a", "b"], "worker": ["x", "y"], "label": ["yes", "no"]})
    assert KOS().fit_predict(data).to_dict() == {"a": "yes", "b": "no"}


def test_where_messages_say_nothing_kos_does_not_fall_back_on_its_random_start() -> None:
    rows = [(f"t{task}", f"w{2 * task + worker}", "ba"[worker]) for task in range(5) for worker in range(2)]
    data = pd.DataFrame(rows, columns=["task", "worker", "label"])
    for seed in range(5):
        assert KOS(random_state=seed).fit_predict(data).tolist() == ["a"] * 5


def test_kos_takes_two_labels_only(answers: pd.DataFrame) -> None:
    with pytest.raises(AggregationError, match="two labels, got 3"):
        KOS().fit(answers)


def test_mmsr_recovers_log_odds(make_crowd: MakeCrowd) -> None:
    rng = np.random.default_rng(3)
    right = np.linspace(0.55, 0.95, 9)
    truth = rng.integers(0, 2, 4000)
    rows = [
        (t, w, int(truth[t]) if rng.random() < right[w] else 1 - int(truth[t])) for t in range(4000) for w in range(9)
    ]
    found = MMSR().fit(pd.DataFrame(rows, columns=["task", "worker", "label"])).skills_
    np.testing.assert_allclose(found, np.log(right / (1 - right)), atol=0.25)


def test_a_worker_who_is_always_wrong_has_a_negative_weight() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 500)
    rows = [(t, w, int(truth[t]) ^ int((rng.random() < 0.1) != (w == 4))) for t in range(500) for w in range(5)]
    skills = MMSR().fit(pd.DataFrame(rows, columns=["task", "worker", "label"])).skills_
    assert (skills.drop(4) > 1).all()
    assert skills[4] < -1


def test_zero_based_skill_stops_once_nothing_moves(answers: pd.DataFrame) -> None:
    model = ZeroBasedSkill(n_iter=1000).fit(answers)
    assert model.converged_
    assert model.n_iter_ < 200
