"""Kernels: integer codes in, floats out; a plain numpy form of each, and a compiled one where it pays."""
