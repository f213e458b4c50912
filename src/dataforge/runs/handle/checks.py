"""The run in which a run's answers are judged by other workers, at its launch: what it asks, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from msgspec.structs import replace

from dataforge import price
from dataforge.checks import check_controls, check_task, control_items, own_check
from dataforge.control_forms import form_notices
from dataforge.errors import SpecError
from dataforge.items import Items
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.ways import policy_of, way_name
from dataforge.runs.handle.describe import describe
from dataforge.runs.handle.uploads import upload
from dataforge.task import Task

__all__ = ["Parted", "describe_checks", "launch_checks", "noting_controls", "parted", "shares"]


@dataclass(frozen=True, eq=False)
class Parted:
    """What is asked: items to ask, and, where answers are judged by others, the task and the control items of that."""

    task: Task
    items: Items
    check: Task | None
    control: Items


def parted(task: Task, policy: Policy, everything: Items, own: Task | None = None) -> Parted:
    """What a launch asks. Where answers are judged by others, control items are for those who judge.

    `own`: a hand-written check in place of the derived one. Raises `SpecError` if it does not fit.
    """
    if (way := way_name(task, policy)) != "check":
        if own is not None:
            raise SpecError(f"check={own.id!r}: answers to {task.id!r} go the way {way!r}, and are judged by nobody")
        return Parted(task, everything, None, everything)
    real = everything.chosen(np.flatnonzero(~everything.control).tolist())
    check = check_task(task) if own is None else own_check(task, own)
    return Parted(task, real, check, _controls(task, check, everything))


def _controls(task: Task, check: Task, everything: Items) -> Items:
    """Control items of the check, the same of the same known answers whatever else there is."""
    places = np.flatnonzero(everything.control).tolist()
    if not places:
        return Items.empty(check)
    known = everything.chosen(places)
    answers = {slot.name: known.known(slot.name) for slot in task.outputs}
    rows = [
        (item.key, item.inputs, {name: values[row] for name, values in answers.items() if values[row] is not None})
        for row, item in enumerate(known.records())
    ]
    seed = blake2b("\n".join(sorted(known.keys)).encode(), digest_size=8).digest()
    controls = check_controls(task, rows, int.from_bytes(seed, "big"))
    if not controls:
        return Items.empty(check)
    return control_items(task, check, controls)


def shares(asked: Parted, policy: Policy, *, more: bool) -> tuple[Policy, Policy | None]:
    """The policies of a run and of its checks, which is None where there are none; they share the budget.

    What the checks may cost is said by their own budget, or else follows from what the two cost at least. Raises
    `SpecError` if nothing is left for the answers.
    """
    if asked.check is None:
        return policy, None
    checks = policy.checks
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
    """The launch with word of what tells items of known answers apart, as long as there are no answers to compare."""
    if not asked.control.count:
        return description
    told = (*price.given_away_notices(everything), *form_notices(everything))
    return replace(description, notices=(*description.notices, *told))


def launch_checks(folder: RunFolder, asked: Parted, policy: Policy, platform: Platform, *, show: bool) -> str:
    """Launch the run in which a run's answers will be judged, and give its name; it gets items as answers come."""
    check = _free_folder(folder)
    description = describe_checks(check.name, asked, policy, platform).with_identity(check.identity())
    publication = replace(description.publication, checks=folder.identity())
    description = replace(description, publication=publication)
    upload(check, asked.control, lambda: platform, show=show)
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
