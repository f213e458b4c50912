"""Pictures in dialogues that lie elsewhere: whoever hosts them sees where workers' browsers ask from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pyarrow.compute as pc

from dataforge.catalogue import say
from dataforge.data.items import Items
from dataforge.objects.dialogue import Dialogue
from dataforge.records import Texts

__all__ = ["elsewhere_notices"]

MOST_NAMED = 5
# As dialogues are kept: in a text that looks like it the quotation marks would stand behind backslashes.
BEGINNING = '"url":"http'
ADDRESS = re.compile(r'"url":"https?://([^/"?#\\]+)')


def elsewhere_notices(items: Items) -> Iterator[Texts]:
    """That dialogues show pictures which lie elsewhere, and where, if they do.

    Their authors chose the addresses, not the requester: a picture may be there to learn who reads the dialogue.
    """
    pictures: Counter[str] = Counter()
    for slot in items.task.inputs:
        if slot.type.name == Dialogue.name:
            column = items.values.column(slot.name)
            for text in column.filter(pc.match_substring(column, BEGINNING)).to_pylist():
                pictures.update(host.rpartition("@")[2].lower() for host in ADDRESS.findall(text))
    if pictures:
        named = [host for host, _ in pictures.most_common(MOST_NAMED)]
        hosts = ", ".join(named) + (", …" if len(pictures) > MOST_NAMED else "")
        yield say("pictures_elsewhere", number=pictures.total(), hosts=hosts)
