"""Measures of what is drawn: cuboids, tracks, masks, and what cameras see. Pure; the pages reckon alike."""
