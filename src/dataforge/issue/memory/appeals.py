"""Appeals in memory."""

from __future__ import annotations

from dataforge.issue.rows import Appeal, PageRow

__all__ = ["Appeals"]


class Appeals:
    """Appeals by the numbers of their pages."""

    def __init__(self) -> None:
        self.rows: dict[int, Appeal] = {}

    def of(self, page: PageRow) -> Appeal | None:
        """The appeal against the page's rejection."""
        return self.rows.get(page.id)

    def save(self, page: PageRow, appeal: Appeal) -> None:
        """Keep a page's appeal."""
        self.rows[page.id] = appeal
