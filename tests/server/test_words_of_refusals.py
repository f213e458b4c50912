"""Whatever the server refuses a worker, their page has words for it, and no code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import dataforge

SOURCE = Path(dataforge.__file__).parent
MESSAGES = Path(__file__).parents[2] / "ui/src/messages"

# What refuses what a worker's page asks.
MODULES = (
    "issue/submit.py",
    "issue/train.py",
    "issue/appeals.py",
    "issue/written.py",
    "server/workers/work.py",
    "server/workers/mending.py",
    "server/workers/training.py",
    "server/workers/sent.py",
    "server/workers/worker_files.py",
    "server/workers/about.py",
)
# What no worker comes to read, and why.
UNREAD = {
    "training_over": "the page loads the training anew",
    "page_shown": "a page is handed back when its screen is left",
    "output_unknown": "the page asks for no file that the task does not",
    "not_alone": "the page offers to mend where one labels alone",
    "not_sent": "the page offers to mend what was sent",
    "storage_full": "it is sent again by itself",
    "appeal_unknown": "the requester's",
    "appeal_decided": "the requester's",
    "budget_spent": "the requester's",
}


def refusals() -> set[str]:
    told = (re.findall(r'code="([a-z_]+)"(?: if \w+ else "([a-z_]+)")?', _text(module)) for module in MODULES)
    return {code for found in told for codes in found for code in codes if code}


def _text(module: str) -> str:
    return (SOURCE / module).read_text("utf-8")


def test_the_table_of_what_nobody_reads_names_what_there_is() -> None:
    assert UNREAD.keys() <= refusals()


@pytest.mark.parametrize("language", ["en", "ru", "tr", "kk", "uz", "es"])
def test_every_refusal_that_a_worker_may_read_has_words(language: str) -> None:
    words = json.loads((MESSAGES / f"worker.{language}.json").read_text("utf-8"))
    assert [code for code in sorted(refusals() - UNREAD.keys()) if f"error_{code}" not in words] == []
