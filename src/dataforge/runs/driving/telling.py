"""What a run says of itself in words: what to do now, what it asks and costs, to what its answers can be trusted."""

from __future__ import annotations

import dataclasses
from functools import partial

from dataforge.catalogue import say
from dataforge.data.training import worth_telling
from dataforge.models import Spent
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.records import MICRO, Money, Texts
from dataforge.runs.core import outlook_texts, target_texts, texts
from dataforge.runs.core.about import Judging, Whole, about, of_budget
from dataforge.runs.core.notices import notices
from dataforge.runs.core.outlook import Foreseen, forecast, seen_of
from dataforge.runs.core.promise_texts import promised
from dataforge.runs.core.targets import Standing, answers_presumed
from dataforge.runs.core.training_texts import training_notices
from dataforge.runs.driving.crowd import of_crowd
from dataforge.runs.driving.view import RunView

__all__ = [
    "about_models",
    "about_run",
    "all_notices",
    "answers_to_target",
    "models_cost",
    "notices_of_crowd",
    "promise_of",
    "still_foreseen",
]


def all_notices(view: RunView) -> tuple[Texts, ...]:
    """What the requester should know or do now."""
    with view.lock:
        trouble = () if view.trouble is None else (view.trouble,)
        budget = () if view.state.ending is not None else _of_budget(view)
        return (
            *trouble,
            *budget,
            *_of_training(view),
            *_of_target(view),
            *notices(view.state, view.rules),
            *view.quality.notices(),
            *notices_of_crowd(view),
            *view.of_scores,
        )


def notices_of_crowd(view: RunView) -> tuple[Texts, ...]:
    """What answers show of workers who are not what they seem."""
    return of_crowd(view.state, view.quality, view.policy.currency)


def _of_training(view: RunView) -> tuple[Texts, ...]:
    training = view.publication.training
    if training is None:
        return ()
    told = worth_telling(view.task, training, view.policy.languages)
    # A run that was launched long ago has them in its launch as well.
    new = (one for one in told if one not in view.rules.extra)
    return (*new, *training_notices(training, view.state.trainings))


def _of_target(view: RunView) -> tuple[Texts, ...]:
    """That the run has ended below the target of its whole, if it has."""
    standing, ending = view.quality.standing, view.state.ending
    if standing is None or ending is None or view.policy.target is None:
        return ()
    told = target_texts.missed(view.policy.target, standing.reached, ending, view.policy.max_overlap)
    return () if told is None else (told,)


def answers_to_target(view: RunView) -> float | None:
    """About how many answers it takes to reach the target of the whole; None without one."""
    with view.lock:
        if view.policy.target is None:
            return None
        standing, there = view.quality.standing, view.state.responses.accepted_total
        if standing is not None:
            return standing.more
        each = answers_presumed(view.policy.target, _labels(view), view.policy.min_overlap, view.policy.max_overlap)
        return max(each * view.state.numbering.real_total - there, 0.0)


def promise_of(view: RunView) -> Texts | None:
    """What the answers can be trusted to, where that is all that is wanted: else a notice says it."""
    with view.lock:
        reach = [one for one in view.quality.reach() if one.answered]
        if not reach or any(one.beyond for one in reach):
            return None
        return promised(min(reach, key=lambda one: one.most), view.quality.histogram())


def _of_budget(view: RunView) -> tuple[Texts, ...]:
    return of_budget(view.publication, view.policy, view.state.numbering.real_total, partial(_judging, view))


def about_run(view: RunView) -> tuple[Texts, ...]:
    """What the run is with the items that it has by now: how many answers, what a page is, what it costs."""
    with view.lock:
        there = view.state.numbering
        counts = (there.real_total, there.control_total)
        told = about(view.publication, view.policy, *counts, _judging(view), _whole(view))
        return told + _at_launch(view) + about_models(view)


def still_foreseen(view: RunView) -> Foreseen | None:
    """What was foreseen, while not twice as many answers were seen as then: later the run itself says more."""
    old = view.foreseen is None or seen_of(view.state) > 2 * view.foreseen.at
    return None if old else view.foreseen


def _at_launch(view: RunView) -> tuple[Texts, ...]:
    """What was foreseen before the first answer came; later it is told with how the run stands."""
    if view.foreseen is None or view.foreseen.at or seen_of(view.state):
        return ()
    found = forecast(view.state, view.rules, foreseen=view.foreseen)
    told = (
        None
        if found is None
        else outlook_texts.foreseen(found, view.policy.currency, view.policy.commission, view.foreseen.presumed)
    )
    return () if told is None else (told,)


def about_models(view: RunView) -> tuple[Texts, ...]:
    """What control items show of the models whose labels join people's, and what models have cost."""
    with view.lock:
        measured = [one for one in view.quality.voters() if one.control_total]
        people = bool(view.state.control_total)
        votes = (
            texts.model_votes(one.name, one.control_right, one.control_total, one.weight, beside_people=people)
            for one in measured
        )
        costs = (
            say("model_cost", name=one.model, items=one.items, cost=money(one.cost / MICRO, view.policy.currency))
            for one in _asked(view)[0]
        )
        there = len(view.state.numbering)
        labelled = {one.name: one.labelled for one in view.quality.voters()}
        silent = (
            say("model_silent", name=name, silent=there - labelled.get(name, 0), items=there, wrong=wrong)
            for name, wrong in _asked(view)[1]
        )
        return (*votes, *costs, *silent)


def models_cost(view: RunView) -> Money:
    """What models that were asked have cost."""
    return sum(one.cost for one in _asked(view)[0])


def _asked(view: RunView) -> tuple[list[Spent], list[tuple[str, str]]]:
    """What models have cost that were asked for the run, and which failed."""
    check = view.folder.check() if view.description.check else None
    view.spending.read_on([view.folder.path, *([] if check is None else [check.path])])
    return view.spending.spent, view.spending.failed(view.folder.path)


def _whole(view: RunView) -> Whole | None:
    """The target of the whole; None if there is none."""
    if view.policy.target is None:
        return None
    labels = _labels(view)
    shown = min((one.at_best for one in view.quality.reach()), default=1.0)
    return Whole(labels, shown, _standing_foreseen(view), view.state.ending is not None)


def _standing_foreseen(view: RunView) -> Standing | None:
    """The standing to the target with as many answers to come as rehearsals had it, where there were any."""
    standing, seen = view.quality.standing, still_foreseen(view)
    if standing is None or seen is None or view.state.ending is not None:
        return standing
    more = max(seen.answers.expected - view.state.responses.accepted_total, 0.0)
    return dataclasses.replace(standing, more=more)


def _labels(view: RunView) -> int:
    """Among how many labels one answers at least."""
    return max(2, min(slot.type.fewest_options() or 2 for slot in view.task.outputs))


def _judging(view: RunView) -> Judging | None:
    """How the run's answers are judged by others; None if they are not, or not any more."""
    check = view.folder.check()
    if check is None:
        return None
    launched = check.describe()
    return Judging(launched.publication, Policy.from_json(launched.policy))
