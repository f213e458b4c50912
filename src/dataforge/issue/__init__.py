"""Issue: which worker gets which items, for how long, and what becomes of their pages.

Written once against `Store`; the server keeps it in SQLite, the simulated platform in memory.
"""
