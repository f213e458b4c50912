"""From type hints to object types."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from enum import Enum
from pathlib import PurePath
from types import FrameType, NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from dataforge import registry
from dataforge.errors import SpecError
from dataforge.objects.base import ObjectType
from dataforge.objects.boolean import Boolean
from dataforge.objects.choice import Choice, ChoiceType
from dataforge.objects.integer import Integer
from dataforge.objects.number import Number
from dataforge.objects.several import Several
from dataforge.objects.text import Text

__all__ = ["fields_of", "names_around", "object_type", "resolved"]

PYTHON_TYPES: dict[Any, type[ObjectType]] = {bool: Boolean, int: Integer, float: Number, str: Text}
SEVERAL = (set, frozenset, list, tuple, Set, Sequence)
"""What holds several values of a Choice class: `set[Animal]`, `tuple[Animal, ...]`."""
# Those that users write otherwise: a class of theirs, or Python's own words.
OTHERWISE = {"choice", "boolean", "integer"}


# Packages whose objects people have in memory, where items name files.
OF_FILES = {"PIL", "numpy", "torch"}


def object_type(hint: Any) -> tuple[ObjectType, bool]:
    """The object type that a resolved type hint stands for, and whether a value is required."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *notes = get_args(hint)
        for note in notes:
            if isinstance(note, ObjectType) or _is_class(note, ObjectType):
                return _as_said(_plain_type(note), base), not _takes_none(base)
        return object_type(base)
    if origin in (Union, UnionType):
        others = [one for one in get_args(hint) if one is not NoneType]
        if len(others) != 1:
            raise SpecError(f"expected one object type, got {len(others)} of them: {_shown(hint)}; choose one")
        return object_type(others[0])[0], len(others) == len(get_args(hint))
    return _plain_type(hint), True


def _as_said(found: ObjectType, base: Any) -> ObjectType:
    """`Annotated[int, Number(0, 120)]` is of whole numbers."""
    whole = base is int or (int in get_args(base) and float not in get_args(base))
    return Integer.like(found) if whole and isinstance(found, Number) else found


def _plain_type(hint: Any) -> ObjectType:
    if isinstance(hint, ObjectType):
        return hint
    if _is_class(hint, ObjectType):
        try:
            return hint()  # type: ignore[no-any-return]
        except TypeError:
            raise SpecError(
                f"{hint.__name__} needs its settings, for example Rating(1, 5); got the bare class"
            ) from None
    if _is_class(hint, Choice):
        return ChoiceType.of(hint)
    if isinstance(hint, type) and hint in PYTHON_TYPES:
        return PYTHON_TYPES[hint]()
    if get_origin(hint) in SEVERAL:
        [*several] = {one for one in get_args(hint) if one is not ...}
        if len(several) == 1 and _is_class(several[0], Choice):
            return Several(several[0])
    raise SpecError(f"expected an object type ({_known()}), got {_shown(hint)}{_advice(hint)}")


def _known() -> str:
    """All object types as an annotation names them."""
    classes = [name.title().replace("-", "") for name in registry.names("objects") if name not in OTHERWISE]
    return f"{', '.join(classes)}, a Choice class, set[a Choice class], bool, int, float or str"


def _advice(hint: Any) -> str:
    """What to write for hints that mean something else elsewhere."""
    if get_origin(hint) is Literal:
        options = "; ".join(f"{_member(option)} = df.option({str(option)!r})" for option in get_args(hint)[:2])
        return f"; write the options as a class: class Answer(df.Choice): {options}"
    if _is_class(hint, Enum):
        return f"; derive it from df.Choice: class {hint.__name__}(df.Choice)"
    named = [value for name, value in vars(hint).items() if not name.startswith("_")] if isinstance(hint, type) else []
    if named and hint.__bases__ == (object,) and all(isinstance(value, str) for value in named):
        return f"; derive it from df.Choice: class {hint.__name__}(df.Choice)"
    kinds = {repr(one) for one in get_args(hint) if one is not ...}
    several = get_origin(hint) is tuple and len(kinds) > 1
    if several or hint is dict or get_origin(hint) is dict or is_typeddict(hint):
        return "; several questions are a class: class Answers(NamedTuple), with a line such as clear: bool for each"
    if isinstance(hint, type) and (issubclass(hint, PurePath | bytes) or hint.__module__.split(".")[0] in OF_FILES):
        return "; files are df.Image, df.Audio, df.Video or df.PointCloud, and cells of the data hold their paths"
    if any(hint is one or get_origin(hint) is one for one in SEVERAL):
        return "; several of the options of a class are set[Animal], with class Animal(df.Choice)"
    return ""


def _member(option: object) -> str:
    """A value as the name of an option."""
    name = re.sub(r"\W+", "_", str(option)).upper()
    return name if name.isidentifier() else f"OPTION_{name}"


def _is_class(hint: Any, base: type) -> bool:
    return isinstance(hint, type) and issubclass(hint, base)


def _takes_none(hint: Any) -> bool:
    return hint is None or NoneType in get_args(hint)


def _shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else repr(hint)


def fields_of(hint: Any, names: Mapping[str, Any]) -> dict[str, Any] | None:
    """Type hints of the fields of a dataclass or a NamedTuple in their order; None for everything else."""
    if not isinstance(hint, type) or issubclass(hint, ObjectType):
        return None
    if dataclasses.is_dataclass(hint):
        wanted = [field.name for field in dataclasses.fields(hint)]
    elif issubclass(hint, tuple) and hasattr(hint, "_fields"):
        wanted = list(hint._fields)
    else:
        return None
    inside: dict[str, Any] = {}
    for base in reversed(hint.__mro__):
        space = vars(sys.modules.get(base.__module__, sys)) | dict(names) | {base.__name__: base}
        for name, annotation in vars(base).get("__annotations__", {}).items():
            if name in wanted:
                inside[name] = resolved(annotation, space, {}, f"field {name!r} of {hint.__name__}")
    return {name: inside[name] for name in wanted if name in inside}


def resolved(annotation: Any, module: Mapping[str, Any], names: Mapping[str, Any], what: str) -> Any:
    """The object that an annotation means, be it written as text or not."""
    if isinstance(annotation, Choice):
        kind = type(annotation).__name__
        raise SpecError(f"{what}: expected a class of options, got its option {kind}.{annotation.name}; write {kind}")
    holder = SimpleNamespace(__annotations__={"hint": annotation})
    try:
        return get_type_hints(holder, dict(module), dict(names), include_extras=True)["hint"]
    except NameError as error:
        raise SpecError(
            f"{what}: the annotation {annotation!r} cannot be resolved: {error}; import or define it"
        ) from None
    except Exception as error:  # whatever the text of an annotation raises when it is run
        raise SpecError(f"{what}: the annotation {annotation!r} cannot be resolved: {error}") from None


def names_around(function: Callable[..., Any], frame: FrameType | None) -> dict[str, Any]:
    """Local names of the functions and classes that a function is defined in, seen from its caller's frame."""
    around: list[dict[str, Any]] = []
    whole = getattr(function, "__qualname__", "")
    while frame is not None:
        if whole.startswith(f"{frame.f_code.co_qualname}."):
            around.append(dict(frame.f_locals))
        frame = frame.f_back
    return {name: value for names in reversed(around) for name, value in names.items()}
