"""Find the task in a user's Python file, and say what is wrong with the file by place."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from dataforge.errors import SpecError
from dataforge.pipelines.function import Pipeline
from dataforge.tasks.task import Task

__all__ = ["found_in", "load_launched", "load_task"]

Kind = TypeVar("Kind")


def load_task(source: str) -> Task:
    """The task that `file.py` or `file.py:name` means; raises `SpecError` with the place of what is wrong."""
    path, name = _split(source)
    return _task_of(path, _run(path), name)


def load_launched(source: str) -> Task | Pipeline:
    """The task or the pipeline that `file.py:name` means; that of `file.py` is its one pipeline, or its one task."""
    path, name = _split(source)
    module = _run(path)
    pipelines = {key: value for key, value in vars(module).items() if isinstance(value, Pipeline)}
    if name in pipelines:
        return pipelines[name]
    if name is None and len(pipelines) == 1:
        return next(iter(pipelines.values()))
    return _task_of(path, module, name)


def _task_of(path: Path, module: ModuleType, name: str | None) -> Task:
    return _one_of(path, module, name, Task, "task", "put @df.task above a function")


def found_in(source: str, kind: type[Kind], what: str, mend: str) -> Kind:
    """What `file.py` or `file.py:name` means of a kind; raises `SpecError` with the place of what is wrong.

    The file runs as a module of its own with its folder importable, so that it may use files beside it; what stands
    under `if __name__ == "__main__":` does not run.
    """
    path, name = _split(source)
    return _one_of(path, _run(path), name, kind, what, mend)


def _one_of(path: Path, module: ModuleType, name: str | None, kind: type[Kind], what: str, mend: str) -> Kind:
    there = {key: value for key, value in vars(module).items() if isinstance(value, kind) and not key.startswith("_")}
    if name is None:
        if len(there) == 1:
            return next(iter(there.values()))
        if not there:
            raise SpecError(f"{path}: no {what} in this file; {mend}")
        raise SpecError(
            f"{path}: several {what}s in this file; choose one: " + ", ".join(f"{path}:{key}" for key in there)
        )
    if name not in there:
        raise SpecError(f"{path}: no {what} is named {name!r} here; known: {', '.join(there) or 'none'}")
    return there[name]


def _split(source: str) -> tuple[Path, str | None]:
    file, colon, name = source.rpartition(":")
    if not colon or name.endswith(".py"):
        file, name = source, ""
    path = Path(file)
    if path.suffix != ".py":
        raise SpecError(f"expected a Python file such as my_task.py or my_task.py:animal, got {source!r}")
    if not path.is_file():
        raise SpecError(f"no file {str(path)!r}; it is looked for from {str(Path.cwd())!r}")
    return path, name or None


def _run(path: Path) -> ModuleType:
    name = f"_dataforge_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise SpecError(f"{path}: this cannot be read as a Python file")
    module = importlib.util.module_from_spec(spec)
    # Annotations written as strings are resolved through sys.modules.
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise SpecError(f"{error.filename or path}:{error.lineno}: {error.msg}") from error
    except SpecError as error:
        raise SpecError(_placed(path, error, str(error))) from error
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise SpecError(_placed(path, error, f"{what}, while the file was read")) from error
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module


def _placed(path: Path, error: BaseException, message: str) -> str:
    """The message with file and line in front, unless it says them itself."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path.resolve())]
    place = f"{path}:{own[-1].lineno}" if own else str(path)
    return message if path.name in message else f"{place}: {message}"
