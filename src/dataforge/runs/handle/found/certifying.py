"""What a run's certificate says, gathered from what the run knows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from msgspec.structs import replace

from dataforge.aggregation.arrays import Flags, Floats
from dataforge.aggregation.kernels.accuracy import Accuracy, Judged, accuracy_of_whole
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.markdown import render_markdown
from dataforge.records import MICRO, Certificate, Interval, Level, OutputCertificate, Part, Texts, VerifiedItems
from dataforge.runs.core import promise_texts as words
from dataforge.runs.core.columns import Places
from dataforge.runs.core.corrected import Corrections
from dataforge.runs.core.quality import Outcome, Reach, Tries
from dataforge.runs.driving.snapshot import flags, stage
from dataforge.runs.driving.telling import about_models, about_run, notices_of_crowd, promise_of
from dataforge.runs.driving.view import RunView

__all__ = ["certify"]

CLOSE_ENOUGH = 1e-6
LEVELS = (0.99, 0.95, 0.9, 0.8)
# Of fewer answers that are so sure no share is told.
ENOUGH = 20
SHOWN = 0.9
"""A crowd that cannot be trusted to this is named at the top."""


def certify(view: RunView, check: RunView | None, version: str) -> Certificate:
    """What can be said of a run's answers now; `check` is the run in which they are judged, if they are."""
    with view.lock:
        state, quality = view.state, view.quality
        items = state.in_results()
        outcomes, reach = quality.outcomes(items), {one.output: one for one in quality.reach()}
        outputs = () if view.way == "collect" else tuple(_outputs(view, items, outcomes, reach))
        paid, total, judged = _paid(view), _paid(view, with_commission=True), list[Texts]()
        control_items, control_answers, control_right = _control(view)
        if check is not None:
            judged = words.of_judged_control(*_control(check))
            paid, total = paid + _paid(check), total + _paid(check, with_commission=True)
        figures = Certificate(
            run=view.description.name,
            task=view.publication.task.name,
            instruction=view.publication.task.instruction,
            instruction_html={
                language: render_markdown(text) for language, text in view.publication.task.instruction.items()
            },
            at=time.time(),
            launched=view.description.created,
            version=version,
            stage=stage(view),
            items=len(items),
            answered=int(_there(outcomes).sum()),
            flags=dict(Counter(flags(view, items))),
            outputs=outputs,
            control_items=control_items,
            control_answers=control_answers,
            control_right=control_right,
            verified=_verified(state.corrections),
            responses=state.responses.accepted_total,
            workers=len(state.workers),
            paid=paid,
            total=total,
            currency=view.policy.currency,
        )
        known = [line for line in (promise_of(view), *quality.notices(), *notices_of_crowd(view)) if line is not None]
        # How many answers an item gets, and what a page is and pays; what it will cost is for who launches.
        asked = (*about_run(view)[:2], *about_models(view))
        policy = (*asked, *view.policy_in_words())
    return replace(
        figures,
        headline=tuple(_headline(figures)),
        parts=tuple(_parts(figures, judged, known, policy, by_link=_by_link(view))),
    )


# --- figures --------------------------------------------------------------------------------------


def _outputs(
    view: RunView, items: Places, outcomes: Sequence[Outcome], reach: Mapping[str, Reach]
) -> Iterator[OutputCertificate]:
    """What is known of the answers to each output."""
    tries, control = view.quality.tries(), view.state.numbering.control
    for outcome in outcomes:
        name, there = outcome.output, _there([outcome])
        sure = outcome.confidence[there].astype(np.float64)
        tried, known = tries.get(name), None
        if tried is not None and (of_controls := control[tried.item]).any():
            known = Judged(tried.claimed[of_controls], tried.right[of_controls], tried.weight[of_controls])
        verified = _judged(view.state.corrections, name, tried)
        made = Calibration() if tried is None else tried.calibration
        rests = partial(accuracy_of_whole, known=known, verified=verified, calibration=made)
        found = rests(sure)
        yield OutputCertificate(
            output=name,
            title=view.task.output(name).title or {"en": name},
            accuracy=None if found is None else Interval(*found[:5]),
            assumptions=() if found is None else found.assumptions,
            most=reach[name].most if name in reach and found is not None else None,
            levels=tuple(_level(level, sure[sure >= level - CLOSE_ENOUGH], rests) for level in LEVELS),
            unverified=int(np.isnan(sure).sum()),
        )


