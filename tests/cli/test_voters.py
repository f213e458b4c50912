"""The option that says which columns have labels of models."""

import pytest

from dataforge.cli._voters import voters_of
from dataforge.errors import SpecError


def test_each_model_is_named_with_its_column() -> None:
    assert voters_of(["cnn=cnn_label", "lm=said=so"]) == {"cnn": "cnn_label", "lm": "said=so"}
    assert voters_of(None) is None
    with pytest.raises(SpecError, match=r"--voter: expected MODEL=COLUMN, .* got 'model.csv'"):
        voters_of(["model.csv"])
