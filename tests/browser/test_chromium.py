"""A browser that has died takes the tests of one page along, and not all that come after."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error
from tests.browser.conftest import Chromium, new_context

pytestmark = pytest.mark.browser


def test_one_that_has_died_is_begun_again_for_the_next_page(chromium: Chromium) -> None:
    page = new_context(chromium).new_page()
    session = chromium.browser.new_browser_cdp_session()
    with pytest.raises(Error):
        session.send("Browser.crash")
    with pytest.raises(Error):
        page.goto("about:blank")
    with pytest.warns(UserWarning, match="has died"):
        context = new_context(chromium)
    context.new_page().goto("about:blank")
    context.close()
