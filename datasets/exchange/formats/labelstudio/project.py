"""Label Studio's JSON: a list of tasks with annotations and predictions, and the labeling interface in `config.xml`.

Rectangles, polygons, brush masks, key points, choices; attributes of regions (choices, number, rating, text). A
rectangle that is turned becomes a polygon with the attribute `rotation`. Places are percent of the image. The first
annotation of a task that was not cancelled is the field itself, those of other people and predictions are fields beside
it. All else of a task is kept as it is in the field `labelstudio` of its sample, so that it goes out again.
"""

import json
from pathlib import Path
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.imagenames import ways
from datasets.exchange.formats.common.jsonlists import read_list
from datasets.exchange.formats.common.parsing import read_head
from datasets.exchange.formats.labelstudio import short
from datasets.exchange.formats.labelstudio.config import Config
from datasets.exchange.formats.labelstudio.tasks import Reader
from datasets.exchange.formats.labelstudio.writing import write
from datasets.exchange.formats.several import gathered
from datasets.images.probe import shown_size
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, KEYPOINTS, POLYLINES
from datasets.records import ImageRecord, Progress, no_progress

__all__ = ["ABOUT", "ACCEPTS", "NAME", "SEVERAL", "TITLE", "read", "sniff", "write"]

NAME = "labelstudio"
TITLE = "Label Studio JSON"
ACCEPTS = (DETECTIONS, POLYLINES, KEYPOINTS, CLASSIFICATION, CLASSIFICATIONS, None)
SEVERAL = True
ABOUT = {"labelstudio": "string"}  # the task as JSON, without what its labels hold
_HEAD = 65_536
_LONGEST = 1_000_000


def sniff(path: Path) -> Sniff:
    """A json file that begins like a list of tasks, or a folder with one at its top."""
    found = _source(path)
    return Sniff(0.94, f"{found.name} with tasks and annotations") if found else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All tasks of the file with an image. Raises FormatError when there is none."""
    source, findings, bounds = _source(path), Findings(), bounds or Bounds.of(path)
    if source is None:
        raise FormatError(f"{path}: expected a json file with a list of tasks, found none; export the project as JSON")
    reader = Reader(Config.beside(source, findings), findings)
    records: list[ImageRecord] = []
    seen = 0

    def take(task: object) -> None:
        nonlocal seen
        seen += 1
        progress(0, 0)
        record = _record(short.whole(task), f"{source.name}: task {seen}", source, bounds, reader)
        if record is not None:
            records.append(record)

    read_list(source, take)
    if not seen:
        raise FormatError(f"{source}: expected tasks, found none; export the project as JSON")
    return gathered(records, reader.schema(), findings, ABOUT)


def _record(task: object, where: str, source: Path, bounds: Bounds, reader: Reader) -> ImageRecord | None:
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        reader.findings.warn("bad_task", where, "a task with data", type(task).__name__, "it is left out")
        return None
    name = _image(task["data"])
    if name is None:
        reader.findings.warn("no_image", where, "data that name an image", str(task["data"])[:80], "it is left out")
        return None
    path = _path(name, source, bounds)
    if path is None:
        return None
    split = files.split_of(str(task["data"].get("split"))) or None
    others, size = reader.labels(task, where, lambda: shown_size(path))
    text = json.dumps(task, ensure_ascii=False, separators=(",", ":"))
    if len(text) > _LONGEST:
        found = f"{len(text):,} letters"
        reader.findings.warn("long_task", where, f"a task of at most {_LONGEST:,} letters", found, "its ids are lost")
    about = {"labelstudio": text} if len(text) <= _LONGEST and reader.foreign(task) else {}
    width, height = size or (None, None)
    return ImageRecord(files.resolved(path), split, width, height, others=others, about=about)


def _image(data: dict[str, Any]) -> str | None:
    """The name of the image of a task: what is called image, else what looks like one."""
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    named = [texts[key] for key in ("image", "img", "url") if texts.get(key)]
    return next(iter(named + [one for one in texts.values() if any(map(files.is_image, ways(one)))]), None)


def _path(name: str, source: Path, bounds: Bounds) -> Path | None:
    top = source.parent
    folders = [one for one in (top, top / "images", bounds.root, bounds.root / "images") if bounds.holds(one)]
    return bounds.image(name, folders, source)


def _source(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() == ".json" and _looks_like_tasks(path) else None
    return next((one for one in sorted(path.glob("*.json")) if one.is_file() and _looks_like_tasks(one)), None)


def _looks_like_tasks(path: Path) -> bool:
    head = read_head(path, _HEAD).lstrip()
    named = ('"annotations"', '"predictions"', '"result"')
    whole = '"data"' in head and any(key in head for key in named)
    return head[:1] == "[" and (whole or short.looks_short(head))
