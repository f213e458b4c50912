"""Kernels: integer codes and floats in, floats out. They know no tables, names or files.

`parts` holds answers grouped by task and the small interface that algorithms run over; `reference` is the plain
numpy version of each pass over the answers, `compiled` the fast one, and `steps` picks between them. The other
modules hold one algorithm each, written once over `steps` whatever machine the parts lie on.
"""
