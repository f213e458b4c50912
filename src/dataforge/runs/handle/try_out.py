"""Try a task out: the one call that lets experts answer it, or judge given solutions, before workers get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dataforge.arguments import entry
from dataforge.data.items import Items
from dataforge.data.reading import gather_items
from dataforge.errors import DataForgeError, SpecError
from dataforge.issue.skills import EXPERT, MOST_VALUE
from dataforge.objects.base import shorten
from dataforge.platforms import Platform
from dataforge.platforms.base import InvitingByName
from dataforge.policy import Policy, Workers
from dataforge.runs.core.differences import has_the_items
from dataforge.runs.core.folder import run_folders
from dataforge.runs.core.tried import Tried, change_tried, tried_in
from dataforge.runs.handle.launch import Launch, launch
from dataforge.runs.handle.trial import Trial
from dataforge.tasks.task import Task
from dataforge.trials import given_solutions, trial_items, trial_task
from dataforge.workspace import Workspace

__all__ = ["ask_experts", "names_of", "policy_of_trial", "try_out"]

PAGE = 5
"""So many items come together: who stops half way has lost little, and times are told apart."""
MOST_EXPERTS = 100
LONGEST_ID = 80
"""So much of a task's id has room in the name of a skill."""


@entry
def try_out(
    task: Task,
    items: Any,
    experts: int | Sequence[str] = 2,
    *,
    solutions: str | Mapping[str, str] | None = None,
    name: str | None = None,
    platform: Platform | str | None = None,
    workspace: str | Path | Workspace | None = None,
    languages: Sequence[str] = (),
    page_price: float = 0.0,
    detach: bool = False,
    id: str | None = None,  # noqa: A002 - the word for it
    encoding: str | None = None,
    progress: bool = True,
) -> Trial:
    """Let experts try `task` out on `items`, or go on with the trial of that name.

    Each expert answers every item as a worker would, and says beside it whether it is OK (`_ok`) and what there is to
    add (`_comment`). A trial is an ordinary run: it outlives its process, has no control items and no hurry, and costs
    nothing unless a page has a price.

    Args:
        task: what workers will be asked; made by the decorator `task`.
        items: what it is tried out on, in any form that `launch` takes.
        experts: how many, or their names; each gets a link of their own that lets one person in, once.
        solutions: the column with given answers, or `{output: column}`: experts judge these and do not answer.
        name: as for `launch`; by default after the task and the date.
        platform: where experts are asked; by default the embedded platform.
        workspace: the folder that holds server and runs.
        languages: experts of these languages only; who comes with another is told so. Empty: any.
        page_price: what a page of up to five items is paid.
        detach: leave the trial to the server's own runner instead of a thread of this process.
        id: the column that names the items.
        encoding: that of a file of text which is not UTF-8.
        progress: print the experts' links.

    Raises:
        SpecError, DataError: task, experts or items are not such that they can be tried out; nothing was started.
        RunError: the name is taken by a run that differs.
    """
    if solutions is not None:
        _refuse_files(task)
    read = gather_items(task, items, None, id, encoding, solutions)
    names = names_of(experts)
    policy = policy_of_trial(len(names), read.count, languages, page_price)
    tried = Tried(task.spec(), judged=solutions is not None)
    asked = trial_items(read, trial_task(task, judged=tried.judged), given_solutions(read) if tried.judged else None)
    return ask_experts(tried, asked, names, policy, name, platform, workspace, detach=detach, progress=progress)


def _refuse_files(task: Task) -> None:
    """Raise `SpecError` where solutions would be files: a table has their names, and no expert hears or sees those."""
    for slot in task.outputs:
        if slot.type.file_rules() is not None:
            raise SpecError(
                f"solutions: the output {slot.name!r} of {task.id!r} is a file ({slot.type.name}), which a table only "
                "names; have those of a run judged by run.verify(experts=…), others by a task with them as an input"
            )


def ask_experts(
    tried: Tried,
    items: Items,
    experts: Sequence[str],
    policy: Policy,
    name: str | None,
    platform: Platform | str | None,
    workspace: str | Path | Workspace | None,
    *,
    detach: bool,
    progress: bool,
) -> Trial:
    """Launch the run of a trial on its items, or go on with it, and let its experts in."""
    by_links = not isinstance(platform, Platform) or isinstance(platform, InvitingByName)
    policy = policy.changed(workers=_experts_only(tried, policy)) if by_links else policy
    given = Launch(
        items.task,
        items,
        policy=policy,
        name=_not_noted(items, policy, workspace) if name is None else name,
        platform=platform,
        workspace=workspace,
        detach=detach,
        progress=False,
    )
    run = launch(given)
    trial = Trial(run, change_tried(run._held.folder.path, lambda there: there or tried))
    trial.invite(*experts)
    if progress:
        print(*trial.announced(), sep="\n", flush=True)
    return trial


def _not_noted(items: Items, policy: Policy, workspace: str | Path | Workspace | None) -> str | None:
    """The name of a trial of these items whose process was killed before it wrote down what is tried out."""
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    spec, asked = items.task.spec(), Policy.from_json(policy.to_json())
    for folder in run_folders(place.runs):
        with suppress(DataForgeError):  # of a run that is damaged its own launch tells
            if not folder.exists or folder.gone() is not None or tried_in(folder.path) is not None:
                continue
            there = folder.describe()
            same = there.publication.task == spec and Policy.from_json(there.policy) == asked
            if same and has_the_items(folder, items):
                return folder.name
    return None


def _experts_only(tried: Tried, policy: Policy) -> Workers:
    """Nobody but experts of the task, which who comes by a link of their own is; of its language, if it is one."""
    of_language = f":{policy.languages[0]}" if len(policy.languages) == 1 else ""
    return Workers(skills={f"{EXPERT}{tried.task.id[:LONGEST_ID]}{of_language}": MOST_VALUE})


def policy_of_trial(experts: int, items: int, languages: Sequence[str], page_price: float) -> Policy:
    """Every item is answered by every expert, in their own time, and nobody is measured or kept out."""
    return Policy.preset(
        "no-control",
        quality="collect",
        overlap=experts,
        page=(min(PAGE, max(items, 1)), 0),
        page_price=page_price,
        lease="1d",
        stall_after="7d",
        languages=tuple(languages),
    )


def names_of(experts: int | Sequence[str]) -> list[str]:
    """The experts by name; raises `SpecError` if there are none, too many, or two of one name."""
    if isinstance(experts, int):
        names = [f"expert {number}" for number in range(1, experts + 1)]
    elif isinstance(experts, str):
        raise SpecError(f"experts={experts!r}: expected how many, or a list of names; write experts=[{experts!r}]")
    else:
        names = [" ".join(name.split()) if isinstance(name, str) else "" for name in experts]
    if not 1 <= len(names) <= MOST_EXPERTS:
        raise SpecError(f"experts: expected 1 to {MOST_EXPERTS} of them, got {shorten(experts)}; name at least one")
    if not all(names):
        raise SpecError(f"experts: expected a name for each of them, got {shorten(experts)}")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SpecError(f"experts: {twice!r} is named twice; tell the two apart, each has a link of their own")
    return names
