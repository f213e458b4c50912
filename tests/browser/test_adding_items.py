"""Items are added to a run on its page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_requester_pages import Platform, task_of

import dataforge as df
from dataforge.records import TaskSpec

pytestmark = pytest.mark.browser

LATER = 40_000
expect.set_options(timeout=LATER)


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


@pytest.fixture
def run(live_server: Any) -> Iterator[df.Run]:
    """A run of one item that nobody drives."""
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    policy = df.Policy(page=(2, 0), overlap=1)
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    with df.launch(task, [{"id": "first", "text": "A cat"}], policy=policy, name="added", **options) as run:
        yield run
    run.delete(force=True)


def test_pasted_rows_are_shown_then_added_once_and_what_does_not_fit_is_named(
    run: df.Run, new_page: Callable[..., Page], platform: Platform
) -> None:
    page = new_page(base_url=platform.url)
    page.goto(f"/login#{platform.secret}")
    page.wait_for_url("**/runs")
    page.goto("/runs/added/items")
    for told in ("Added: 2; known already: 0.", "Added: 0; known already: 2."):
        page.get_by_role("button", name="Add items…").press("Enter")
        dialog = page.get_by_role("dialog", name="Add items to the run")
        dialog.get_by_label("Or the rows themselves").fill('text,from\nA dog,here\n"An owl, a wren",there\n')
        expect(dialog.get_by_text("Rows read: 2")).to_be_visible()
        expect(dialog.get_by_role("cell", name="An owl, a wren")).to_be_visible()
        page.set_viewport_size({"width": 360, "height": 740})
        assert dialog.evaluate("one => one.scrollWidth <= one.clientWidth"), "nothing is cut on the narrowest phone"
        dialog.get_by_role("button", name="Add", exact=True).press("Enter")
        expect(dialog.get_by_text(told)).to_be_visible()
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Add items…").click()
    dialog = page.get_by_role("dialog", name="Add items to the run")
    dialog.get_by_label("Or the rows themselves").fill('[{"txt": "A hen"}]')
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert").filter(has_text="Nothing was added: items: no column 'text'")).to_be_visible()
    assert run._held.feed.state().fed == 2


@df.task(duration="5s")
def animal(photo: df.Image, caption: df.Text | None) -> bool:
    """Is it an animal?"""
    raise NotImplementedError


def picture(shade: int) -> bytes:
    """A picture of one colour."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="40" '
        f'fill="rgb({shade},90,90)"/></svg>'
    ).encode()


def sheet() -> bytes:
    """A spreadsheet of two rows that name files."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    pytest.importorskip("python_calamine")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate((["photo", "caption"], ["three.svg", "A hen, 3"], ["four.svg", "[an owl]"])):
            page.write_row(number, 0, row)
    return file.getvalue()


def test_files_are_items_by_themselves_or_what_the_rows_of_a_spreadsheet_name(
    live_server: Any, new_page: Callable[..., Page], platform: Platform
) -> None:
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    first = {"id": "first", "photo": "https://example.org/first.png"}
    policy = df.Policy(page=(2, 0), overlap=1)
    with df.launch(animal, [first], policy=policy, name="photos", **options) as run:
        page = new_page(base_url=platform.url)
        page.goto(f"/login#{platform.secret}")
        page.wait_for_url("**/runs")
        page.goto("/runs/photos/items")
        files = [{"name": name, "mimeType": "image/svg+xml", "buffer": picture(shade)} for name, shade in FILES.items()]
        for told in ("Added: 2; known already: 0.", "Added: 0; known already: 2."):
            page.get_by_role("button", name="Add items…").press("Enter")
            dialog = page.get_by_role("dialog", name="Add items to the run")
            dialog.get_by_label("Pictures, sounds or films").set_input_files(files[:2])
            expect(dialog.get_by_role("cell", name="one.svg")).to_be_visible()
            dialog.get_by_role("button", name="Add", exact=True).press("Enter")
            expect(dialog.get_by_text(told)).to_be_visible()
            page.keyboard.press("Escape")
        page.get_by_role("button", name="Add items…").press("Enter")
        dialog = page.get_by_role("dialog", name="Add items to the run")
        rows = {"name": "rows.xlsx", "mimeType": "application/octet-stream", "buffer": sheet()}
        dialog.get_by_label("A file with rows").set_input_files(rows)
        expect(dialog.get_by_role("cell", name="A hen, 3")).to_be_visible()
        dialog.get_by_label("Pictures, sounds or films").set_input_files(files[1:])
        expect(dialog.get_by_text("No row names two.svg: files left out: 1")).to_be_visible()
        dialog.get_by_role("button", name="Add", exact=True).press("Enter")
        expect(dialog.get_by_text("Added: 2; known already: 0.")).to_be_visible()
        assert run._held.feed.state().fed == 4
    stored = [path.read_bytes() for path in live_server.workspace.media.rglob("*.svg")]
    assert sorted(stored) == sorted(file["buffer"] for file in files)
    run.delete(force=True)


def test_a_dialog_opened_right_after_it_was_left_stays_open(
    live_server: Any, new_page: Callable[..., Page], platform: Platform
) -> None:
    """The browser tells of a closed dialog a while later: by then the next one may be open, and would be taken away."""
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    first = {"id": "first", "photo": "https://example.org/first.png"}
    with df.launch(animal, [first], policy=df.Policy(page=(2, 0), overlap=1), name="photos", **options) as run:
        page = new_page(base_url=platform.url)
        page.goto(f"/login#{platform.secret}")
        page.wait_for_url("**/runs")
        page.goto("/runs/photos/items")
        opener = page.get_by_role("button", name="Add items…")
        opener.press("Enter")
        dialog = page.get_by_role("dialog", name="Add items to the run")
        dialog.get_by_label("A file with rows").wait_for()
        opener.evaluate(LEFT_AND_OPENED)
        expect(dialog.get_by_label("A file with rows")).to_be_visible()
        page.evaluate("() => new Promise((then) => requestAnimationFrame(() => setTimeout(then, 100)))")
        expect(dialog.get_by_label("A file with rows")).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(opener).to_be_focused()
    run.delete(force=True)


# Within one task of the browser, so that nothing else of its own comes in between.
LEFT_AND_OPENED = """async (opener) => {
    [...document.querySelectorAll("dialog button")].find((button) => button.textContent === "Cancel").click();
    for (let turn = 0; turn < 10; turn += 1) await null;
    opener.click();
}"""

FILES = {"one.svg": 10, "two.svg": 60, "three.svg": 120, "four.svg": 200}
