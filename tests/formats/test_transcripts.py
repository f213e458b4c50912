"""Transcripts as tables and as pieces with times, and folders of recordings."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.formats.drawn import save, sound

import dataforge as df
from dataforge import registry
from dataforge.formats import Labelled, Labels

READERS: dict[str, Callable[..., Any]] = {"webvtt": df.read_webvtt, "srt": df.read_srt, "textgrid": df.read_textgrid}


@df.task
def transcript(clip: df.Audio) -> df.Text:
    """Write down what is said."""


@pytest.mark.parametrize("form", READERS)
def test_a_transcript_is_as_long_as_its_sound_and_read_as_one_text(form: str, tmp_path: Path) -> None:
    path = sound(tmp_path, "deep/a", 2.0)
    written = registry.load("formats", form)
    (tmp_path / "saved").mkdir()
    rows = [Labelled("0", path, "good\n\nmorning", file=Path(path))]
    written.write(Labels("a run", transcript.outputs[0], transcript.inputs[0], rows), tmp_path / "saved")
    assert READERS[form](transcript, tmp_path / "saved", folder=tmp_path / "deep")["answer"].tolist() == [
        "good morning"
    ]
    with pytest.raises(df.DataError, match="item '0': its sound tells no length here"):
        save(form, transcript, [("https://example.org/a.mp3", "good")], tmp_path / "other")


def written_table(form: str, task: df.Task, rows: list[Labelled], path: Path) -> list[dict[str, str]]:
    registry.load("formats", form).write(Labels("a run", task.outputs[0], task.inputs[0], rows), path)
    found = path if path.is_file() else path / "metadata.csv"
    with found.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if form == "tsv" else ","))


@pytest.mark.parametrize(
    ("reference", "answer", "errors", "of", "rate"),
    [
        ("the cat sat", "the cat  sat", "0", "3", "0.0"),
        ("the cat sat", "a cat sat down", "2", "3", "0.6666666666666666"),
        ("The cat", "the cat", "1", "2", "0.5"),
        ("one", "two three", "2", "1", "2.0"),
        ("", "two words", "2", "0", "2.0"),
        ("", "", "0", "0", "0.0"),
    ],
)
def test_wrong_words_are_counted_as_jiwer_does(
    reference: str, answer: str, errors: str, of: str, rate: str, tmp_path: Path
) -> None:
    rows = [Labelled("0", "a.wav", answer, 0.9, more={"answer_given": reference, "accent": None})]
    [row] = written_table("tsv", transcript, rows, tmp_path / "a.tsv")
    assert row == {
        **{"id": "0", "clip": "a.wav", "answer": answer, "confidence": "0.9"},
        **{"reference": reference, "errors": errors, "words": of, "wer": rate},
    }


def test_a_table_of_transcripts_is_read_as_items(tmp_path: Path) -> None:
    rows = [Labelled("x", sound(tmp_path), 'say\t"no"\nnow', None), Labelled("y", sound(tmp_path, "b"), "=1", 0.5)]
    table = written_table("tsv", transcript, rows, tmp_path / "a.tsv")
    assert [row["answer"] for row in table] == ['say\t"no"\nnow', "=1"]
    items = df.read_items(transcript, tmp_path / "a.tsv", control=True)
    assert (list(items.keys), items.known("answer")) == (["x", "y"], ['say\t"no"\nnow', "=1"])


@df.task
def recording(sentence: df.Text) -> df.Audio:
    """Read the sentence aloud."""


def test_recordings_are_copied_beside_a_table_that_names_them(tmp_path: Path) -> None:
    path = Path(sound(tmp_path))
    answer = {"media": f"{'a' * 64}.wav", "seconds": 2.0}
    rows = [
        Labelled("a/b?", "Good morning", answer, None, "ann", path),
        Labelled("a/b?", "Good morning", answer, None, "bob", path, {"accent": "north"}),
    ]
    (tmp_path / "out").mkdir()
    assert written_table("folder", recording, rows, tmp_path / "out") == [
        {
            "file_name": name,
            "id": "a/b?",
            "sentence": "Good morning",
            "seconds": "2.0",
            "worker": worker,
            "accent": accent,
        }
        for name, worker, accent in (("a_b_.wav", "ann", ""), ("a_b_-2.wav", "bob", "north"))
    ]
    assert (tmp_path / "out/a_b_-2.wav").read_bytes() == path.read_bytes()
    with pytest.raises(df.DataError, match=f"item 'c': its file {'a' * 64}.wav is not in this workspace"):
        written_table("folder", recording, [Labelled("c", "Hi", answer)], tmp_path / "out")
