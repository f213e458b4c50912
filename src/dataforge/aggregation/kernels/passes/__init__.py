"""Passes over the answers, twice: `reference` in numpy is the meaning of each, `compiled` by numba is the fast one.

Both are tables of the same functions (`table.Passes`); a property test holds the one to the other. `choice` says which
of them a fit is worth. The compiled ones are optional: where numba is not installed the reference passes run.
"""
