"""The requester's route of the price form: what follows from how its knobs stand."""

from __future__ import annotations

from dataforge.errors import Refused, SpecError
from dataforge.pricing.page_form import worked_out
from dataforge.records import PriceFigures, PriceKnobs
from dataforge.server.shared.routes import Call, Route

__all__ = ["ROUTES"]


async def _work_out(call: Call[PriceKnobs]) -> PriceFigures:
    """The page, what a run is expected to come to, and all pages there are."""
    try:
        return worked_out(call.body)
    except SpecError as error:
        raise Refused(str(error), status=422, code="prices_invalid") from None


ROUTES = (
    Route(
        "POST",
        "/api/prices",
        "requester",
        _work_out,
        "Work out what a page may hold and cost; nothing is kept",
        body=PriceKnobs,
        reply=PriceFigures,
    ),
)
