"""Every error that DataForge raises on purpose.

    DataForgeError
    ├── SpecError            the task, the policy or a call cannot be carried out as written
    │   └── ArgumentError    a call has an argument of an unknown name, of a wrong kind, or lacks one
    ├── DataError            a row or a column of the user's data does not fit the task
    ├── AnswerError          an answer that came from a worker does not fit the task
    ├── UnknownName          no object type, aggregator or platform has this name
    ├── AggregationError     responses that cannot be aggregated
    │   └── MissingColumn    a table of responses lacks a column
    ├── PlatformError        the platform refused or could not be reached
    │   ├── Unreachable      nothing answers at the platform's address
    │   └── Refused          the platform said no; carries the HTTP status
    ├── RunError             a run cannot be started or read
    │   ├── RunBusy          another process drives this run
    │   ├── RunEnded         the run has ended and takes no more items
    │   ├── RunGone          the run was deleted, renamed or archived meanwhile
    │   └── Overtaken        somebody else has said something else of an item meanwhile
    ├── PluginError          a plug-in of another package does not load
    └── MissingDependency    an optional package is needed; the message names it

A message says where, what was expected, what came and what to do: lower case, no full stop.

What Python has a class of its own for is of that class too, so that an `except` written for another library of the
field holds: `SpecError`, `DataError`, `AnswerError`, `AggregationError` and `UnknownName` are `ValueError`,
`ArgumentError` is `TypeError`, `MissingColumn` `KeyError`, `UnknownName` `LookupError` and `MissingDependency`
`ImportError`.
"""

from __future__ import annotations

import sys
import traceback
from typing import Any

__all__ = [
    "AggregationError",
    "AggregationWarning",
    "AnswerError",
    "ArgumentError",
    "DataError",
    "DataForgeError",
    "MissingColumn",
    "MissingDependency",
    "Overtaken",
    "PlatformError",
    "PluginError",
    "Refused",
    "RunBusy",
    "RunEnded",
    "RunError",
    "RunGone",
    "SpecError",
    "UnknownName",
    "Unreachable",
]

# Too many at once, somebody in between, a database that is locked, a disk that is full.
PASSING = frozenset({429, 502, 503, 504, 507})


# Whose lines say nothing to who made a mistake: ours, and those of what called us or was called by us.
NOT_THE_USERS = frozenset(("dataforge", "IPython", "ipykernel")) | sys.stdlib_module_names


class DataForgeError(Exception):
    """The root: `except DataForgeError` catches whatever DataForge raises on purpose.

    `passing`: asking again later may help, though nothing is changed here. `mistakes`: of an error that tells of
    several together what each is, of many the first; `mistake_count`: how many they are.
    """

    passing = False
    mistakes: tuple[str, ...] = ()
    mistake_count = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: which line of the user's led here, and the message."""
        frames = [
            (frame, line)
            for frame, line in traceback.walk_tb(self.__traceback__)
            if frame.f_globals.get("__name__", "").partition(".")[0] not in NOT_THE_USERS
        ]
        lines = traceback.format_list(traceback.StackSummary.extract(frames))
        return "".join([*lines, *traceback.format_exception_only(self)]).splitlines()


class SpecError(DataForgeError, ValueError):
    """The task, the policy or a call cannot be carried out as written."""


class ArgumentError(SpecError, TypeError):
    """A call has an argument of an unknown name, of a wrong kind, or lacks one."""


class DataError(DataForgeError, ValueError):
    """A row or a column of the user's data does not fit the task."""


class AnswerError(DataForgeError, ValueError):
    """An answer that came from a worker does not fit the task; `output` names the output if it is known."""

    def __init__(self, message: str, *, output: str = "") -> None:
        super().__init__(message)
        self.output = output


class UnknownName(DataForgeError, ValueError, LookupError):
    """No object type, aggregator, platform or task of a pipeline has this name."""


class AggregationError(DataForgeError, ValueError):
    """Responses that cannot be aggregated."""


class MissingColumn(AggregationError, KeyError):
    """A table of responses lacks a column, or is asked for by one that it does not have."""

    __str__ = Exception.__str__  # that of KeyError puts the message in quotes


class AggregationWarning(UserWarning):
    """A result that is not to be trusted: the message says why, and what to do."""


class PlatformError(DataForgeError):
    """The platform refused or could not be reached."""


class Unreachable(PlatformError):
    """Nothing answers at the platform's address."""

    passing = True


class Refused(PlatformError):
    """The platform said no.

    `status` is the HTTP status, `code` the reason for programs, `details` what else a program may want to know,
    `retry_after` after how many seconds it makes sense to ask again, if it does.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        details: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.details = details or {}
        self.retry_after = retry_after
        # A package that is missing on the platform has to be installed by somebody.
        self.passing = status in PASSING and code != "task_unreadable"


class RunError(DataForgeError):
    """A run cannot be started or read."""


class RunBusy(RunError):
    """Another process drives this run."""


class RunEnded(RunError):
    """The run has ended and takes no more items."""


class RunGone(RunError):
    """The run was deleted, renamed or archived meanwhile, by this process or another one."""


class Overtaken(RunError):
    """Somebody else has said something else of an item meanwhile, which is not overwritten unseen."""


class PluginError(DataForgeError):
    """A plug-in of another package does not load; the message names it and what went wrong there."""


class MissingDependency(DataForgeError, ImportError):
    """An optional package is needed; the message names it."""
