"""The run in which a run's answers are judged by other workers, at its launch: what it asks, and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from hashlib import blake2b

import numpy as np
from msgspec.structs import replace

from dataforge.checks import asked_themselves, check_controls, check_task, control_items, own_check
from dataforge.data.control_forms import form_notices
from dataforge.data.given_away import given_away_notices
from dataforge.data.items import Items
from dataforge.errors import SpecError
from dataforge.models import Checkers, Model, has_said, with_answers
from dataforge.objects.boolean import Boolean
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.pricing import price
from dataforge.records import Values
from dataforge.runs.core import texts
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.ways import policy_of, way_name
from dataforge.runs.handle.launches.describe import describe
from dataforge.runs.handle.launches.uploads import upload
from dataforge.tasks.task import Task

__all__ = ["Parted", "describe_checks", "launch_checks", "noting_controls", "parted", "shares"]


@dataclass(frozen=True, eq=False)
class Parted:
    """What is asked, control items included, and where others judge the answers, task and control items of that.

    `apart`: nobody judges answers of those who came by the same invitation. `checkers`: models that judge beside
    people.
    """

    task: Task
    items: Items
    check: Task | None
    control: Items
    apart: bool = False
    checkers: Sequence[Model] = ()

    def judged(self, policy: Policy) -> int:
        """How many answers are judged at most, of the items that there are, control items of the check included."""
        return self.control.count + self.items.real_count * (policy.attempts + policy.check_drafts)

    def cost_of_checkers(self, policy: Policy) -> float:
        """What it costs at most to ask the checkers."""
        return sum(one.price for one in self.checkers) * self.judged(policy)

    def asked_on(self, check: RunFolder | None, policy: Policy) -> Checkers | None:
        """Who is asked as answers come; not who has said nothing of a control item, for nothing is known of them."""
        if check is None or not self.checkers:
            return None
        measured = [one for one in self.checkers if has_said(check.path, one)]
        return Checkers(measured, check.path, None if policy.budget is None else self.judged(policy))

    def said(self, check: RunFolder, *, ask: bool) -> Parted:
        """The same with what the checkers say of the control items of the check, as asked now or recorded before."""
        if not self.checkers:
            return self
        check.path.mkdir(parents=True, exist_ok=True)
        places = range(self.control.count if ask else 0)
        return replaced(self, control=with_answers(self.control, self.checkers, check.path, places))


def parted(
    task: Task, policy: Policy, everything: Items, own: Task | None = None, checkers: Sequence[Model] = ()
) -> Parted:
    """What a launch asks. Where answers are judged by others, about half of the control items are for those who judge.

    All are where the pages of the run have none. `own`: a hand-written check in place of the derived one; `checkers`:
    models that judge beside people. Raises `SpecError` if these do not fit.
    """
    if (way := way_name(task, policy)) != "check":
        for named in (*([] if own is None else [f"check={own.id!r}"]), *(f"checkers={one!r}" for one in checkers)):
            raise SpecError(f"{named}: answers to {task.id!r} go the way {way!r}, and are judged by nobody")
        return Parted(task, everything, None, everything)
    check = check_task(task) if own is None else own_check(task, own)
    places = np.flatnonzero(everything.control).tolist()
    known = _known(everything, places)
    # The same of the same known answers, whatever else there is.
    digest = blake2b("\n".join(sorted(key for key, _, _ in known)).encode(), digest_size=8).digest()
    seed = int.from_bytes(digest, "big")
    asked = asked_themselves(task, known, seed) if _has_controls(policy) else set[str]()
    there = ~everything.control
    there[[place for place, (key, _, _) in zip(places, known, strict=True) if key in asked]] = True
    controls = check_controls(task, [one for one in known if one[0] not in asked], seed)
    of_check = control_items(task, check, controls) if controls else Items.empty(check)
    items = everything.chosen(np.flatnonzero(there).tolist())
    return Parted(task, items, check, of_check, policy.groups_apart, checkers)


def _known(everything: Items, places: Sequence[int]) -> list[tuple[str, Values, Values]]:
    """Key, inputs and known answers of the control items at these places."""
    if not places:
        return []
    known = everything.chosen(places)
    answers = {slot.name: known.known(slot.name) for slot in everything.task.outputs}
    return [
        (item.key, item.inputs, {name: values[row] for name, values in answers.items() if values[row] is not None})
        for row, item in enumerate(known.records())
    ]


def _has_controls(policy: Policy) -> bool:
    """Whether pages have control items, if there are any."""
    return policy.control_share > 0 if policy.page is None else policy.page[1] > 0


def shares(asked: Parted, policy: Policy, *, more: bool) -> tuple[Policy, Policy | None]:
    """The policies of a run and of its checks, which is None where there are none; they share the budget.

    What the checks may cost is said by their own budget, or else follows from what the two cost at least. Raises
    `SpecError` if nothing is left for the answers.
    """
    if asked.check is None:
        return policy, None
    checks = policy.checks
    if asked.checkers:
        checks = checks.changed(voters={one.name: one.column for one in asked.checkers})
    if asked.check.outputs[0].type.name != Boolean.name:
        checks = checks.changed(quality="judge")
    if policy.budget is None:
        return policy, checks
    budget = checks.budget
    if budget is None:
        plan = price.plan(asked.task, policy_of(asked.task, policy), asked.items, more=more)
        judging = price.plan(asked.check, checks, asked.control, more=True)
        page = (judging.price, judging.real_per_page)
        judged = price.check_price(asked.items.real_count, plan.real_per_page, policy, page, checks)
        ours, theirs = plan.clear.low, judged.low
        budget = policy.budget * theirs / (ours + theirs) if ours + theirs else policy.budget / 2
    elif budget >= policy.budget:
        raise SpecError(
            f"policy: the budget of check, {budget:g}, is part of the whole, {policy.budget:g}, and leaves nothing for "
            "the answers; name less, or leave it out: it follows from the other"
        )
    return policy.changed(budget=policy.budget - budget), checks.changed(budget=budget)


def describe_checks(name: str, asked: Parted, policy: Policy, platform: Platform) -> Description:
    """What is launched to have answers judged."""
    assert asked.check is not None
    return describe(name, asked.check, asked.control, policy, platform, open=True)


def noting_controls(description: Description, asked: Parted, everything: Items) -> Description:
    """The launch with word of what tells items of known answers apart, and of where they are asked.

    All are looked at together, those of the check as well, of which there are no answers to compare yet.
    """
    if not everything.control_count:
        return description
    alone = [*given_away_notices(asked.items), *form_notices(asked.items)]
    told = [*given_away_notices(everything), *form_notices(everything)]
    if all(slot.type.control_similarity is None for slot in asked.task.outputs):
        told.append(texts.NOT_COMPARED)
    return replace(description, notices=(*(one for one in description.notices if one not in alone), *told))


def launch_checks(folder: RunFolder, asked: Parted, policy: Policy, platform: Platform, *, show: bool) -> str:
    """Launch the run in which a run's answers will be judged, and give its name; it gets items as answers come."""
    check = _free_folder(folder)
    asked = asked.said(check, ask=True)
    description = describe_checks(check.name, asked, policy, platform).with_identity(check.identity())
    publication = replace(description.publication, checks=folder.identity(), groups_apart=asked.apart)
    description = replace(description, publication=publication)
    upload(check, asked.control.files(), lambda: platform, show=show)
    platform.publish(description.publication)
    check.create(description, asked.control)
    return check.name


def _free_folder(folder: RunFolder) -> RunFolder:
    """A folder beside the run's, or the one that an earlier try of this launch has made."""
    number = 1
    while True:
        check = RunFolder(folder.path.with_name(f"{folder.name}-check{'' if number == 1 else f'-{number}'}"))
        if not check.exists or check.describe().checks == folder.identity():
            return check
        number += 1
