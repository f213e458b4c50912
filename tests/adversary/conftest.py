"""How long people try."""

import pytest


@pytest.fixture(scope="session")
def pages(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--adversary-pages"))
