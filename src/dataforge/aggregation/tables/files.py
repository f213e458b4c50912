"""Tables in files: read and written by the ending of a file's name."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dataforge.errors import AggregationError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_target", "columns_from", "read_table", "write_table"]

# What other programs write into a CSV file where they have nothing; pandas and Arrow leave the place empty.
MISSING = ["", "NaN", "nan"]
WRITTEN = (".csv", ".jsonl", ".ndjson", ".parquet")


def read_table(path: Path) -> pa.Table:
    """An Arrow table from a CSV, TSV, JSON Lines or Parquet file, by the ending of its name; CSV columns are text."""
    import pyarrow as pa
    from pyarrow import json, parquet

    if not path.exists():
        raise AggregationError(f"there is no file {path}")
    ending = path.suffix.lower()
    try:
        if ending in (".csv", ".tsv"):
            return _read_csv(path, ending)
        if ending in (".jsonl", ".ndjson"):
            return json.read_json(path)
        if ending == ".parquet":
            return parquet.read_table(path)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        odd = None if ending == ".parquet" else _not_utf8(path)
        raise AggregationError(f"{path} cannot be read: {odd or error}") from error
    raise AggregationError(f"{path}: a name that ends in .csv, .tsv, .jsonl or .parquet is needed")


def _read_csv(path: Path, ending: str) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    with path.open("rb") as file:
        first = file.readline().decode("utf-8-sig").rstrip("\r\n")
    # Spreadsheets of many countries write semicolons; the first separator wins where none splits the header.
    splits = [(_split(first, separator), separator) for separator in (",;\t" if ending == ".csv" else "\t,;")]
    names, separator = max(splits, key=lambda split: len(split[0]))
    convert = csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=MISSING
    )
    return csv.read_csv(path, parse_options=csv.ParseOptions(delimiter=separator), convert_options=convert)


def _not_utf8(path: Path) -> str | None:
    """What in the file is no UTF-8, and what to do about it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number == 1 and line[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "it is UTF-16; save it as UTF-8"
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return f"line {number} holds the byte 0x{line[error.start]:02x}, which is no UTF-8; save it as UTF-8"
    return None


def write_table(table: pa.Table, path: Path) -> None:
    """The table as a CSV, JSON Lines or Parquet file, by the ending of its name."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    check_target(path)
    ending = path.suffix.lower()
    if ending == ".csv":
        nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
        if nested:
            raise AggregationError(
                f"{path}: a CSV file cannot hold the lists of {nested[0]!r}; write .jsonl or .parquet"
            )
        csv.write_csv(table, path)
    elif ending == ".parquet":
        parquet.write_table(table, path)
    else:
        import json

        lines = (json.dumps(row, ensure_ascii=False) for row in table.to_pylist())
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _split(line: str, separator: str) -> list[str]:
    import csv as text

    return next(iter(text.reader([line], delimiter=separator)), [])


def columns_from(table: pa.Table, names: tuple[str, ...], path: Path, *, drop_unlabelled: bool) -> pa.Table:
    """These columns of a table that was read from a file, each row with all its ids, NaN as null."""
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise AggregationError(
            f"{path} needs the columns {', '.join(names)}: {', '.join(missing)} not found among "
            f"{', '.join(table.column_names)}"
        )
    table = _without_nan(table.select(list(names)))
    for name in names:
        if name != names[-1] and table[name].null_count:
            row = table[name].is_null().index(True).as_py()
            raise AggregationError(
                f"{path}: column {name!r} needs a value in every row; row {row + 1} has none "
                f"({table[name].null_count} in all)"
            )
    # A label that is missing is no answer, and no known answer; of a comparison it is a tie.
    return table.filter(table[names[-1]].is_valid()) if drop_unlabelled else table


def _without_nan(table: pa.Table) -> pa.Table:
    """The table with nulls in place of NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table[field.name]
            nan = pc.is_nan(column)
            table = table.set_column(place, field, pc.if_else(nan, pa.scalar(None, field.type), column))
    return table


def check_target(path: Path, sources: Sequence[Path] = ()) -> None:
    """Raise unless a table can be written there; none of the sources may be that file, under whatever name."""
    if path.suffix.lower() not in WRITTEN:
        raise AggregationError(f"{path}: a name that ends in .csv, .jsonl or .parquet is needed")
    if not path.parent.is_dir():
        raise AggregationError(f"{path}: there is no folder {path.parent}")
    for source in sources:
        if path.exists() and source.exists() and path.samefile(source):
            raise AggregationError(
                f"{path} is the file that is read, {source}: the result would replace it; write to another file"
            )
