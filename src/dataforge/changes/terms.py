"""What a run asks, changed while it goes on: which settings may change and why others may not, and what differs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from dataforge.changes.setting_texts import in_words
from dataforge.data.training import SCORE, in_short, share_for_score
from dataforge.durations import written
from dataforge.endings import Ending
from dataforge.errors import ArgumentError, RunEnded, RunError, SpecError
from dataforge.feed import Feed
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.pricing.price import lease_of
from dataforge.records import MICRO, Money, Publication, TaskSpec, Terms, Texts, Training
from dataforge.tasks.task import Task
from dataforge.tasks.wording import meaning_of

__all__ = [
    "Asked",
    "ChangeError",
    "Difference",
    "Standing",
    "budget_for_workers",
    "change",
    "changeable",
    "differing",
    "launched_terms",
    "publications_of",
    "terms_of",
    "within",
]

CENT = MICRO // 100

_PAGES = "pages are made up as the launch made them"
_PAY = "who works was promised pay by it"
FIXED = {
    "quality": "the answers there are were asked and judged that way",
    "voters": "answers that are final rest on them",
    "aggregation": "answers that are final rest on it; run.responses() can be aggregated by another method",
    "control_ratio": _PAY,
    "control_similarity": _PAY,
    "check": "answers were judged by it; how judging goes on is changed by run.check.change(…)",
    "check_sample": _PAY,
    "check_drafts": "what is shown to workers rests on it",
    "groups_apart": "who judged so far did so by it",
    "finalize_at": "answers that are final rest on it",
    "speed": _PAY,
    "control_share": _PAGES,
    "robustness": _PAGES,
    "page": _PAGES,
    "price_per_hour": _PAY,
    "page_price": _PAY,
    "wage_floor": _PAY,
    "bonuses": _PAY,
    "commission": "what was paid so far was reckoned with it",
    "currency": "what was paid so far is in it",
}
"""Settings of a policy that stay as they were launched, and why."""

TEXTS = ("name", "instruction", "description", "titles", "options")
"""What is a task's, and no setting of a policy."""

Reason = Literal["invalid", "fixed", "another_question", "below_promised", "over_already"]

ANOTHER_RUN = "launch another run"


class ChangeError(SpecError):
    """A change that is refused: of which setting, for what reason, and what whoever tells it otherwise must know."""

    def __init__(self, message: str, setting: str, reason: Reason, **details: float) -> None:
        super().__init__(message)
        self.setting = setting
        self.reason = reason
        self.details = details


@dataclass(frozen=True)
class Difference:
    """A setting that differs: what it was, and what it is now, in JSON values."""

    name: str
    was: Any
    now: Any

    def __str__(self) -> str:
        return self.said("now")

    def said(self, here: str) -> str:
        """The difference in words: what the setting was, and what it is `here`."""
        one, other = in_words(self.name, self.was, self.now)
        return f"{self.name} was {one}, is {other} {here}"


@dataclass(frozen=True)
class Asked:
    """What is to be different: settings of the policy, the task with other texts, training items with `notices`.

    `models`: what is set aside for models then, in all.
    """

    settings: Mapping[str, Any]
    task: TaskSpec | None = None
    training: Training | None = None
    notices: tuple[Texts, ...] = ()
    models: Money | None = None


@dataclass(frozen=True)
class Standing:
    """What a change has to go with: when the run began, what time it is, and what workers are promised or paid."""

    begun: float
    now: float
    promised: Money


class _Launched(msgspec.Struct, frozen=True):
    """Of a launch what can change; `run.json` has more."""

    publication: Publication
    policy: dict[str, Any]
    taught: tuple[Texts, ...] = ()


def change(folder: Path, asked: Asked, standing: Standing) -> tuple[Difference, ...]:
    """Change what the run in a folder asks, whoever drives it; what differs from before, nothing if all is so already.

    Raises `SpecError` for what may not change, with the reason; `RunEnded` if the run has ended and this does not let
    it go on. Then nothing was changed.
    """
    found: list[Difference] = []

    def new(was: Terms | None, ending: Ending | None) -> Terms | None:
        was = was or launched_terms(folder)
        now = _changed(was, asked, standing)
        if ending != "time":
            _check_time(was, now, standing)
        found[:] = differing(was, now)
        if found and ending is not None:
            _check_it_goes_on(folder.name, ending, was, now, standing)
        return now if found else None

    feed = Feed(folder)
    try:
        feed.change(new)
    finally:
        feed.close()
    return tuple(found)


def terms_of(folder: Path) -> Terms:
    """What the run in a folder asks now: as launched, or as it was changed last."""
    with closing(Feed(folder)) as feed:
        return feed.terms() or launched_terms(folder)


