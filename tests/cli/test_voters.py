"""The option that says which columns have labels of models."""

from pathlib import Path

import pytest

from dataforge.cli._models import models_named
from dataforge.cli._voters import voters_among, voters_of
from dataforge.errors import SpecError


def test_each_model_is_named_with_its_column() -> None:
    assert voters_of(["cnn=cnn_label", "lm=said=so"]) == {"cnn": "cnn_label", "lm": "said=so"}
    assert voters_of(None) is None
    with pytest.raises(SpecError, match=r"--voter: expected MODEL=COLUMN, .* got 'model.csv'"):
        voters_of(["model.csv"])


def test_models_of_a_file_and_services_are_named(tmp_path: Path) -> None:
    file = tmp_path / "models.py"
    file.write_text(
        "import dataforge as df\n\n"
        "cnn = df.Model('small cnn', lambda items: ['cat'] * len(items), price=0.01)\n"
        "gpt = df.Model('gpt', df.Chat('http://localhost:1/v1', 'gpt'))\n"
    )
    one, other, third = models_named([f"{file}:cnn", f"{file}:gpt", "there=http://localhost:2/ask"])
    assert [one.name, other.name, third.name] == ["small cnn", "gpt", "there"]
    assert voters_among(None, [one]) == [one]
    for given, told in {
        str(file): "several models in this file; choose one: ",
        f"{file}:dog": "no model is named 'dog' here; known: cnn, gpt",
        "gpt-4": r"--model: expected FILE.py:NAME, or NAME=http://…, got 'gpt-4'",
    }.items():
        with pytest.raises(SpecError, match=told):
            models_named([given])
    with pytest.raises(SpecError, match="do not go together"):
        voters_among({"cnn": "cnn_label"}, [one])
