"""The database, written as SQL: one file per table or question, one function per thing asked.

Functions take the connection first. Those that change something are called inside a writer's transaction.
"""
