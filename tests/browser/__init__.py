"""Tests of the pages; a package, so that one Chromium serves all of its files and none that come after it."""
