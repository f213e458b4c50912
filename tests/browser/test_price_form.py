"""The price form of the requester's pages: by keyboard, in two languages, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import STATIC, LiveServer

import dataforge as df

pytestmark = pytest.mark.browser

WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


def opened(server: LiveServer, page: Page) -> Page:
    """The page of prices, as the requester comes to it."""
    page.goto(f"{server.url}/login")
    page.locator("input[type=password]").fill(server.workspace.secret())
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs")
    page.locator('nav a[href$="/prices"]').click()
    expect(page.locator(".price-form .summary")).not_to_be_empty()
    return page


def test_knobs_are_turned_by_keyboard_and_everything_moves(live_server: LiveServer, browser_page: Page) -> None:
    page = opened(live_server, browser_page)
    summary, dot = page.locator(".summary"), page.locator("circle.chosen").last
    page.get_by_label("Seconds an item takes").fill("9")
    page.get_by_label("Answers to choose from").fill("3")
    page.get_by_label("Workers’ language").select_option("ru")
    expect(page.get_by_label("Price of an hour of work")).to_have_value("0.6")
    place = (dot.get_attribute("cx"), dot.get_attribute("cy"))
    page.get_by_role("radio", name="Moderate").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Strict")).to_be_checked()
    expect(page.locator("code").first).to_contain_text('preset("strict"')
    expect(page.get_by_label("Answers an item, at most")).to_have_value("7")
    assert (dot.get_attribute("cx"), dot.get_attribute("cy")) != place
    # The page of the reference: 14 + 2 items at 9 seconds, all control items right.
    for name, wanted in [("Items on a page", 14), ("Control items on a page", 2), ("Control items to be right", 20)]:
        knob = page.get_by_label(name, exact=True)
        knob.focus()
        page.keyboard.press("Home")
        first = 1 if name == "Items on a page" else 0
        for _ in range(wanted - first):
            page.keyboard.press("ArrowRight")
    expect(summary).to_contain_text("A page: 14 + 2 control items, 2.4 min, $0.024. Guessers rejected: 89%.")
    expect(page.get_by_role("radio", name="Custom")).to_be_checked()
    expect(page.locator("code").last).to_contain_text("--page 14+2")


def test_what_does_not_fit_is_said_at_once_and_the_rest_stays(live_server: LiveServer, browser_page: Page) -> None:
    page = opened(live_server, browser_page)
    before = page.locator(".summary").inner_text()
    page.get_by_label("Items to ask").fill("0")
    expect(page.get_by_role("alert")).to_have_text("Items to ask: a whole number from 1 to 1,000,000,000 is needed.")
    expect(page.locator(".summary")).to_have_text(before)
    page.get_by_label("Seconds an item takes").fill("3600")
    expect(page.locator(".notices")).to_contain_text("it takes 120 minutes, more than 20")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_form_is_readable_and_accessible(
    live_server: LiveServer,
    new_page: Callable[..., Page],
    axe_violations: Callable[[Page], list[str]],
    tmp_path: Path,
    size: dict[str, int],
    language: str,
) -> None:
    locale = {"en": "en-GB", "ru": "ru-RU"}[language]
    page = opened(live_server, new_page(viewport=size, locale=locale, bypass_csp=True))
    expect(page.get_by_role("heading", level=1)).to_have_text({"en": "Prices", "ru": "Цены"}[language])
    expect(page.locator(".summary")).to_contain_text({"en": "Right answers", "ru": "Верных ответов"}[language])
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=tmp_path / f"prices-{size['width']}-{language}-{scheme}.png", full_page=True)


MODEL = """async ({script, style, figures}) => {
  const sheet = document.createElement("style");
  sheet.textContent = style;
  document.head.append(sheet);
  const {default: widget} = await import(URL.createObjectURL(new Blob([script], {type: "text/javascript"})));
  const listeners = {};
  const model = {
    get: () => figures,
    on: (event, listener) => void (listeners[event] = listener),
    off: () => undefined,
    send: (content) => void kernel(content).then((told) => told && listeners["msg:custom"](told)),
  };
  await widget.render({model, el: document.body});
}"""


def test_a_notebook_turns_knobs_through_its_kernel_and_says_when_that_is_gone(new_page: Callable[..., Page]) -> None:
    form = df.price_form(items=500, duration="9s", options=3)
    page, alive = new_page(color_scheme="dark"), True
    page.expose_function("kernel", lambda content: form._answer(content) if alive else None)
    built = {name: (STATIC / f"price-form.{name}").read_text("utf-8") for name in ("js", "css")}
    # A notebook's page, where nothing of the server's is at hand.
    page.goto("about:blank")
    page.clock.install()
    page.evaluate(MODEL, {"script": built["js"], "style": built["css"], "figures": msgspec.to_builtins(form.figures)})
    knob = page.get_by_label("Items on a page", exact=True)
    knob.focus()
    page.keyboard.press("Home")
    expect(page.locator(".summary")).to_contain_text("A page: 1 + ")
    assert form.policy.page is not None
    assert form.policy.page[0] == 1
    assert form.knobs.preset == "custom"
    page.get_by_role("radio", name="Strict").check()
    expect(page.locator("code").first).to_contain_text('preset("strict"')
    assert form.policy.opinions == (2, 7)
    alive = False
    before = page.locator(".summary").inner_text()
    knob.focus()
    page.keyboard.press("End")
    page.clock.run_for(11_000)
    expect(page.get_by_role("alert")).to_contain_text("busy or gone")
    assert page.locator(".summary").inner_text() == before
