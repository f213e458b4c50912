"""Kernels: integer codes and floats in, floats out. They know no tables, names or files.

`parts` holds answers grouped by task and the small interface that algorithms run over; `reference` is the plain
numpy version of each pass over the answers, the modules `…_compiled` are the fast ones by theme, and `steps` picks
between them. Sums that may not depend on any order are those of `exact`. The other modules hold one algorithm each,
written once whatever machine the parts lie on.
"""
