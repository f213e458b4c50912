"""The start of a loop, and how the same call goes on with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from dataforge.active_learning.course import StopRule
from dataforge.active_learning.handle import Loop
from dataforge.active_learning.learners import Data, Learner, checked_features, learner_of
from dataforge.active_learning.parts import Parts
from dataforge.active_learning.rounds import Beside, Plan, Rounds, options_of
from dataforge.active_learning.samplers import SAMPLERS, Sampler
from dataforge.arguments import entry
from dataforge.catalogue import here, say
from dataforge.data.items import Items
from dataforge.data.reading import gather_items
from dataforge.errors import RunError, SpecError
from dataforge.names import check_name
from dataforge.objects.base import shorten
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.launch import Launch, launch
from dataforge.runs.handle.launches.uploads import refuse_changed
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

__all__ = ["loop"]

POOL = "pool.parquet"
LOCKS = "loops"
"""Where the locks of loops that begin are, in a workspace."""
MOST_HELD, PART_HELD = 200, 5
NEED_FEATURES = ("change", "farthest", "spread", "badge")


# Long because its arguments are told.
@entry
def loop(
    pool: Any,
    task: Task,
    model: Any,
    batch: int = 20,
    stop: StopRule | None = None,
    *,
    sampler: str | Callable[..., Any] = "margin",
    features: Any = None,
    holdout: int | None = None,
    votes: bool = False,
    drafts: bool = False,
    control: Any = None,
    policy: Policy | str | None = None,
    budget: float | None = None,
    name: str | None = None,
    platform: Platform | str | None = None,
    workspace: str | Path | Workspace | None = None,
    id: str | None = None,  # noqa: A002 - the word for it
    encoding: str | None = None,
    timeout: float = 600.0,
    seed: int = 0,
    progress: bool = True,
) -> Loop:
    """Have people label what a model learns most from, in rounds; or go on with the loop of that name.

    Args:
        pool: the items, in any form that `launch` takes as items; None to go on with those of the loop of that name.
        task: what people are asked; it has one output, of options.
        model: an estimator with `fit` and `predict_proba`, such as a pipeline of scikit-learn, which learns from the
            values of the input, of several inputs from a DataFrame, or from `features`; or a function of a list of
            items and a list with `{label: probability}` of each, which gives a function of a list of items that says
            the same of those.
        batch: how many items are asked in a round.
        stop: when the model has learnt enough; by default when the pool is labelled, or the budget spent.
        sampler: what is asked next: `margin` (the two likeliest labels are nearest), `entropy`, `random`, `spread` (by
            k-means++, unlike each other), `farthest` (core-set), `change` (expected to move the model most), `badge`
            (doubtful and unlike each other); or a function of `Candidates` and a number that gives so many rows.
        features: numbers for each item: an array or a sparse matrix with a row for each item of the pool, or a function
            of a list of items that gives one. Without them a pipeline's own are taken where a sampler needs any.
        holdout: how many items are kept apart by chance and labelled first. The sampler never sees them, and the model
            does not learn from them. By default a fifth of the pool, 200 at most.
        votes: the model votes beside people on what it chose. It counts as much as it is right on the held-out items,
            which become control items of a new run whenever it has learnt from four times as many labels.
        drafts: people begin with what the model says of what it chose.
        control, policy, name, platform, workspace, id, encoding, progress: as in `launch`.
        budget: what the run may cost; it ends with what was learnt by then.
        timeout: seconds that the model may take at a time.
        seed: of what is left to chance.

    Raises:
        SpecError, DataError: task, model, pool or numbers cannot be; nothing was started.
        RunError: the name is taken by a loop of another pool, or by a run that is none.
    """
    _refuse_swapped(pool)
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    with _alone(place, name):
        before = None if name is None else _before(RunFolder.of(place, name), task)
        items = _pool(pool, task, before, name, id, encoding)
        if before is not None and name is not None:
            # What a model sees of a picture is what it shows now; answers are to what it showed.
            refuse_changed(RunFolder.of(place, name), items.files())
        learner = learner_of(model, task, options_of(items), timeout)
        data, featurise = _data(items, features)
        chosen = _sampler(sampler, learner, with_features=data.features is not None)
        plan = _plan(items.count, learner, chosen, batch, holdout, stop or StopRule(), seed)
        plan = replace(plan, beside=_beside(_policy(policy, budget), votes=votes, drafts=drafts))
        asked = Launch(
            task, control=control, policy=_policy(policy, budget), name=name, platform=platform, workspace=place
        )
        asked = replace(asked, id=items.key_column, encoding=encoding, open=True, progress=progress)
        run = launch(asked)
        folder = RunFolder.of(place, run.name)
        if before is None:
            items.save(folder.path / POOL)
    parts = Parts(run, folder, asked, options_of(items))
    rounds = Rounds(parts, folder, items, data, plan, featurise)
    rounds.reopen()
    found = Loop(rounds, platform)
    if progress:
        print("  " + here(say("loop_launched", items=items.count, held=plan.holdout, batch=batch)))
    found.drive()
    return found


@contextmanager
def _alone(place: Workspace, name: str | None) -> Iterator[None]:
    """Begin the loop of that name in one process at a time: whoever comes second finds the pool of the first."""
    if name is None:
        yield
        return
    folder = place.make().root / LOCKS
    folder.mkdir(exist_ok=True)
    with FileLock(folder / f"{check_name(name)}.lock"):
        yield


def _refuse_swapped(pool: Any) -> None:
    """Raise `SpecError` for a model or a task where the pool comes."""
    if isinstance(pool, Task) or (callable(pool) and not isinstance(pool, type)) or hasattr(pool, "predict_proba"):
        raise SpecError(
            f"loop: pool: expected the items to choose from, got {shorten(pool)}; the order is the pool, the task, the "
            "model: df.loop(items, task, model)"
        )


def _before(folder: RunFolder, task: Task) -> Items | None:
    """The pool of the loop that has the name; raises `RunError` if that is a run of something else."""
    if not folder.exists:
        return None
    if (folder.path / POOL).exists():
        return Items.load(folder.path / POOL, task)
    # Between a launch and its pool a process may be killed: such a run was not fed, and waits for items.
    with closing(folder.feed()) as feed:
        fed = feed.state().fed
    if fed or not folder.describe().open:
        raise RunError(f"run {folder.name!r} is there already, and was not launched by df.loop; choose another name")
    return None


def _pool(
    pool: Any, task: Task, before: Items | None, name: str | None, key: str | None, encoding: str | None
) -> Items:
    """The items of the pool, checked."""
    if len(task.outputs) != 1 or task.outputs[0].type.labels() is None:
        raise SpecError(
            f"loop: the task {task.id!r} needs one output of options, such as a df.Choice, bool or df.Rating; a model "
            "says how probable each of them is"
        )
    if pool is None:
        if before is None:
            raise SpecError("loop: pool=None goes on with a loop, and there is none of that name; give the items")
        return before
    items = gather_items(task, pool, None, key, encoding, may_be_empty=True)
    if items.count < 2:
        raise SpecError(f"loop: pool: expected items to choose from, got {items.count}")
    if before is not None and not items.to_table().equals(before.to_table()):
        raise RunError(
            f"loop {name!r} is there already with another pool of {before.count:,} items; choose another name, or give "
            "pool=None to go on with that one"
        )
    return items


def _data(items: Items, features: Any) -> tuple[Data, Any]:
    """What a model gets of the pool, and the function that makes features of items, if there is one."""
    values = list(items)
    if features is None:
        return Data(values), None
    if not callable(features):
        return Data(values, checked_features(features, items.count)), None
    try:
        made = features([dict(one) for one in values])
    except Exception as error:
        raise SpecError(f"loop: features: the function raised {type(error).__name__}: {error}") from error
    return Data(values, checked_features(made, items.count)), features


def _policy(policy: Policy | str | None, budget: float | None) -> Policy:
    """The policy, with the budget; raises `SpecError` where answers are kept: a model learns one label of each item."""
    given = policy if isinstance(policy, Policy) else Policy() if policy is None else Policy.preset(policy)
    if given.quality == "collect":
        raise SpecError(
            "loop: policy: quality='collect' keeps all answers as they are, and a model learns one label of each item; "
            "leave quality out"
        )
    return given if budget is None else given.changed(budget=budget)


def _beside(policy: Policy, *, votes: bool, drafts: bool) -> Beside:
    """What the model does beside people; raises `SpecError` where nothing could show what it is worth."""
    if votes and drafts:
        raise SpecError(
            "loop: votes=True, drafts=True: who begins with what the model says tends to keep it, so that its word "
            "would count twice; choose one of the two"
        )
    if votes and policy.page is not None and not policy.page[1]:
        raise SpecError(
            f"loop: votes=True: the model is measured on control items, and policy.page={policy.page} has room for "
            "none; give it some, such as page=(8, 2)"
        )
    return "votes" if votes else "drafts" if drafts else ""


def _sampler(sampler: str | Callable[..., Any], learner: Learner, *, with_features: bool) -> Sampler:
    if callable(sampler):
        return sampler
    if sampler not in SAMPLERS:
        raise SpecError(f"loop: sampler: none is named {shorten(sampler)}; known: {', '.join(SAMPLERS)}")
    if sampler in NEED_FEATURES and not (with_features or learner.embeds):
        raise SpecError(
            f"loop: sampler={sampler!r} compares items by their features, and there are none; give features=…, a "
            "table or a function, or a pipeline that makes some before its last step"
        )
    return SAMPLERS[sampler]


def _plan(
    count: int, learner: Learner, sampler: Sampler, batch: int, holdout: int | None, stop: StopRule, seed: int
) -> Plan:
    held = max(1, min(MOST_HELD, count // PART_HELD)) if holdout is None else holdout
    if not 1 <= held < count:
        raise SpecError(f"loop: holdout={held}: expected 1 to {count - 1} of the {count} items of the pool")
    if not 1 <= batch <= count - held:
        raise SpecError(
            f"loop: batch={batch}: expected 1 to {count - held}; of the {count} items of the pool {held} are held out"
        )
    stop.check(held, stop.looks(count, held, batch))
    return Plan(learner, sampler, batch, held, stop, seed)
