"""What a launch says of how many workers have what the run asks of them."""

import time
from collections.abc import Sequence
from pathlib import Path

from tests.runs.conftest import animal, right, rows

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.records import AskedOfWorkers, PassingWorkers, Publication
from dataforge.runs.handle.launches.passing import passing_notices


class Counted(SimulatedPlatform):
    """A platform of 37 workers, of whom none is old enough."""

    def passing(self, workers: AskedOfWorkers | None, languages: Sequence[str]) -> PassingWorkers:
        return PassingWorkers(37, 0, {"age": 0})


def test_how_many_passed_at_the_launch_is_said_to_have_been_then() -> None:
    asked = Publication(
        name="run",
        task=animal.spec(),
        prices=(0,),
        real_per_page=1,
        control_per_page=0,
        lease=60.0,
        workers=AskedOfWorkers(age=(18, None)),
    )
    (told,) = passing_notices(Counted(), asked)
    assert told["en"].startswith("at the launch nobody passes: workers who have what the run asks of them: 0 of 37")
    assert told["ru"].startswith("при запуске никто не подходит")
    assert told["tr"].startswith(
        "başlatılırken kimse uymuyor: çalıştırmanın istediklerini karşılayan çalışanlar: 0 / 37"
    )


def test_how_many_passed_at_the_launch_is_told_while_the_run_asks_that(workspace: Path) -> None:
    policy = df.Policy(page=(4, 0), workers=df.Workers(age=(18, None)))
    platform = Counted([], right, seed=1)
    run = df.launch(animal, rows(8), policy=policy, platform=platform, workspace=workspace, name="run", progress=False)
    assert any("nobody passes" in notice["en"] for notice in run.notices)
    run.change(overlap=3)
    assert any("nobody passes" in notice["en"] for notice in run.notices)
    run.change(workers=None)
    for _ in range(200):
        if not any("nobody passes" in notice["en"] for notice in run.notices):
            break
        time.sleep(0.05)
    assert not any("nobody passes" in notice["en"] for notice in run.notices)
    run.stop()
    run.close()
