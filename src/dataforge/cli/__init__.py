"""The `dataforge` command. Each file here that does not start with `_` is one command: its `command` function
(`try_out.py` is `dataforge try-out`).

Exit codes: 0 done, 1 it failed, 2 what was asked cannot be done as written, 130 interrupted, 141 the reader of the
output has gone.
"""

from __future__ import annotations

import errno
import functools
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from dataforge import errors
from dataforge.cli._process import leave

__all__ = ["app", "main", "run"]

# Mistakes that the user can mend in what they wrote; everything else is a failure of something outside.
USER_MISTAKES = (
    errors.SpecError,
    errors.DataError,
    errors.UnknownName,
    errors.RunError,
    errors.AggregationError,
    errors.MissingDependency,
)

# What to do where the disk says no.
ADVICE = {
    errno.ENOSPC: "make room on that disk; nothing that was acknowledged is lost",
    errno.EDQUOT: "make room there; nothing that was acknowledged is lost",
    errno.EROFS: "choose a place that can be written to",
    errno.EACCES: "make it accessible to you, or choose another place",
    errno.EPERM: "make it accessible to you, or choose another place",
}


class _Commands(TyperGroup):
    """All commands with what they do, in full: what draws Markdown would take longer to load than all the rest."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(500)) for name, command in commands if command])


def main() -> NoReturn:
    """Run the command line of this process, and end it with the code of what was asked."""
    try:
        run(sys.argv[1:])
    except SystemExit as ended:
        leave(ended.code if isinstance(ended.code, int) else 0)
    leave(0)


def run(arguments: Sequence[str]) -> None:
    """Run a command line; raises `SystemExit` with its code."""
    name = arguments[0] if arguments else ""
    app(name if name in _names() else "")(args=list(arguments), prog_name="dataforge")


@functools.cache
def app(only: str = "") -> typer.Typer:
    """The command line with all commands, or with one: the files of all the others cost a tenth of a second to read."""
    made = typer.Typer(
        name="dataforge",
        cls=_Commands,
        help="Turn a typed Python function into labelled data with a confidence that can be trusted.",
        no_args_is_help=True,
        rich_markup_mode="markdown" if only else None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback(invoke_without_command=True)(_start)
    for name in [only] if only else _names():
        module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
        made.command(name)(_guarded(module.command))
    return made


@functools.cache
def _names() -> tuple[str, ...]:
    """What commands there are."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(name.replace("_", "-") for name in found if not name.startswith("_"))


def _start(version: bool = typer.Option(False, "--version", "-V", help="Print the version and exit.")) -> None:
    if version:
        from dataforge import __version__

        print(__version__)
        raise typer.Exit


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    """The command, with one line on stderr and an exit code in place of a traceback for what is no bug of ours."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except errors.DataForgeError as error:
            mistake = isinstance(error, USER_MISTAKES) and not isinstance(error, errors.RunBusy)
            _exit(str(error), 2 if mistake else 1, several=bool(error.mistakes))
        except KeyboardInterrupt:
            _exit("interrupted", 130)
        except BrokenPipeError:
            # Nobody reads what is still in the buffer.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(141) from None
        except OSError as error:
            advice = ADVICE.get(error.errno or 0)
            _exit(str(error) if advice is None else f"{error}; {advice}", 1)

    return guarded


def _exit(message: str, code: int, *, several: bool = False) -> None:
    """Say it on one line, several mistakes on one each."""
    lines = message.splitlines() if several else [message]
    print("dataforge:", "\n".join(" ".join(line.split()) for line in lines), file=sys.stderr)
    raise typer.Exit(code)
