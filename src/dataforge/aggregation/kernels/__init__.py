"""Kernels: integer codes and floats in, floats out. They know no tables, names or files.

`parts` holds answers grouped by task, `engine` the small interface that algorithms run over. `passes` are what goes
over the answers, in numpy and compiled; `steps` names them for algorithms. `ties` has the one tie rule,
`probabilities` the one way from weights to probabilities. Sums that may not depend on any order are those of `exact`.
The other modules hold one algorithm each, written once whatever machine the parts lie on, for estimators and for runs.
"""
