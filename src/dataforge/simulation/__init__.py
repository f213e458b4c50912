"""Simulated people: they answer over the same HTTP routes as browsers, as their personas are described.

    from dataforge.simulation import simulate

    report = simulate("trial", truth="known.csv", workers=40, mix="mixed", seed=1)

Names are loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from dataforge.arguments import no_attribute

if TYPE_CHECKING:
    from dataforge.simulation.attempts import skilled as skilled
    from dataforge.simulation.personas import Persona as Persona
    from dataforge.simulation.personas import crowd as crowd
    from dataforge.simulation.runs import simulate as simulate
    from dataforge.simulation.simulation import Simulation as Simulation
    from dataforge.simulation.simulation import SimulationReport as SimulationReport
    from dataforge.simulation.truth import answer_key as answer_key

_HOMES = {
    "Persona": "personas",
    "Simulation": "simulation",
    "SimulationReport": "simulation",
    "answer_key": "truth",
    "crowd": "personas",
    "simulate": "runs",
    "skilled": "attempts",
}

__all__ = ["Persona", "Simulation", "SimulationReport", "answer_key", "crowd", "simulate", "skilled"]


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise no_attribute(__name__, name, __all__) from None
    value = getattr(importlib.import_module(f"dataforge.simulation.{home}"), name)
    globals()[name] = value
    return value
