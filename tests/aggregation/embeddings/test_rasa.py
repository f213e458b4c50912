import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.stats import chi2
from sklearn.base import clone

from dataforge.aggregation import HRRASA, RASA, ClosestToAverage
from dataforge.aggregation.embeddings import glue_similarity
from dataforge.errors import AggregationError


def embedded(seed: int = 0, n_tasks: int = 30, n_workers: int = 8, width: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for task in range(n_tasks):
        centre = rng.normal(size=width)
        for worker in rng.choice(n_workers, rng.integers(2, 6), replace=False):
            noise = rng.normal(scale=0.1 + worker / n_workers, size=width)
            rows.append((f"t{task:02}", f"w{worker}", f"{task} {worker}", centre + noise))
    return pd.DataFrame(rows, columns=["task", "worker", "output", "embedding"]).sample(frac=1, random_state=seed)


def distance(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.abs(one - two).sum())


def test_the_output_closest_to_the_mean_is_chosen() -> None:
    data = pd.DataFrame(
        {
            "task": ["t"] * 3,
            "worker": ["a", "b", "c"],
            "output": ["left", "middle", "right"],
            "embedding": [np.array([0.0, 0.0]), np.array([1.0, 1.0]), np.array([5.0, 0.0])],
        }
    )
    model = ClosestToAverage(distance).fit(data)
    assert model.embeddings_and_outputs_["output"].to_dict() == {"t": "middle"}
    assert model.scores_["score"].tolist() == pytest.approx([2 + 1 / 3, 1 + 2 / 3, 3 + 1 / 3])
    assert model.scores_.columns.tolist() == ["output", "score", "embedding"]


def test_of_equally_close_outputs_the_first_row_is_chosen() -> None:
    data = pd.DataFrame(
        {
            "task": ["t"] * 2,
            "worker": ["a", "b"],
            "output": ["one", "two"],
            "embedding": [np.array([0.0]), np.array([2.0])],
        }
    )
    assert ClosestToAverage(distance).fit_predict(data)["output"].tolist() == ["one"]
    assert ClosestToAverage(distance).fit_predict(data[::-1])["output"].tolist() == ["two"]


def test_given_means_are_used_and_missing_ones_named() -> None:
    data = embedded()
    tasks = sorted(set(data.task))
    means = pd.Series([np.full(6, 9.0)] * len(tasks), index=tasks)
    model = ClosestToAverage(distance).fit(data, aggregated_embeddings=means)
    expected = [distance(vector, np.full(6, 9.0)) for vector in data.embedding]
    assert model.scores_["score"].tolist() == pytest.approx(expected)
    with pytest.raises(AggregationError, match="1 are missing, such as 't00'"):
        ClosestToAverage(distance).fit(data, aggregated_embeddings=means.drop("t00"))


def test_reliabilities_solve_the_equations_of_the_paper() -> None:
    data = embedded()
    model = RASA(n_iter=2000, tol=1e-28).fit(data)
    skills, means = model.skills_, model.aggregated_embeddings_
    for task, answers in data.groupby("task"):
        weights = skills[answers.worker].to_numpy()
        mean = (np.stack(answers.embedding) * weights[:, None]).sum(axis=0) / weights.sum()
        assert means[task] == pytest.approx(mean, abs=1e-6)
    for worker, answers in data.groupby("worker"):
        total = sum(((row.embedding - means[row.task]) ** 2).sum() for row in answers.itertuples())
        assert skills[worker] == pytest.approx(chi2.isf(0.025, len(answers)) / max(total, 1e-5), rel=1e-4)
    assert model.converged_
    assert model.loss_history_[-1] < 1e-28


@pytest.mark.parametrize("estimator", [RASA(), HRRASA()])
def test_noisy_workers_are_trusted_less(estimator) -> None:
    skills = estimator.fit(embedded(n_tasks=200)).skills_
    assert skills.idxmax() in ("w0", "w1")
    assert skills["w7"] < skills["w2"]


@pytest.mark.parametrize("estimator", [RASA(), HRRASA(), ClosestToAverage(distance)])
def test_row_order_changes_nothing(estimator) -> None:
    # Two answers are equally far from their mean: there the first row is chosen.
    data = embedded().groupby("task").filter(lambda answers: len(answers) > 2)
    one = estimator.fit_predict(data)
    two = estimator.fit_predict(data.sample(frac=1, random_state=5))
    assert one["output"].to_dict() == two["output"].to_dict()


@pytest.mark.parametrize("estimator", [RASA(), HRRASA(), ClosestToAverage(distance)])
def test_other_kinds_of_tables_give_the_same_outputs(estimator) -> None:
    data = embedded()
    expected = estimator.fit_predict(data)["output"].tolist()
    lists = data.assign(embedding=[vector.tolist() for vector in data.embedding]).reset_index(drop=True)
    for table in (pl.from_pandas(lists), pa.Table.from_pandas(lists, preserve_index=False)):
        found = estimator.fit_predict(table)
        assert type(found) is type(table)
        assert (
            found["output"].to_list() if isinstance(table, pl.DataFrame) else found["output"].to_pylist()
        ) == expected


@pytest.mark.parametrize("estimator", [RASA(), HRRASA()])
def test_a_true_embedding_takes_the_place_of_the_mean(estimator) -> None:
    data = embedded()
    true = pd.Series([np.arange(6.0), np.ones(6)], index=["t03", "not there"])
    fitted = estimator.fit(data, true)
    assert fitted.aggregated_embeddings_["t03"].tolist() == list(range(6))
    with pytest.raises(AggregationError, match="true_embeddings need one value each"):
        estimator.fit(data, pd.concat([true, true + 1]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda data: data["embedding"].map(lambda vector: vector[: len(vector) - (vector[0] > 0)]),
            "vectors of one length",
        ),
        (lambda data: data["embedding"].map(lambda vector: vector * np.nan), "finite numbers"),
        (lambda data: data["embedding"].map(lambda vector: vector * 1e200), "finite numbers, up to 1e"),
        (lambda data: data["embedding"].map(lambda vector: vector * 1j), "real numbers"),
        (lambda data: data["embedding"].map(lambda vector: vector[:0]), "vectors of one length"),
        (lambda data: ["text"] * len(data), "vectors"),
        (lambda data: [None] * len(data), "vectors"),
    ],
)
def test_bad_embeddings_are_refused(change, message: str) -> None:
    data = embedded()
    with pytest.raises(AggregationError, match=message):
        RASA().fit(data.assign(embedding=change(data)))


