# Speech written down: recordings are cut, each piece is written by three people, checked, and all are joined.
from asyncio import gather
from typing import Annotated, Any

import dataforge as df


@df.task(duration="20s")
def pieces(recording: df.Audio) -> Annotated[list[Any], df.Segments()]:
    """Mark pieces of about five seconds that begin and end between words."""


@df.task(duration="30s")
def words(piece: df.Audio, attempt: int) -> df.Text:
    """Write down every word."""


@df.task(duration="15s")
def is_right(piece: df.Audio, text: df.Text) -> bool:
    """Is every word written down, and nothing else?"""


async def written(piece: Any) -> str:
    """A piece as a text, asked once more if others say that it is wrong."""
    for attempt in (1, 2):
        text = (await words(piece, attempt)).answer or ""
        if not text or (await is_right(piece, text)).answer:
            break
    return str(text)


@df.pipeline
async def speech(recording: df.Audio) -> dict[str, Any]:
    cuts = (await pieces(recording)).answer
    texts = await gather(*(written(recording.cut(cut["start"], cut["end"])) for cut in cuts))
    return {"pieces": len(cuts), "text": " ".join(texts)}
