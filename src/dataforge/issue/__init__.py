"""Issue: which worker gets which items, for how long, and what becomes of their pages.

Written once against `Store`; the server keeps it in SQLite, the simulated platform in memory.
See docs/write-your-own-store.md.
"""

from dataforge.issue.store import Store

__all__ = ["Store"]
