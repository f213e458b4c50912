"""DataForge turns a typed Python function into labelled data with a confidence that can be trusted.

import dataforge as df

class Animal(df.Choice):
    DOG = df.option("dog", ru="собака")
    CAT = df.option("cat", ru="кошка")

@df.task(duration="10s")
def animal(photo: df.Image) -> Animal:
    \"\"\"Which animal is in the photo?\"\"\"
    ...

run = df.launch(animal, items="photos.csv", control="control.csv")
run.wait()
run.labels()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from dataforge.arguments import no_attribute

if TYPE_CHECKING:
    from dataforge.active_learning.course import StopRule as StopRule
    from dataforge.active_learning.handle import Loop as Loop
    from dataforge.active_learning.launching import loop as loop
    from dataforge.comparing.clustering import Clustered as Clustered
    from dataforge.comparing.clustering import cluster as cluster
    from dataforge.comparing.clustering import open_clustered as open_clustered
    from dataforge.comparing.ranking import Ranked as Ranked
    from dataforge.comparing.ranking import open_ranked as open_ranked
    from dataforge.comparing.ranking import rank as rank
    from dataforge.data.items import Items as Items
    from dataforge.data.reading import read_items as read_items
    from dataforge.errors import DataError as DataError
    from dataforge.errors import DataForgeError as DataForgeError
    from dataforge.errors import RunError as RunError
    from dataforge.errors import SpecError as SpecError
    from dataforge.formats.chat import read_chat as read_chat
    from dataforge.formats.coco import read_coco as read_coco
    from dataforge.formats.conll import read_conll as read_conll
    from dataforge.formats.cvat import read_cvat as read_cvat
    from dataforge.formats.cvat_video import read_cvat_video as read_cvat_video
    from dataforge.formats.kitti import read_kitti as read_kitti
    from dataforge.formats.kitti_tracking import read_kitti_tracking as read_kitti_tracking
    from dataforge.formats.label_studio import read_label_studio as read_label_studio
    from dataforge.formats.mot import read_mot as read_mot
    from dataforge.formats.nuscenes import read_nuscenes as read_nuscenes
    from dataforge.formats.png import read_png as read_png
    from dataforge.formats.spacy import read_spacy as read_spacy
    from dataforge.formats.srt import read_srt as read_srt
    from dataforge.formats.sustech import read_sustech as read_sustech
    from dataforge.formats.textgrid import read_textgrid as read_textgrid
    from dataforge.formats.voc import read_voc as read_voc
    from dataforge.formats.webvtt import read_webvtt as read_webvtt
    from dataforge.formats.yolo import read_yolo as read_yolo
    from dataforge.launching import launch as launch
    from dataforge.models import Chat as Chat
    from dataforge.models import Model as Model
    from dataforge.objects.audio import Audio as Audio
    from dataforge.objects.boxes import Boxes as Boxes
    from dataforge.objects.calibration import Calibration as Calibration
    from dataforge.objects.choice import Choice as Choice
    from dataforge.objects.choice import option as option
    from dataforge.objects.cuboids import Cuboids as Cuboids
    from dataforge.objects.dialogue import Dialogue as Dialogue
    from dataforge.objects.image import Image as Image
    from dataforge.objects.lines import Lines as Lines
    from dataforge.objects.links import Links as Links
    from dataforge.objects.mask import Mask as Mask
    from dataforge.objects.mos import Mos as Mos
    from dataforge.objects.number import Number as Number
    from dataforge.objects.point_cloud import PointCloud as PointCloud
    from dataforge.objects.points import Points as Points
    from dataforge.objects.polygons import Polygons as Polygons
    from dataforge.objects.ranking import Ranking as Ranking
    from dataforge.objects.rating import Rating as Rating
    from dataforge.objects.recording import Recording as Recording
    from dataforge.objects.scene import Scene as Scene
    from dataforge.objects.segments import Segments as Segments
    from dataforge.objects.several import Several as Several
    from dataforge.objects.side_by_side import SideBySide as SideBySide
    from dataforge.objects.spans import Spans as Spans
    from dataforge.objects.text import Text as Text
    from dataforge.objects.track import Track as Track
    from dataforge.objects.turn_spans import TurnSpans as TurnSpans
    from dataforge.objects.turns import Turns as Turns
    from dataforge.objects.upload import Upload as Upload
    from dataforge.objects.video import Video as Video
    from dataforge.pipelines.function import pipeline as pipeline
    from dataforge.pipelines.function import step as step
    from dataforge.policy import ControlRule as ControlRule
    from dataforge.policy import Policy as Policy
    from dataforge.policy import ReportRule as ReportRule
    from dataforge.policy import SkipRule as SkipRule
    from dataforge.policy import SpeedRule as SpeedRule
    from dataforge.policy import Workers as Workers
    from dataforge.pricing.page_options import price_options as price_options
    from dataforge.pricing.page_widget import price_form as price_form
    from dataforge.runs.handle.follow import FinalAnswer as FinalAnswer
    from dataforge.runs.handle.listing import list_runs as list_runs
    from dataforge.runs.handle.people import workers as workers
    from dataforge.runs.handle.preview import preview as preview
    from dataforge.runs.handle.run import Run as Run
    from dataforge.runs.handle.run import open_run as open_run
    from dataforge.runs.handle.trial import Trial as Trial
    from dataforge.runs.handle.trial import open_trial as open_trial
    from dataforge.runs.handle.try_out import try_out as try_out
    from dataforge.runs.handle.verification import Verification as Verification
    from dataforge.runs.handle.verification import verify as verify
    from dataforge.tasks.signature import task as task
    from dataforge.tasks.task import Task as Task

__version__ = "0.1.0"

# Public name -> module. Names are loaded when first used, so that `import dataforge` costs next to nothing.
_HOMES = {
    "Audio": "dataforge.objects.audio",
    "Boxes": "dataforge.objects.boxes",
    "Calibration": "dataforge.objects.calibration",
    "Chat": "dataforge.models",
    "Choice": "dataforge.objects.choice",
    "Clustered": "dataforge.comparing.clustering",
    "ControlRule": "dataforge.policy",
    "Cuboids": "dataforge.objects.cuboids",
    "DataError": "dataforge.errors",
    "DataForgeError": "dataforge.errors",
    "Dialogue": "dataforge.objects.dialogue",
    "FinalAnswer": "dataforge.runs.handle.follow",
    "Image": "dataforge.objects.image",
    "Items": "dataforge.data.items",
    "Lines": "dataforge.objects.lines",
    "Links": "dataforge.objects.links",
    "Loop": "dataforge.active_learning.handle",
    "Mask": "dataforge.objects.mask",
    "Model": "dataforge.models",
    "Mos": "dataforge.objects.mos",
    "Number": "dataforge.objects.number",
    "PointCloud": "dataforge.objects.point_cloud",
    "Points": "dataforge.objects.points",
    "Policy": "dataforge.policy",
    "Polygons": "dataforge.objects.polygons",
    "Ranked": "dataforge.comparing.ranking",
    "Ranking": "dataforge.objects.ranking",
    "Rating": "dataforge.objects.rating",
    "Recording": "dataforge.objects.recording",
    "ReportRule": "dataforge.policy",
    "Run": "dataforge.runs.handle.run",
    "RunError": "dataforge.errors",
    "Scene": "dataforge.objects.scene",
    "Segments": "dataforge.objects.segments",
    "Several": "dataforge.objects.several",
    "SideBySide": "dataforge.objects.side_by_side",
    "SkipRule": "dataforge.policy",
    "Spans": "dataforge.objects.spans",
    "SpecError": "dataforge.errors",
    "SpeedRule": "dataforge.policy",
    "StopRule": "dataforge.active_learning.course",
    "Task": "dataforge.tasks.task",
    "Text": "dataforge.objects.text",
    "Track": "dataforge.objects.track",
    "Trial": "dataforge.runs.handle.trial",
    "TurnSpans": "dataforge.objects.turn_spans",
    "Turns": "dataforge.objects.turns",
    "Upload": "dataforge.objects.upload",
    "Verification": "dataforge.runs.handle.verification",
    "Video": "dataforge.objects.video",
    "Workers": "dataforge.policy",
    "cluster": "dataforge.comparing.clustering",
    "launch": "dataforge.launching",
    "list_runs": "dataforge.runs.handle.listing",
    "loop": "dataforge.active_learning.launching",
    "open_clustered": "dataforge.comparing.clustering",
    "open_ranked": "dataforge.comparing.ranking",
    "open_run": "dataforge.runs.handle.run",
    "open_trial": "dataforge.runs.handle.trial",
    "option": "dataforge.objects.choice",
    "pipeline": "dataforge.pipelines.function",
    "preview": "dataforge.runs.handle.preview",
    "price_form": "dataforge.pricing.page_widget",
    "price_options": "dataforge.pricing.page_options",
    "rank": "dataforge.comparing.ranking",
    "read_chat": "dataforge.formats.chat",
    "read_coco": "dataforge.formats.coco",
    "read_conll": "dataforge.formats.conll",
    "read_cvat": "dataforge.formats.cvat",
    "read_cvat_video": "dataforge.formats.cvat_video",
    "read_items": "dataforge.data.reading",
    "read_kitti": "dataforge.formats.kitti",
    "read_kitti_tracking": "dataforge.formats.kitti_tracking",
    "read_label_studio": "dataforge.formats.label_studio",
    "read_mot": "dataforge.formats.mot",
    "read_nuscenes": "dataforge.formats.nuscenes",
    "read_png": "dataforge.formats.png",
    "read_spacy": "dataforge.formats.spacy",
    "read_srt": "dataforge.formats.srt",
    "read_sustech": "dataforge.formats.sustech",
    "read_textgrid": "dataforge.formats.textgrid",
    "read_voc": "dataforge.formats.voc",
    "read_webvtt": "dataforge.formats.webvtt",
    "read_yolo": "dataforge.formats.yolo",
    "step": "dataforge.pipelines.function",
    "task": "dataforge.tasks.signature",
    "try_out": "dataforge.runs.handle.try_out",
    "verify": "dataforge.runs.handle.verification",
    "workers": "dataforge.runs.handle.people",
}

__all__ = [
    "Audio",
    "Boxes",
    "Calibration",
    "Chat",
    "Choice",
    "Clustered",
    "ControlRule",
    "Cuboids",
    "DataError",
    "DataForgeError",
    "Dialogue",
    "FinalAnswer",
    "Image",
    "Items",
    "Lines",
    "Links",
    "Loop",
    "Mask",
    "Model",
    "Mos",
    "Number",
    "PointCloud",
    "Points",
    "Policy",
    "Polygons",
    "Ranked",
    "Ranking",
    "Rating",
    "Recording",
    "ReportRule",
    "Run",
    "RunError",
    "Scene",
    "Segments",
    "Several",
    "SideBySide",
    "SkipRule",
    "Spans",
    "SpecError",
    "SpeedRule",
    "StopRule",
    "Task",
    "Text",
    "Track",
    "Trial",
    "TurnSpans",
    "Turns",
    "Upload",
    "Verification",
    "Video",
    "Workers",
    "cluster",
    "launch",
    "list_runs",
    "loop",
    "open_clustered",
    "open_ranked",
    "open_run",
    "open_trial",
    "option",
    "pipeline",
    "preview",
    "price_form",
    "price_options",
    "rank",
    "read_chat",
    "read_coco",
    "read_conll",
    "read_cvat",
    "read_cvat_video",
    "read_items",
    "read_kitti",
    "read_kitti_tracking",
    "read_label_studio",
    "read_mot",
    "read_nuscenes",
    "read_png",
    "read_spacy",
    "read_srt",
    "read_sustech",
    "read_textgrid",
    "read_voc",
    "read_webvtt",
    "read_yolo",
    "step",
    "task",
    "try_out",
    "verify",
    "workers",
]


# What people look for here by another name.
_INSTEAD = {
    "Bool": "write bool, Python's own",
    "BoundingBox": "did you mean 'Boxes'?",
    "Class": "write a class of options: class Animal(df.Choice)",
    "Enum": "write a class of options: class Animal(df.Choice)",
    "Int": "write int, Python's own, or df.Number(low, high)",
    "Item": "write a list of dicts or a DataFrame, with a column for each input",
    "Worker": "simulated ones are in dataforge.simulation",
    "aggregate": "it is in dataforge.aggregation.command; a run's own labels are run.labels()",
    "Polygon": "did you mean 'Polygons'?",
    "experts": "experts come by df.try_out(task, items, experts=…) and df.verify(run, experts=…)",
    "label": "`dataforge label` on the command line lets you answer yourself",
    "simulate": "write from dataforge.simulation import simulate",
    "status": "write df.open_run(name).status()",
    "load_dataset": "write from dataforge.datasets import load_dataset",
}


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise no_attribute(__name__, name, __all__, _INSTEAD.get(name)) from None
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