def publications_of(folder: Path) -> list[Publication]:
    """What workers of the run in a folder were ever asked: as launched, and after each change."""
    with closing(Feed(folder)) as feed:
        return [terms.publication for terms in (launched_terms(folder), *feed.changes())]


def budget_for_workers(policy: Policy) -> Money | None:
    """What of the budget is left for workers once the platform has its share, in millionths."""
    return None if policy.budget is None else math.floor(round(policy.budget * MICRO) / (1 + policy.commission))


def differing(was: Terms, now: Terms) -> list[Difference]:
    """Each setting and each text that differs, by its name."""
    one, other = (msgspec.to_builtins(terms.publication.task) for terms in (was, now))
    return [*within("task", one, other), *_of_policies(was.policy, now.policy), *_of_trainings(was, now)]


def changeable(was: Terms, now: Terms) -> tuple[str, ...]:
    """The settings that differ and may change while a run goes on; `task` where only its texts do."""
    found = dict.fromkeys(_setting_of(one) for one in _of_policies(was.policy, now.policy))
    texts = was.publication.task != now.publication.task
    same = meaning_of(was.publication.task) == meaning_of(now.publication.task)
    return (*(name for name in found if name not in FIXED), *(["task"] if texts and same else []))


# --- what may change ------------------------------------------------------------------------------


def launched_terms(folder: Path) -> Terms:
    """What the run in a folder asked when it was launched."""
    path = folder / "run.json"
    try:
        launched = msgspec.json.decode(path.read_bytes(), type=_Launched)
    except FileNotFoundError:
        raise RunError(f"there is no run {folder.name!r} in {str(folder.parent)!r}") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise RunError(f"{str(path)!r} cannot be read: {error}; restore the folder from a copy") from error
    return Terms(launched.policy, launched.publication, notices=launched.taught)


def _changed(was: Terms, asked: Asked, standing: Standing) -> Terms:
    before = Policy.from_json(was.policy)
    policy = _policy(before, asked.settings)
    task = was.publication.task if asked.task is None else _checked(was.publication.task, asked.task)
    if policy.budget != before.budget:
        _check_budget(policy, standing)
    publication = replace(
        was.publication,
        task=task,
        budget=budget_for_workers(policy),
        languages=policy.languages,
        workers=None if policy.workers is None else policy.workers.record(),
        most_waiting=None if was.publication.most_waiting is None else policy.most_waiting,
        training=_training(was.publication, policy, asked.training),
    )
    if policy.lease != before.lease:
        publication = replace(publication, lease=lease_of(policy, _seconds_of_a_page(publication)))
    notices = asked.notices if asked.training else was.notices
    models = was.models if asked.models is None else asked.models
    return Terms(policy.to_json(), publication, was.opened, notices, models)


def _training(publication: Publication, policy: Policy, items: Training | None) -> Training | None:
    """The training with the score that is asked for now, and with the items of another one if there is one."""
    training = publication.training
    if training is None:
        if items is not None:
            message = f"training: the run has none, and workers who got pages had none; {ANOTHER_RUN}"
            raise ChangeError(message, "training", "fixed")
        if policy.training is not None:
            message = (
                f"training: the run has no training, of which {policy.training:g} could be the score; {ANOTHER_RUN}"
            )
            raise ChangeError(message, "training", "invalid")
        return None
    if items is not None:
        training = replace(training, items=items.items, page=items.page, name=items.name)
    score = SCORE if policy.training is None else policy.training
    wrong = None if score == training.score else share_for_score(score)
    if wrong is not None:
        raise ChangeError(wrong, "training", "invalid")
    return replace(training, score=score)


def _policy(before: Policy, settings: Mapping[str, Any]) -> Policy:
    """The policy with other settings; raises `ChangeError` for the first that is wrong or may not change."""
    policy = before
    for name, value in settings.items():
        if name in TEXTS:
            raise SpecError(f"change: {name!r} is a text of the task: give the task with it, run.change(task=…)")
        try:
            policy = policy.changed(**{name: value})
        except ArgumentError:
            raise
        except SpecError as error:
            raise ChangeError(str(error), name, "invalid") from None
    for difference in _of_policies(before.to_json(), policy.to_json()):
        if why := FIXED.get(name := _setting_of(difference)):
            stays, _ = in_words(difference.name, difference.was, difference.now)
            message = f"{difference.name}: it stays {stays} while the run goes on: {why}; {ANOTHER_RUN}"
            raise ChangeError(message, name, "fixed")
    return policy


def _checked(there: TaskSpec, task: TaskSpec) -> TaskSpec:
    """The task if it can be asked instead of the one there; raises `ChangeError`."""
    _check_meaning(there, task)
    try:
        Task.from_spec(task)
    except SpecError as error:
        raise ChangeError(str(error), "task", "invalid") from None
    return task


