from xml.etree import ElementTree

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.errors import AggregationError
from dataforge.metrics import expected_calibration_error, reliability


def example() -> tuple[pd.DataFrame, dict[str, str]]:
    shares = [0.95, 0.92, 0.65, 0.62, 0.68]
    probabilities = pd.DataFrame({"no": [1 - share for share in shares], "yes": shares}, index=list("abcde"))
    return probabilities, {"a": "yes", "b": "no", "c": "yes", "d": "yes", "e": "no"}


def test_the_error_is_the_mean_gap_of_the_bins() -> None:
    # Above 0.9: confidence 0.935, one of two right; between 0.6 and 0.7: confidence 0.65, two of three right.
    expected = (2 * abs(0.935 - 0.5) + 3 * abs(0.65 - 2 / 3)) / 5
    assert expected_calibration_error(*example()) == pytest.approx(expected)
    found = reliability(*example())
    assert found.count.tolist() == [3, 2]
    assert found.largest_error == pytest.approx(0.435)


def test_honest_probabilities_have_a_small_error_and_overconfident_ones_a_large_one() -> None:
    rng = np.random.default_rng(0)
    share = rng.uniform(0.5, 1, 20_000)
    truth = pd.Series(np.where(rng.random(20_000) < share, "yes", "no"))
    honest = pd.DataFrame({"no": 1 - share, "yes": share})
    bold = pd.DataFrame({"no": (1 - share) / 5, "yes": 1 - (1 - share) / 5})
    assert expected_calibration_error(honest, truth) < 0.02
    assert expected_calibration_error(bold, truth) > 0.15
    assert expected_calibration_error(honest, truth, strategy="quantile") < 0.02


def test_quantile_bins_hold_as_many_tasks_each() -> None:
    rng = np.random.default_rng(0)
    share = rng.uniform(0.5, 1, 1000)
    truth = pd.Series(["yes"] * 1000)
    found = reliability(pd.DataFrame({"no": 1 - share, "yes": share}), truth, n_bins=5, strategy="quantile")
    assert found.count.tolist() == [200] * 5


def test_tasks_without_a_true_label_are_left_out() -> None:
    probabilities, _ = example()
    assert reliability(probabilities, {"a": "yes"}).count.sum() == 1
    with pytest.raises(AggregationError, match="none of the tasks"):
        reliability(probabilities, {"elsewhere": "yes"})


def test_polars_gives_the_same() -> None:
    probabilities, truth = example()
    table = pl.from_pandas(probabilities.rename_axis("task").reset_index())
    assert expected_calibration_error(table, truth) == pytest.approx(expected_calibration_error(*example()))


def test_numbers_that_are_no_probabilities_are_refused() -> None:
    probabilities, truth = example()
    with pytest.raises(AggregationError, match="between 0 and 1"):
        reliability(probabilities * 3, truth)


def test_the_plot_is_a_picture_with_a_description(tmp_path) -> None:
    found = reliability(*example())
    found.save(tmp_path / "plot.svg", title="a <b>")
    with pytest.raises(AggregationError, match=r"a name that ends in \.svg is needed, got 'plot\.png'"):
        found.save("plot.png")
    picture = ElementTree.fromstring((tmp_path / "plot.svg").read_text())
    assert picture.attrib["role"] == "img"
    assert "a <b>" in "".join(picture.itertext())
