"""Tables in files: read and written by the ending of a file's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.aggregation.tables.called import called_otherwise
from dataforge.errors import AggregationError, DataError, MissingColumn
from dataforge.files.separated import read_separated, write_separated
from dataforge.files.spreadsheets import SPREADSHEETS, WRITTEN_SPREADSHEET, read_sheet, write_sheet
from dataforge.files.textfiles import ending_of, read_text, refuse_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_target", "columns_from", "read_table", "renamed_columns", "write_table"]

# What other programs write into a CSV file where they have nothing; pandas and Arrow leave the place empty.
MISSING = ["", "NaN", "nan"]
WRITTEN = (".csv", WRITTEN_SPREADSHEET, ".jsonl", ".ndjson", ".parquet")


def read_table(path: Path, encoding: str | None = None) -> pa.Table:
    """An Arrow table from a CSV, TSV, JSON Lines or Parquet file, by the ending of its name; CSV columns are text.

    Files of text may be packed by gzip; `encoding` is theirs where it is not UTF-8.
    """
    import pyarrow as pa
    from pyarrow import json, parquet

    if not path.exists():
        raise AggregationError(f"there is no file {path}")
    ending = ending_of(path)
    try:
        if ending in (".csv", ".tsv"):
            return read_separated(path, text=pa.string(), missing=MISSING, encoding=encoding).table
        if ending in (".jsonl", ".ndjson"):
            return json.read_json(pa.BufferReader(read_text(path, encoding).data))
        if ending in SPREADSHEETS:
            return pa.table({name: _of_one_type(cells) for name, cells in read_sheet(path).columns.items()})
        if ending == ".parquet":
            refuse_text(path, "a Parquet file")
            return parquet.read_table(path)
    except DataError as error:
        raise AggregationError(str(error)) from error
    except (pa.ArrowInvalid, OSError) as error:
        raise AggregationError(f"{path} cannot be read: {error}") from error
    raise AggregationError(f"{path}: a name that ends in .csv, .tsv, .jsonl, .xlsx or .parquet is needed")


def _of_one_type(cells: Sequence[Any]) -> Sequence[Any]:
    """The cells of a sheet's column as they are if they are of one type, else as texts: ids `7` and `7a`."""
    if len({type(cell) for cell in cells if cell is not None}) < 2:
        return cells
    return [None if cell is None else str(cell) for cell in cells]


def write_table(table: pa.Table, path: Path) -> None:
    """The table as a CSV, JSON Lines or Parquet file or a spreadsheet, by the ending of its name."""
    import pyarrow as pa
    from pyarrow import parquet

    check_target(path)
    ending = path.suffix.lower()
    if ending in (".csv", WRITTEN_SPREADSHEET):
        nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
        if nested:
            raise AggregationError(
                f"{path}: a {ending} file cannot hold the lists of {nested[0]!r}; write .jsonl or .parquet"
            )
        _write_flat(table, path)
    elif ending == ".parquet":
        parquet.write_table(table, path)
    else:
        import json

        # JSON has neither a word for a number that is none nor one for a date.
        rows = _without_nan(table).to_pylist()
        lines = (json.dumps(row, ensure_ascii=False, default=str) for row in rows)
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _write_flat(table: pa.Table, path: Path) -> None:
    write = write_sheet if path.suffix.lower() == WRITTEN_SPREADSHEET else write_separated
    try:
        write(table, path)
    except DataError as error:
        raise AggregationError(f"{path}: {error}") from error


def columns_from(table: pa.Table, names: tuple[str, ...], path: Path, *, drop_unlabelled: bool) -> pa.Table:
    """These columns of a table that was read from a file, each row with all its ids, NaN as null."""
    given, table = table, _with_known_names(table, names)
    twice = [name for name in names if table.column_names.count(name) > 1]
    if twice:
        raise AggregationError(f"{path}: two columns are named {twice[0]!r}; rename or drop one of them")
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise MissingColumn(
            f"{path} needs the columns {', '.join(names)}: {', '.join(missing)} not found among "
            f"{', '.join(given.column_names)}; {_what_to_do(given, missing)}"
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


def _what_to_do(table: pa.Table, missing: Sequence[str]) -> str:
    """What helps where columns are missing: another method, if those are there that comparisons have."""
    if not {"left", "right"} & set(missing) and {"left", "right"} <= set(
        _with_known_names(table, ("left", "right")).column_names
    ):
        return "these are comparisons, which other methods take: --method bradley-terry"
    return f"rename them, or say which they are: {' '.join(f'--column {name}=...' for name in missing)}"


def renamed_columns(table: pa.Table, columns: Mapping[str, str], path: Path) -> pa.Table:
    """The table whose columns have these names: ours, and by what name each is in the file."""
    absent = [theirs for theirs in columns.values() if theirs not in table.column_names]
    if absent:
        raise MissingColumn(f"{path} has no column {absent[0]!r}; it has {', '.join(table.column_names)}")
    ours = {theirs: name for name, theirs in columns.items()}
    kept = [place for place, name in enumerate(table.column_names) if name in ours or name not in columns]
    return table.select(kept).rename_columns([ours.get(name := table.column_names[place], name) for place in kept])


def _with_known_names(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """The table with our names for columns that have others of the field's, or capitals: one column for each name."""
    theirs = called_otherwise(table.column_names, names)
    return table.rename_columns([theirs.get(name, name) for name in table.column_names])


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
        raise AggregationError(f"{path}: a name that ends in .csv, .xlsx, .jsonl or .parquet is needed")
    if not path.parent.is_dir():
        raise AggregationError(f"{path}: there is no folder {path.parent}")
    for source in sources:
        if path.exists() and source.exists() and path.samefile(source):
            raise AggregationError(
                f"{path} is the file that is read, {source}: the result would replace it; write to another file"
            )
