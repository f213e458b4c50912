"""JSON files that values of the user name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dataforge.errors import DataError

__all__ = ["json_in"]

LARGEST = 1 << 20


def json_in(path: Path, what: str) -> Any:
    """What a small JSON file holds; raises `DataError` that names it."""
    shown = repr(str(path)[-200:])
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"the file {shown} is too large for a {what}")
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"cannot read the file {shown}: {error.strerror}; check the path") from None
    except ValueError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"the file {shown} is no JSON: {error}; mend it there") from None
