"""A run's feed: what comes to it after its launch, items, corrections and changes, in one SQLite file of its folder.

Whoever drives the run, any process may add at any time. What `add` has acknowledged is on the disk; the driver takes
it from here. Adding is idempotent: an item that is known by its key and has the same content is not taken again.
"""

from dataforge.feed._answers import KnownKeys
from dataforge.feed._corrections import new_bonuses
from dataforge.feed._feed import FEED_FILE, ITEMS_FILE, Feed, FeedState, refuse_idle_controls

__all__ = ["FEED_FILE", "ITEMS_FILE", "Feed", "FeedState", "KnownKeys", "new_bonuses", "refuse_idle_controls"]
