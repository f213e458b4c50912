"""One way to write money: what people read bears the currency as the pages do, in the reader's language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataforge.pricing.amounts import in_full, money

SOURCE = Path(__file__).parents[1] / "src" / "dataforge"


@pytest.mark.parametrize(
    ("amount", "english", "russian", "turkish"),
    [
        (0.0, "$0.00", "0,00\N{NO-BREAK SPACE}$", "$0,00"),
        (0.0008, "$0.0008", "0,0008\N{NO-BREAK SPACE}$", "$0,0008"),
        (0.8, "$0.80", "0,80\N{NO-BREAK SPACE}$", "$0,80"),
        (0.0421, "$0.042", "0,042\N{NO-BREAK SPACE}$", "$0,042"),
        (1234.567, "$1,234.57", "1\N{NO-BREAK SPACE}234,57\N{NO-BREAK SPACE}$", "$1.234,57"),
        (-2.0, "-$2.00", "-2,00\N{NO-BREAK SPACE}$", "-$2,00"),
    ],
)
def test_an_amount_has_the_digits_that_tell_something(amount: float, english: str, russian: str, turkish: str) -> None:
    said = money(amount, "USD")
    assert (said["en"], said["ru"], said["tr"]) == (english, russian, turkish)


def test_a_sum_of_the_ledger_is_told_to_its_last_digit() -> None:
    assert in_full(-1_500_001, "USD")["en"] == "-$1.500001"
    assert in_full(3_000_000, "EUR")["es"] == "3,00\N{NO-BREAK SPACE}€"


def test_a_currency_without_a_sign_stands_behind_the_amount() -> None:
    assert money(2.5, "points")["en"] == "2.50 points"


def test_nothing_that_is_read_puts_a_bare_code_of_a_currency_behind_an_amount() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in SOURCE.rglob("*.py")
        if "currency" in (text := path.read_text("utf-8"))
        for line in bare_codes(ast.parse(text))
    ]
    assert found == []


def bare_codes(tree: ast.Module) -> Iterator[int]:
    """Lines of texts with an amount, a blank and something that is called a currency."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        for amount, blank, currency in zip(node.values, node.values[1:], node.values[2:], strict=False):
            between = isinstance(blank, ast.Constant) and str(blank.value).strip() == ""
            code = re.fullmatch(r"""\{.*\bcurrency['"]?\]?\}""", ast.unparse(ast.JoinedStr([currency]))[2:-1])
            if isinstance(amount, ast.FormattedValue) and between and code:
                yield node.lineno
