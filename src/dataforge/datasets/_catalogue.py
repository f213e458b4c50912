"""Where the public data sets lie and how their files are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.datasets import _readers as readers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CATALOGUE", "Source"]

YANDEX = "https://tlk.s3.yandex.net/dataset/crowd-kit"
HUB = "https://huggingface.co/datasets"
COCO = f"{HUB}/toloka/crowdkit-datasets/resolve"
NETEASE = f"{HUB}/liuhyuu/NetEaseCrowd/resolve/58cab8743581a2647dcc86590a5a2aaf5429fa8c"


@dataclass(frozen=True, slots=True)
class Source:
    """A data set: its archive, the address of the archive's MD5, and the function that reads the unpacked files."""

    name: str
    description: str
    url: str
    checksum_url: str
    read: Callable[[Path], tuple[pd.DataFrame, pd.Series[Any]]]


def _at_yandex(
    name: str, description: str, read: Callable[[Path], tuple[pd.DataFrame, pd.Series[Any]]], file: str | None = None
) -> Source:
    """A data set of the Toloka collection."""
    stem = f"{YANDEX}/{file or name}"
    return Source(name, description, f"{stem}.zip", f"{stem}.md5", read)


def _crowdspeech(part: str) -> Source:
    """One of the four parts of CrowdSpeech."""
    text = f"Transcripts by crowd workers of the {part} recordings of LibriSpeech, several for each (CC BY 4.0)"
    return _at_yandex(f"crowdspeech-{part}", text, readers.transcripts)


CATALOGUE = (
    _at_yandex("relevance-2", "About 0.5 million answers whether a document fits a query; two labels", readers.labels),
    _at_yandex("relevance-5", "About 1 million answers how well a document fits a query; five grades", readers.labels),
    Source(
        "netease_crowd",
        "About 6 million answers to 1 million tasks by 2,400 workers of NetEase, over six months (CC BY-SA 4.0)",
        f"{NETEASE}/NetEaseCrowd.zip",
        f"{NETEASE}/NetEaseCrowd.md5",
        readers.netease,
    ),
    Source(
        "mscoco",
        "Masks of objects in 2,000 pictures of MS COCO, nine workers a picture (CC BY 4.0)",
        f"{COCO}/af2c00549cc026eaea80c18c54a686d98a58fd6e/mscoco.zip",
        f"{COCO}/79d5468d12d233153c0fdcee0dd61b98980ff7a4/mscoco.md5",
        readers.masks,
    ),
    Source(
        "mscoco_small",
        "Masks of objects in 100 pictures of MS COCO, nine workers a picture (CC BY 4.0)",
        f"{COCO}/0e0cac7f51869d4b20d83842c578ca3d013af7b7/mscoco_small.zip",
        f"{COCO}/bb48658b78db95845ff2a8d3db3e533a493ab819/mscoco_small.md5",
        readers.masks,
    ),
    _crowdspeech("dev-clean"),
    _crowdspeech("test-clean"),
    _crowdspeech("dev-other"),
    _crowdspeech("test-other"),
    _at_yandex(
        "imdb-wiki-sbs",
        "84,543 comparisons of two photos, who looks older, by 2,085 workers; true ages are known",
        readers.comparisons,
    ),
    _at_yandex(
        "nist-trec-relevance",
        "98,453 answers by 766 workers how well a page fits a query, from the TREC 2010 relevance feedback track",
        readers.labels,
        file="relevance",
    ),
)
