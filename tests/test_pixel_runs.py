"""Runs of pixels are those of COCO's own tools, whatever the mask and however it is written."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from dataforge.errors import DataError
from dataforge.geometry.pixel_runs import (
    codes_of,
    common,
    counts_of,
    pixels_of,
    runs_of,
    runs_of_pixels,
    size_of,
    text_of,
)


@st.composite
def masks(draw: Any) -> Any:
    """A mask of any size, 1 × 1 too, that is empty, full, or anything between."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    share = draw(st.sampled_from([0.0, 0.02, 0.5, 0.98, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    return rng.random((height, width)) < share


@given(mask=masks())
@settings(max_examples=200, deadline=None)
def test_strings_are_those_of_the_fields_own_tool_both_ways(mask: Any) -> None:
    height, width = mask.shape
    theirs = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    runs = runs_of_pixels(mask)
    assert text_of(runs, mask.size) == theirs
    assert runs_of(counts_of(theirs), mask.size).tolist() == runs.tolist()
    assert (pixels_of(runs, width, height) == mask).all()
    assert size_of(runs) == mask.sum()
    assert (coco.decode({"size": [height, width], "counts": text_of(runs, mask.size)}) == mask).all()


def test_a_mask_of_a_large_picture_is_read_as_their_tool_writes_it() -> None:
    y, x = np.mgrid[:2405, :2313]
    mask = ((x - 1100) ** 2 + (y - 1200) ** 2 < 900**2) & ((x + y) % 97 > 3)
    theirs = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    assert text_of(runs_of_pixels(mask), mask.size) == theirs
    assert (pixels_of(runs_of(counts_of(theirs), mask.size), 2313, 2405) == mask).all()


@given(one=masks(), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_what_two_masks_share_is_what_their_pixels_share(one: Any, seed: int) -> None:
    other = np.random.default_rng(seed).random(one.shape) < 0.4
    assert common(runs_of_pixels(one), runs_of_pixels(other)) == (one & other).sum()
    codes = codes_of([runs_of_pixels(one), runs_of_pixels(other & ~one)], one.shape[1], one.shape[0])
    assert (codes == np.where(one, 1, np.where(other, 2, 0))).all()


def test_runs_that_nothing_parts_are_one_and_empty_ones_are_none() -> None:
    assert runs_of([2, 3, 0, 1, 4, 0, 0], 10).tolist() == [[2, 6]]
    assert runs_of([0, 0, 10], 10).tolist() == []


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ([5, 4], "runs of 10 pixels in all, got 9"),
        ([5, -1, 6], "whole numbers from 0 to 10, got -1"),
        ([True, 9], "whole numbers from 0 to 10"),
        ([2**70], "whole numbers from 0 to 10"),
        ([5.0, 5], "whole numbers from 0 to 10"),
        ([], "runs of 10 pixels in all, got 0"),
    ],
)
def test_lengths_that_make_no_mask_are_refused(counts: Any, why: str) -> None:
    with pytest.raises(DataError, match=why):
        runs_of(counts, 10)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends within a number"),
        ("1P", "ends within a number"),
        ("0é", "characters from '0' to 'o', got 'é'"),
        ("\ud800", "got '\\\\ud800'"),
        ("5 5", "got ' '"),
        ("PPPPPPPPPP1", "at most 7 characters a number, got 11"),
    ],
)
def test_strings_that_hold_no_lengths_are_refused(text: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        counts_of(text)
    with pytest.raises(DataError):
        runs_of(counts_of("@"), 10)  # below nothing
