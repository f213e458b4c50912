"""`dataforge payouts`: what workers are owed, as a table or a file, and that it was paid."""

from __future__ import annotations

import csv
import io
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from dataforge.cli._shared import JsonOption, Requester, WorkspaceOption, needed_server, print_json
from dataforge.errors import DataError, RunError
from dataforge.files.textfiles import read_text, refuse_other_encodings
from dataforge.pricing.amounts import in_full

__all__ = ["command"]

COLUMNS = ("list", "worker", "currency", "amount")
MOST = 10_000
AT_ONCE = 500


def command(
    out: Annotated[Path | None, typer.Option(help="Write what may be paid as CSV, a line for each worker.")] = None,
    paid: Annotated[
        Path | None, typer.Option(help="Such a file, of which you paid every line: note that. Twice changes nothing.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what workers are owed, write it as CSV, or note that it was paid.

    Take lines that you do not pay out of the file, or lower their amounts, before you give it to --paid.

    Examples:

        dataforge payouts
        dataforge payouts --out june.csv
        dataforge payouts --paid june.csv
    """
    if out is not None and paid is not None:
        raise RunError("--out, --paid: give one of them only")
    server = needed_server(workspace)
    if paid is not None:
        _note(server, paid, as_json=as_json)
    elif out is not None:
        text = server.get_text("/api/payouts.csv")
        _write(out, text)
        lines = text.count("\n") - 1
        print_json({"file": str(out), "lines": lines}) if as_json else print(f"{lines} lines are in {str(out)!r}")
    else:
        _tell(_all_due(server), as_json=as_json)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, "utf-8", newline="")
    except OSError as error:
        raise RunError(f"--out: {str(out)!r} cannot be written: {error.strerror}; choose another place") from None


def _all_due(server: Requester) -> dict[str, Any]:
    found: dict[str, Any] = server.get(f"/api/payouts?limit={AT_ONCE}")
    while len(found["workers"]) < found["count"]:
        more = server.get(f"/api/payouts?limit={AT_ONCE}&offset={len(found['workers'])}")["workers"]
        if not more:
            break
        found["workers"] += more
    return found


def _tell(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    if not found["workers"]:
        print("nobody is owed anything")
        return
    for one in found["workers"]:
        waits = f", {in_full(one['pending'], one['currency'])['en']} waits for a verdict" if one["pending"] else ""
        owed = in_full(one["due"], one["currency"])["en"]
        debt = " (a debt, set against what they earn next)" if one["due"] < 0 else ""
        print(f"{one['worker']}  {one['name'] or 'no name'}  {owed}{debt}{waits}")
    sums = (in_full(amount, currency)["en"] for currency, amount in found["sums"].items())
    print("to pay:", ", ".join(sums) or "nothing")


def _note(server: Requester, file: Path, *, as_json: bool) -> None:
    """Note that what the file says was paid; all of it or nothing."""
    key, payments = _read(file)
    done = server.post("/api/payouts", {"key": key, "payments": payments})
    if as_json:
        print_json(done)
    else:
        before = f"; {done['repeated']} had been noted before" if done["repeated"] else ""
        print(f"{done['noted']} payments are noted{before}")


def _read(file: Path) -> tuple[str, list[dict[str, Any]]]:
    """The key of a list, and its payments."""
    try:
        text = read_text(file)
    except OSError as error:
        raise RunError(f"--paid: {str(file)!r} cannot be read: {error.strerror}; check the path") from None
    refuse_other_encodings(text.name, text.data)
    content = text.data.decode("utf-8-sig")
    separator = ";" if ";" in content.split("\n", 1)[0] else ","
    rows = list(csv.DictReader(io.StringIO(content), delimiter=separator))
    if not rows or any(name not in rows[0] for name in COLUMNS):
        raise DataError(
            f"{str(file)!r}: expected the columns {', '.join(COLUMNS)}, as `dataforge payouts --out` writes"
        )
    keys = {row["list"] for row in rows}
    if len(keys) > 1:
        raise DataError(f"{str(file)!r}: expected the lines of one list, got lines of {len(keys)}; pay them one by one")
    payments = [
        {"worker": row["worker"], "currency": row["currency"], "amount": _millionths(file, number, row["amount"])}
        for number, row in enumerate(rows, start=2)
    ]
    if len(payments) > MOST:
        raise DataError(f"{str(file)!r}: expected {MOST:,} lines at most, got {len(payments):,}; part the file")
    return keys.pop(), payments


def _millionths(file: Path, line: int, text: str) -> int:
    """An amount in whole millionths, exactly."""
    try:
        amount = Decimal(text.strip().replace(",", ".")) * 1_000_000
    except (InvalidOperation, AttributeError):
        raise DataError(f"{str(file)!r}, line {line}: expected an amount, got {text!r}") from None
    if not amount.is_finite() or amount != int(amount) or amount <= 0:
        raise DataError(f"{str(file)!r}, line {line}: expected an amount above 0 with up to six digits, got {text!r}")
    return int(amount)