def _check_budget(policy: Policy, standing: Standing) -> None:
    budget = budget_for_workers(policy)
    if budget is not None and budget < standing.promised:
        # Rounded up: what is named here is enough.
        least = math.ceil(standing.promised * (1 + policy.commission) / CENT) * CENT / MICRO
        given, enough = (money(one, policy.currency)["en"] for one in (policy.budget or 0, least))
        message = (
            f"budget: {given} is less than what workers were paid or promised already, {enough}; "
            "name that or more, or give out no more pages: `dataforge pause`, or run.pause()"
        )
        raise ChangeError(message, "budget", "below_promised", least=least)


def _check_time(was: Terms, now: Terms, standing: Standing) -> None:
    limit, passed = Policy.from_json(now.policy).time_limit_seconds, standing.now - standing.begun
    if limit is not None and limit != Policy.from_json(was.policy).time_limit_seconds and limit <= passed:
        message = (
            f"time_limit: {written(limit)} are over already: the run was launched {written(round(passed))} ago; name "
            "more, or run.stop() to end it now"
        )
        raise ChangeError(message, "time_limit", "over_already", passed=passed)


def _setting_of(difference: Difference) -> str:
    """The policy's setting that a difference is of, or is in."""
    return difference.name.partition(".")[0].partition("[")[0]


def _seconds_of_a_page(publication: Publication) -> float:
    return publication.task.duration * (publication.real_per_page + publication.control_per_page)


def _check_meaning(there: TaskSpec, task: TaskSpec) -> None:
    """Raise `SpecError` if a task asks something else than the one there, and not only in other words."""
    one, other = meaning_of(there), meaning_of(task)
    found = list(itertools.chain.from_iterable(within(name, one[name], other[name]) for name in one))
    if found:
        message = (
            f"task: {'; '.join(map(str, found))}: answers to the one cannot be counted with answers to the other; "
            f"texts may change (name, instruction, description, titles, labels, hints), for the rest {ANOTHER_RUN}"
        )
        raise ChangeError(message, "task", "another_question")


def _check_it_goes_on(name: str, ending: Ending, was: Terms, now: Terms, standing: Standing) -> None:
    """Raise `RunEnded` unless a run that has ended goes on with the new terms."""
    one, other = Policy.from_json(was.policy), Policy.from_json(now.policy)
    why = ""
    if ending == "stopped":
        why = "it was stopped by hand; open it again first: `dataforge reopen`, or run.reopen()"
    elif ending == "budget" and (other.budget is not None and other.budget <= (one.budget or 0)):
        why = "its budget pays for no more pages; raise it by budget=… as well"
    elif ending == "time":
        limit = other.time_limit_seconds
        passed = standing.now - standing.begun
        if limit is not None and limit <= passed:
            why = f"its time is over; {passed:.0f} s have passed since its launch: give it more by time_limit=…"
    if why:
        raise RunEnded(f"run {name!r} has ended and nothing of it was changed: {why}")


# --- what differs ---------------------------------------------------------------------------------


def _of_policies(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    one, other = (msgspec.to_builtins(Policy.from_json(policy).to_json()) for policy in (was, now))
    for name in one:
        yield from within(name, one[name], other[name])


def _of_trainings(was: Terms, now: Terms) -> Iterator[Difference]:
    """That the items of the training are others, where both have one; its score is the policy's."""
    one, other = was.publication.training, now.publication.training
    if one is not None and other is not None and one.items != other.items:
        yield Difference("training", in_short(one), in_short(other))


def within(name: str, was: Any, now: Any) -> Iterator[Difference]:
    """What differs between two JSON values, at the innermost name."""
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*was, *now]):
            yield from within(f"{name}.{key}", was.get(key), now.get(key))
    elif isinstance(was, list) and isinstance(now, list) and all(isinstance(one, dict) for one in (*was, *now)):
        yield from _within_things(name, was, now)
    else:
        yield Difference(name, was, now)


def _within_things(name: str, was: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[Difference]:
    """What differs between two lists of things: in each by its name, then in their order; nameless ones one by one."""
    one, other = ({_named(thing): thing for thing in things} for things in (was, now))
    if len(one) < len(was) or len(other) < len(now) or "" in {*one, *other}:
        if len(was) != len(now):
            yield Difference(name, was, now)
        else:
            for before, after in zip(was, now, strict=True):
                yield from within(f"{name}[{_named(before)}]", before, after)
        return
    for key in dict.fromkeys([*one, *other]):
        yield from within(f"{name}[{key}]", one.get(key), other.get(key))
    if one.keys() == other.keys() and list(one) != list(other):
        yield Difference(name, list(one), list(other))


def _named(thing: dict[str, Any]) -> str:
    return str(thing.get("name", thing.get("value", "")))
