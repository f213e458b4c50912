"""The price form in a notebook: knobs to turn, pictures that move, and the policy that `launch` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from dataforge import cards
from dataforge.arguments import entry
from dataforge.data.reading import gather_items
from dataforge.durations import seconds, written
from dataforge.errors import DataForgeError, SpecError
from dataforge.guessing import fewest_guessed
from dataforge.objects.base import shorten
from dataforge.plots import Plot
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.pricing.page_form import knobs_of, policy_of_knobs, worked_out
from dataforge.pricing.page_options import pages_for
from dataforge.pricing.page_pictures import plot_pages
from dataforge.pricing.page_sizes import UNBOUNDED, PageOption
from dataforge.pricing.timing import timed
from dataforge.records import PriceFigures, PriceKnobs
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import anywidget

__all__ = ["PriceForm", "price_form"]

BUILT = Path(__file__).parents[1] / "server" / "static"
WITHOUT = "to turn its knobs here: pip install 'dataforge-labeling[notebook]'; or in Python: form.turn(preset='strict')"


class PriceForm:
    """A form to choose a price and a page by: a notebook draws it, `turn` turns its knobs, `policy` is what it says.

    It has its state in Python: who restarts the kernel makes it anew, and what is shown till then cannot be turned.
    """

    def __init__(self, knobs: PriceKnobs, duration: float | None = None) -> None:
        # How long an item of the task takes.
        self._duration = duration
        self._figures = worked_out(knobs, duration)
        self._widget: anywidget.AnyWidget | None = None

    @property
    def knobs(self) -> PriceKnobs:
        """How the knobs stand."""
        return self._figures.knobs

    @property
    def figures(self) -> PriceFigures:
        """All that the form shows."""
        return self._figures

    @property
    def policy(self) -> Policy:
        """What `launch` takes."""
        return policy_of_knobs(self.knobs, self._duration)

    def turn(self, **knobs: Any) -> PriceForm:
        """Turn knobs by their names, such as `preset="strict"` or `real=12, control=3`; the same form.

        One that a preset decides (`real`, `control`, `control_ratio`, `overlap`) makes the form `custom`.
        """
        ours = {"real", "control", "control_ratio", "overlap"} & knobs.keys()
        if "duration" in knobs:
            knobs["duration"] = seconds(knobs["duration"])
        self._turn(msgspec.to_builtins(self.knobs) | ({"preset": "custom"} if ours else {}) | knobs)
        if self._widget is not None:
            self._widget.figures = msgspec.to_builtins(self._figures)
        return self

    def plot(self) -> Plot:
        """How robust pages are, what share of them are control items, and how long they take, as pictures."""
        page, knobs = self._figures.page, self.knobs
        chosen = PageOption(page.real, page.control, page.robustness, page.seconds, page.price)
        return plot_pages(pages_for(self.policy, knobs.duration, knobs.options or UNBOUNDED), chosen)

    def _turn(self, knobs: Mapping[str, Any]) -> None:
        """Let the knobs stand so; raises `SpecError`, and then they stand as before."""
        self._figures = worked_out(knobs_of(knobs, "the form"), self._duration)

    def __repr__(self) -> str:
        return f"PriceForm({', '.join(f'{name}: {value}' for name, value in self._told())})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The form, where the notebook can show widgets, else a card."""
        card = {"text/plain": repr(self), "text/html": self._repr_html_()}
        try:
            widget = self._shown()
        except ImportError:
            return card | {"text/html": f"{card['text/html']}{cards.line(WITHOUT)}"}
        found = widget._repr_mimebundle_(**options)
        data, more = found if isinstance(found, tuple) else (found, {})
        return card | (data or {}), more

    def _repr_html_(self) -> str:
        notes = [cards.line(f"⚠ {notice['en']}") for notice in self._figures.notices]
        return cards.card("Price form", self.knobs.preset, cards.table(self._told()), *notes)

    def _told(self) -> list[tuple[str, str]]:
        page, outcome = self._figures.page, self._figures.outcome

        def said(amount: float) -> str:
            return money(amount, self._figures.currency)["en"]

        right = [] if outcome.accuracy is None else [("right answers, expected", f"{outcome.accuracy:.1%}")]
        return [
            ("page", f"{page.real} + {page.control} control items in {written(page.seconds)} for {said(page.price)}"),
            ("a guesser is rejected", f"{page.robustness:.0%}"),
            ("cost", f"about {said(outcome.cost)}, at most {said(outcome.highest)}"),
            ("hours of work", f"{outcome.hours:.1f}"),
            *right,
            ("policy", self._figures.policy),
        ]

    def _shown(self) -> anywidget.AnyWidget:
        """The widget, made when it is first shown; every view of it shows this form."""
        if self._widget is None:
            self._widget = _widget(self._figures, self._answer)
        return self._widget

    def _answer(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the page of a notebook is told, under the number by which it asked."""
        number = content.get("number")
        try:
            self._turn(content.get("knobs") or {})
        except DataForgeError as error:
            return {"number": number, "wrong": str(error)}
        return {"number": number, "figures": msgspec.to_builtins(self._figures)}


def _widget(figures: PriceFigures, answer: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> anywidget.AnyWidget:
    """The form as a widget; raises `ImportError` without anywidget, or where the pages are not built."""
    import anywidget
    import traitlets

    if not (BUILT / "price-form.js").exists():
        raise ImportError("the pages are not built: make pages (needs Node 20 or newer)")

    class Form(anywidget.AnyWidget):
        _esm = (BUILT / "price-form.js").read_text("utf-8")
        _css = (BUILT / "price-form.css").read_text("utf-8")
        figures = traitlets.Dict().tag(sync=True)

        def asked(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
            told = answer(content)
            if "figures" in told:
                self.figures = told["figures"]
            self.send(told)

    found = Form(figures=msgspec.to_builtins(figures))
    found.on_msg(found.asked)
    return found


@entry
def price_form(
    task: Task | None = None,
    items: Any = 1_000,
    *,
    preset: str = "moderate",
    duration: str | float | timedelta | None = None,
    options: int | None = None,
    language: str = "",
    price_per_hour: float | None = None,
) -> PriceForm:
    """A form to choose a price and a page by: in a notebook with knobs to turn; its `policy` is what `launch` takes.

    Args:
        task: whose pages they are; it says how long an item takes and how many answers there are to choose from.
        items: how many are to be asked; or what they are, in any form that a launch takes, with the task: an item
            takes as long as they do, where the task does not say.
        preset: where the knobs stand first: "no-control", "mild", "moderate" or "strict".
        duration: how long one item takes: "9s", or a number of seconds; None: as the task says, ten seconds without.
        options: how many answers an item has to choose from; None: as the task says, two without.
        language: of the workers: prices go by it, and others get no pages. Empty: any.
        price_per_hour: of a worker's work; None: by the language.

    Raises:
        SpecError, DataError: a setting that no launch can have, or items that do not fit the task.
    """
    if not isinstance(items, int):
        if task is None:
            raise SpecError(f"price_form: items are read for a task: name it beside {shorten(items)}")
        task, read = timed(task, gather_items(task, items))
        items = read.real_count
    usual = None if task is None else task.duration
    hint = seconds(duration) if duration is not None else usual or PriceKnobs().duration
    if options is None and task is not None:
        options = fewest_guessed((slot.type for slot in task.outputs), None)
    asked = {
        "preset": preset,
        "duration": hint,
        "options": options,
        "language": language,
        "price_per_hour": price_per_hour,
        "items": items,
    }
    if task is None and options is None:
        del asked["options"]
    return PriceForm(knobs_of(asked, "price_form"), usual)
