"""The circle of a model and the people who teach it: which items they label next follows from what it knows."""
