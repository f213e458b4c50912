"""Tables of results as files, by the ending of the name: CSV, spreadsheets, JSON, JSON lines, Parquet."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from dataforge.data.tables import is_mixed, json_text
from dataforge.errors import DataError, RunError
from dataforge.files.separated import write_separated
from dataforge.files.spreadsheets import WRITTEN_SPREADSHEET, write_sheet
from dataforge.files.textfiles import local_path

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENDINGS", "json_rows", "write"]

WRITERS = {
    ".csv": "to_csv",
    WRITTEN_SPREADSHEET: "to_excel",
    ".json": "to_json",
    ".jsonl": "to_json",
    ".parquet": "to_parquet",
}
"""By the ending of a file the method of a run that writes it."""
ENDINGS = tuple(WRITERS)


def write(frame: pd.DataFrame, path: str | Path, *endings: str) -> Path:
    """Write a table to a file whose name ends in one of `endings`; the file appears whole or not at all."""
    path = local_path(path, RunError)
    ending = path.suffix.lower()
    if ending not in endings:
        raise RunError(
            f"{str(path)!r}: expected a file that ends in {', '.join(endings)}; {_other_way(ending, endings)}"
        )
    aside = path.with_name(f".{path.name}.part")
    try:
        if ending == ".csv":
            write_separated(_flat(frame), aside)
        elif ending == WRITTEN_SPREADSHEET:
            write_sheet(_flat(frame), aside)
        elif ending == ".parquet":
            _columnar(frame).to_parquet(aside, index=False)
        else:
            _write_json(frame, aside, lines=ending == ".jsonl")
        aside.replace(path)
    except OSError as error:
        lacks = "; make the folder first" if not path.parent.is_dir() else ""
        raise RunError(f"results cannot be written to {str(path)!r}: {error.strerror or error}{lacks}") from error
    except DataError as error:
        raise RunError(f"results cannot be written to {str(path)!r}: {error}") from error
    except (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError) as error:
        raise RunError(
            f"results cannot be written to {str(path)!r}: {error}; drop the column, or write the table yourself"
        ) from error
    finally:
        aside.unlink(missing_ok=True)
    return path


def _other_way(ending: str, endings: Sequence[str]) -> str:
    """What to do where a name ends in a way that is not written here."""
    written = WRITERS.get(ending)
    return f"run.{written} writes those" if written and ending not in endings else "choose another name"


def json_rows(frame: pd.DataFrame) -> Iterator[bytes]:
    """Each row as a JSON object: numbers with all their digits, dates as ISO 8601 writes them, bytes as base64."""
    names = [str(name) for name in frame.columns]
    encode = msgspec.json.Encoder(enc_hook=_jsonable).encode
    columns = [_values(frame.iloc[:, place]) for place in range(len(names))]
    return (encode(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True))


def _write_json(frame: pd.DataFrame, path: Path, *, lines: bool) -> None:
    with path.open("wb") as file:
        if lines:
            file.writelines(row + b"\n" for row in json_rows(frame))
            return
        file.write(b"[")
        file.writelines((b",\n" if number else b"\n") + row for number, row in enumerate(json_rows(frame)))
        file.write(b"\n]\n")


def _jsonable(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _values(series: pd.Series) -> list[Any]:
    """The Python values of a column; absent ones are None."""
    values: list[Any] = series.tolist()
    missing = series.isna()
    if not missing.any():
        return values
    return [None if absent else value for absent, value in zip(missing.tolist(), values, strict=True)]


def _columnar(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with texts in place of the columns that Parquet cannot hold as they are."""
    import pandas as pd

    odd = {name: pd.Series(_texts(frame[name])) for name in frame.columns if not _has_a_type(frame[name])}
    return frame.assign(**odd) if odd else frame


def _has_a_type(series: pd.Series) -> bool:
    if series.dtype == object and is_mixed(series.tolist()):
        return False
    try:
        kind = pa.array(series, from_pandas=True).type
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    # Arrow would give every object the keys of all.
    return "struct<" not in str(kind)


def _flat(frame: pd.DataFrame) -> pa.Table:
    """The table as Arrow holds it, with texts in place of all that is no text, number, truth value or time."""
    frame = _columnar(frame)
    arrays = [_flat_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return pa.Table.from_arrays(arrays, names=[str(name) for name in frame.columns])


def _flat_column(series: pd.Series) -> pa.Array:
    array = pa.array(series, from_pandas=True)
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    plain = pa.types.is_primitive(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if pa.types.is_null(kind) or (plain and not pa.types.is_duration(kind)):
        return array.cast(pa.string()) if pa.types.is_null(kind) else array
    return pa.array(_texts(series), pa.string())


def _texts(series: pd.Series) -> list[str | None]:
    """A column's values as texts: JSON if there are lists or objects among them."""
    values = _values(series)
    structured = any(isinstance(value, dict | list | tuple) or hasattr(value, "tolist") for value in values)
    return [None if value is None else json_text(value) if structured else _text(value) for value in values]


def _text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
