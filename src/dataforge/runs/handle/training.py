"""How the training of a run goes, as tables: its items, and who took it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataforge.changes.terms import Asked, terms_of
from dataforge.data.frames import set_apart
from dataforge.data.training import read_training
from dataforge.errors import RunError, SpecError
from dataforge.policy import Policy
from dataforge.records import TaskSpec, Training, TrainingFigures
from dataforge.runs.driving.snapshot import training_figures
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.holding.held import Held
from dataforge.runs.handle.launches.known import of_trial
from dataforge.runs.handle.launches.told import shared_with_others
from dataforge.runs.handle.launches.uploads import upload
from dataforge.texts import pick
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["taught_anew", "trainees", "training_items"]


def taught_anew(held: Held, settings: dict[str, Any], task: TaskSpec | None) -> Asked:
    """What is to change of a run: settings, its task, and training items, with their files on the run's platform.

    A number is a setting: the score that is asked for; beside items it is given as `training_score`. Raises as a launch
    does, before anything is changed.
    """
    given, score = settings.get("training"), settings.get("training_score")
    if "training" in settings and given is None and held.fresh().publication.training is not None:
        raise SpecError(
            "training: a run that has one keeps it, for workers who got pages have passed it; give a score, or other "
            "items: a table of them, or trial:NAME (training=0 lets everybody in who has come to the end of it)"
        )
    if isinstance(given, float | int | None):
        return Asked(_scored(settings), task)
    given = of_trial(given, "training", Workspace(held.folder.path.parent.parent))
    view = held.fresh()
    with view.lock:
        taught = read_training(view.task, given)
        taught.refuse_shared(view.items)
        policy = Policy.from_json(terms_of(held.folder.path).policy)
    upload(held.folder, taught.items.files(), held.platform, show=False)
    others = shared_with_others(taught.items, Workspace(held.folder.path.parent.parent), held.name)
    rest = {name: value for name, value in settings.items() if name not in ("training", "training_score")}
    rest |= {} if score is None else {"training": score}
    return Asked(rest, task, taught.of(policy), (*taught.items.notices, *others))


def _scored(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with the score under the one name that a policy has for it."""
    if settings.get("training_score") is None:
        return {name: value for name, value in settings.items() if name != "training_score"}
    if "training" in settings:
        raise SpecError("change: training=… is the score already, and training_score=… goes beside a table of items")
    return {"training" if name == "training_score" else name: value for name, value in settings.items()}


def training_items(view: RunView) -> pd.DataFrame:
    """One row per training item: inputs, known answers, hint, how many were asked, and the share who were right.

    Those that most people miss come first: a wrong known answer is among them.
    """
    import pandas as pd

    with view.lock:
        asked, figures = _training(view)
        ours = ["hint", "asked", "right"]
        names = [slot.name for slot in (*view.task.inputs, *view.task.outputs)]
        columns = {
            shown: [(item.inputs | item.answers).get(name) for item in asked.items]
            for name, shown in zip(names, set_apart(names, ours), strict=True)
        }
        frame = pd.DataFrame(columns)
        frame["hint"] = [pick(item.hint, "en") for item in asked.items]
        frame["asked"] = [item.asked for item in figures.items]
        frame["right"] = [item.right / item.asked if item.asked else float("nan") for item in figures.items]
        return frame.sort_values("right", kind="stable", ignore_index=True)


def trainees(view: RunView) -> pd.DataFrame:
    """One row per worker who came to the end of a try: their last score, 0 to 100, and whether they ever passed."""
    import pandas as pd

    with view.lock:
        _training(view)
        found = view.state.trainings
        frame = pd.DataFrame({"worker": list(found.scores), "score": list(found.scores.values())})
        frame["passed"] = [worker in found.passed for worker in found.scores]
        return frame


def _training(view: RunView) -> tuple[Training, TrainingFigures]:
    asked, figures = view.publication.training, training_figures(view)
    if asked is None or figures is None:
        raise RunError(f"run {view.description.name!r} has no training; launch one with training=…")
    return asked, figures