def _level(level: float, claims: Floats, rests: Callable[[Floats], Accuracy | None]) -> Level:
    """How many answers are so sure, and how many of these are right by all that shows what such claims are worth."""
    right = rests(claims) if len(claims) >= ENOUGH else None
    return Level(level, len(claims), None if right is None else Interval(*right[:5]))


def _there(outcomes: Sequence[Outcome]) -> Flags:
    """Which items have an answer to any of these outputs."""
    found: Flags = np.any([one.there for one in outcomes], axis=0)
    return found


def _judged(corrections: Corrections, output: str, tried: Tries | None) -> Judged | None:
    """What the sample showed of an output, as somebody trusted found it.

    An item of which the run had claimed nothing is `tried`: what would be claimed of it if nobody knew its answer.
    """
    sample = corrections.sample()
    if not sample:
        return None
    found = {item: corrections.verified[item] for item in sample}
    claimed = {item: one.sure.get(output, np.nan) for item, one in found.items()}
    right = {item: output not in one.wrong for item, one in found.items()}
    if tried is not None:
        for item, sure, good in zip(tried.item.tolist(), tried.claimed.tolist(), tried.right.tolist(), strict=True):
            if item in sample and np.isnan(claimed[item]):
                claimed[item], right[item] = sure, good
    return Judged(
        claimed=np.array([claimed[item] for item in sample]),
        right=np.array([right[item] for item in sample]),
        weight=1 / np.array(list(sample.values())),
    )


def _verified(corrections: Corrections) -> VerifiedItems:
    sample, drawn = corrections.sample(), corrections.drawn().keys()
    return VerifiedItems(
        sample=len(sample),
        right=sum(not corrections.verified[item].wrong for item in sample),
        waiting=len(drawn - corrections.verified.keys()),
        picked=len(corrections.answered - drawn),
    )


def _control(view: RunView) -> tuple[int, int, int]:
    """How many control items a run has, how many answers to them there are, and how many of these are right."""
    state = view.state
    there = state.numbering.control_total - len(state.control_reports.withdrawn)
    return there, state.control_total, state.control_correct


def _paid(view: RunView, *, with_commission: bool = False) -> float:
    paid = view.state.paid
    return (paid + (round(paid * view.description.commission) if with_commission else 0)) / MICRO


def _by_link(view: RunView) -> bool:
    """Whether whoever had a link could answer, under any name."""
    asked = view.policy.workers
    return view.description.platform == "embedded" and not (asked is not None and (asked.named or asked.allowed))


# --- in words -------------------------------------------------------------------------------------


def _headline(found: Certificate) -> Iterator[Texts]:
    """The promise in short; what cannot be trusted is said first."""
    for one in found.outputs:
        told = []
        if one.most is not None and one.most < SHOWN:
            told.append(words.beyond(one.most))
        elif one.accuracy is not None and not any(level.items for level in one.levels if level.confidence >= SHOWN):
            told.append(words.none_that_sure(SHOWN))
        told.append(words.nothing_known(found.answered) if one.accuracy is None else words.accuracy(one.accuracy))
        yield from (words.of_output(one.title, line) if len(found.outputs) > 1 else line for line in told)
    if not found.outputs:
        yield words.COLLECTED


def _parts(
    found: Certificate, judged: Sequence[Texts], known: Sequence[Texts], policy: Sequence[Texts], *, by_link: bool
) -> Iterator[Part]:
    for one in found.outputs:
        title = words.TITLES["sure"]
        rows = [*words.levels(one.levels, found.items), words.row("unverified", one.unverified, found.items)]
        rows.append(words.row("unanswered", found.items - found.answered, found.items))
        yield Part(words.of_output(one.title, title) if len(found.outputs) > 1 else title, rows=tuple(rows))
    assumed = dict.fromkeys(name for one in found.outputs for name in one.assumptions)
    rests = [words.of_control(found.control_items, found.control_answers, found.control_right), *judged]
    rests += [*words.of_verified(found.verified), *(words.ASSUMPTIONS[name] for name in assumed)]
    if by_link and found.responses:
        rests.append(words.ACCOUNTS)
    if any(one.accuracy is not None for one in found.outputs):
        rests.append(words.THREE_SHARES)
    yield Part(words.TITLES["rests"], tuple(rests))
    if known:
        yield Part(words.TITLES["know"], tuple(known))
    yield Part(words.TITLES["paid"], (words.of_money(found),))
    yield Part(words.TITLES["asked"], tuple(policy))
