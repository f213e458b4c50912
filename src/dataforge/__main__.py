"""`python -m dataforge` is the `dataforge` command."""

from __future__ import annotations

from dataforge.cli import main

if __name__ == "__main__":
    main()
