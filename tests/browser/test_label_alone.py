"""`dataforge label`: one person labels alone, by keys, and takes answers back that were sent."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser

TEXTS = ["good film", "bad film", "so so", "a fine thing"]


@contextmanager
def labelling(folder: Path, *more: str) -> Iterator[str]:
    """The command at work in a folder; gives the address that it prints."""
    (folder / "reviews.txt").write_text("\n".join(TEXTS))
    command = [sys.executable, "-m", "dataforge", "label", "reviews.txt", "--labels", "good,bad", "--no-browser", *more]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "300"}
    # Where tests run in the background Ctrl-C is ignored, and whatever they start would ignore it, too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment)
    signal.signal(signal.SIGINT, before)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0]
        process.send_signal(signal.SIGINT)
        process.wait(timeout=120)
    finally:
        process.kill()
        stop = [sys.executable, "-m", "dataforge", "stop", "--workspace", str(folder / ".dataforge")]
        subprocess.run(stop, env=environment, check=True, capture_output=True)


def answers_in(file: Path, wanted: dict[str, str]) -> dict[str, str]:
    """By text the answers in the file, as soon as they are those that are wanted, or after a while."""
    found: dict[str, str] = {}
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        if file.exists():
            table = pd.read_csv(file)
            found = dict(zip(table["text"], table["answer"], strict=True))
            found = {text: answer for text, answer in found.items() if isinstance(answer, str)}
        if found == wanted:
            break
        time.sleep(0.1)
    return found


def shown(page: Page) -> str:
    return page.locator("article .text").inner_text()


def press(page: Page, key: str) -> str:
    """Answer the text on the screen by a key; give it, once another is there."""
    text = shown(page)
    page.keyboard.press(key)
    expect(page.locator("article .text")).not_to_have_text(text)
    return text


def test_a_key_is_an_answer_in_the_file_and_one_that_was_sent_is_taken_back(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    with labelling(tmp_path, "--out", "out.csv") as link:
        page = new_page()
        page.goto(link)
        page.get_by_role("button", name="Got it").click()
        expect(page.get_by_text("$")).to_have_count(0)
        first, second = press(page, "1"), press(page, "1")
        assert answers_in(tmp_path / "out.csv", {first: "good", second: "good"}) == {first: "good", second: "good"}
        third = shown(page)
        page.keyboard.press("Control+z")
        expect(page.locator("article .text")).to_have_text(second)
        page.keyboard.press("Control+z")
        expect(page.locator("article .text")).to_have_text(first)
        # What is mended leads back to where it was left.
        assert press(page, "2") == first
        expect(page.locator("article .text")).to_have_text(second)
        page.get_by_role("button", name="Leave it").click()
        expect(page.locator("article .text")).to_have_text(third)
        press(page, "1")
        last = shown(page)
        page.keyboard.press("2")
        expect(page.get_by_text("You have done everything here")).to_be_visible()
        wanted = {first: "bad", second: "good", third: "good", last: "bad"}
        assert answers_in(tmp_path / "out.csv", wanted) == wanted
        # The last one, too.
        page.get_by_role("button", name="Take the last answer back").click()
        expect(page.locator("article .text")).to_have_text(last)
        page.keyboard.press("1")
        assert answers_in(tmp_path / "out.csv", wanted | {last: "good"}) == wanted | {last: "good"}


def test_the_same_command_goes_on_where_it_was_left(new_page: Callable[..., Page], tmp_path: Path) -> None:
    with labelling(tmp_path) as link:
        page = new_page()
        page.goto(link)
        page.get_by_role("button", name="Got it").click()
        first = press(page, "1")
        answers_in(tmp_path / "label-reviews.csv", {first: "good"})
    with labelling(tmp_path) as link:
        page = new_page()
        page.goto(link)
        page.get_by_role("button", name="Got it").click()
        assert shown(page) != first
        assert answers_in(tmp_path / "label-reviews.csv", {first: "good"}) == {first: "good"}
