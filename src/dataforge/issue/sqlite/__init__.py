"""Issue's store in SQLite, and what a server keeps beside it: one file per table or question, written as SQL.

Each class answers the questions about one thing on one connection; what changes something is called inside a writer's
transaction.
"""
