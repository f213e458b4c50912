"""`dataforge verify`: experts judge a sample of a run's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._experts import ExpertNames, ExpertPrice, Experts, experts_of
from dataforge.cli._policy import Languages, languages_in
from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json

if TYPE_CHECKING:
    from dataforge.runs.handle.verification import Verification

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    sample: Annotated[int, typer.Option(min=1, help="How many items are drawn.")] = 100,
    experts: Experts = None,
    expert: ExpertNames = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Each item is as likely as another, in place of more where the run doubts.")
    ] = False,
    languages: Languages = None,
    page_price: ExpertPrice = 0.0,
    detach: Annotated[bool, typer.Option("--detach", help="Leave the trial to the server and return at once.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have experts judge a sample of a run's answers, mend what they find wrong, and say how good all answers are.

    Prints a link for each expert and waits until they have judged the sample. The same again goes on with a sample
    that was not judged to the end, and takes in what was found.

    Example: dataforge verify photos --sample 100 --expert Anna
    """
    from dataforge.runs.handle.run import open_run
    from dataforge.runs.handle.verification import verify

    with open_run(name, needed_workspace(workspace)) as run:
        verification = verify(
            run,
            sample,
            experts_of(experts, expert, 1),
            by_confidence=not plain,
            languages=languages_in(languages),
            page_price=page_price,
            detach=detach,
            progress=not as_json,
        )
        with verification:
            if not detach:
                verification.wait(progress=not as_json)
            _tell(verification, as_json=as_json)


def _tell(verification: Verification, *, as_json: bool) -> None:
    found = verification.take_in()
    accuracy = verification.accuracy
    if as_json:
        shares = {output: None if one is None else [one.low, one.mean, one.high] for output, one in accuracy.items()}
        links = verification.trial.links
        trial = verification.trial.name
        print_json(
            {"run": verification.run.name, "trial": trial, "links": links, **found._asdict(), "accuracy": shares}
        )
        return
    print(f"{found.right} answers of the sample are right, {found.wrong} are wrong, {found.left} are not judged yet")
    for output, one in accuracy.items():
        if one is not None and not found.left:
            print(f"{output}: {one.mean:.1%} of {one.of} answers are right, between {one.low:.1%} and {one.high:.1%}")
