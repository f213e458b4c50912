"""Mergers: one answer out of several, one file for each type of answers that are no labels."""