def test_a_zero_embedding_is_never_closer_than_another() -> None:
    data = embedded(n_tasks=1)
    data["embedding"] = [np.zeros(6), *data["embedding"].tolist()[1:]]
    model = RASA().fit(data)
    assert np.isinf(model.scores_["score"].iloc[0])
    assert model.embeddings_and_outputs_["output"].iloc[0] != data["output"].iloc[0]


def test_the_local_reliability_is_the_mean_similarity_to_the_others() -> None:
    vectors = [np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0])]
    data = pd.DataFrame({"task": "t", "worker": ["a", "b", "c"], "output": ["x", "x", "y"], "embedding": vectors})
    model = HRRASA(n_iter=1, calculate_ranks=True).fit(data)
    near, far = (0.5 * (1 + np.exp(-2)) + 0.5 * 1) / 2, 0.5 * np.exp(-2)
    local = np.array([near, near, far])
    skills = model.skills_.to_numpy()
    assert model.weights_["weight"].to_numpy() == pytest.approx(skills * local)
    mean = (np.stack(vectors) * local[:, None]).sum(axis=0) / local.sum()
    gaps = ((np.stack(vectors) - mean) ** 2).sum(axis=1)
    assert model.ranks_["rank"].to_numpy() == pytest.approx(skills * np.exp(-gaps / (mean**2).sum()) + local)


def test_ranks_are_numbers_for_every_answer_that_has_company() -> None:
    data = pd.concat([embedded(), pd.DataFrame([("alone", "w0", "only", np.ones(6))], columns=embedded().columns)])
    model = HRRASA(calculate_ranks=True).fit(data)
    assert model.ranks_["rank"].isna().tolist() == (data.task == "alone").tolist()
    assert model.embeddings_and_outputs_.loc["alone", "output"] == "only"
    assert model.aggregated_embeddings_["alone"].tolist() == [1.0] * 6
    assert not hasattr(HRRASA().fit(data), "ranks_")


def test_gleu_compares_words_not_letters() -> None:
    # "the cat sat" and "the cat ran" share the, cat and "the cat" of six sequences each.
    assert glue_similarity("the cat sat", "the cat ran") == pytest.approx(3 / 6)
    assert glue_similarity("the cat sat", "the cat sat") == 1
    assert glue_similarity("the cat sat", [["a", "dog"], ["the", "cat"]]) == pytest.approx(3 / 6)
    assert glue_similarity("", "") == 0


def test_a_similarity_of_ones_own_is_asked_both_ways() -> None:
    asked: set[tuple[str, str]] = set()

    def similarity(one: str, two: str) -> float:
        asked.add((one, two))
        return 1.0 if one < two else 0.0

    data = embedded(n_tasks=3)
    HRRASA(output_similarity=similarity).fit(data)
    assert all((two, one) in asked for one, two in asked)


def test_outputs_that_are_no_texts_need_a_similarity_of_their_own() -> None:
    data = embedded().assign(output=1)
    with pytest.raises(AggregationError, match="give output_similarity"):
        HRRASA().fit(data)
    HRRASA(lambda_emb=1, lambda_out=0).fit(data)


@pytest.mark.parametrize("estimator", [RASA(), HRRASA(), ClosestToAverage(distance)])
def test_an_empty_table_gives_no_outputs(estimator) -> None:
    assert len(clone(estimator).fit_predict(embedded()[:0])) == 0


@pytest.mark.parametrize("estimator", [RASA(), HRRASA(lambda_out=0), ClosestToAverage(distance)])
def test_rounding_does_not_choose_between_outputs_that_are_equally_close(estimator) -> None:
    # Two opposite corners of a box are equally far from its middle; their distances differ in the last digit or not.
    rng = np.random.default_rng(0)
    chosen = []
    for scale in rng.random(50):
        corners = [np.array([1.0, 3.0, 0.1]), np.array([3.0, 1.0, 0.1])]
        data = pd.DataFrame(
            {
                "task": "t",
                "worker": list("ab"),
                "output": ["one", "two"],
                "embedding": [corner * scale for corner in corners],
            }
        )
        chosen += [estimator.fit_predict(data)["output"]["t"], estimator.fit_predict(data[::-1])["output"]["t"]]
    assert chosen == ["one", "two"] * 50


def test_a_list_with_a_hole_in_a_polars_table_is_refused() -> None:
    table = pl.DataFrame({"task": ["t"], "worker": ["w"], "output": ["o"], "embedding": [[1.0, None]]})
    with pytest.raises(AggregationError, match="finite numbers"):
        RASA().fit(table)


@pytest.mark.parametrize("returned", [None, "far", np.ones(2), np.nan])
def test_functions_of_the_caller_need_to_return_numbers(returned: object) -> None:
    with pytest.raises(AggregationError, match="distance needs to return a number"):
        ClosestToAverage(lambda one, two: returned).fit(embedded())
    with pytest.raises(AggregationError, match="output_similarity needs to return a number"):
        HRRASA(output_similarity=lambda one, two: returned).fit(embedded())
