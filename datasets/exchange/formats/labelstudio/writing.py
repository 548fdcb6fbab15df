"""Writing Label Studio's JSON: `tasks.json`, the interface `config.xml`, and the images in `images`."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasets.errors import EvaluationError
from datasets.exchange.formats.base import Draft, Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.turned_boxes import rectangle
from datasets.exchange.formats.labelstudio.brush_rle import encoded
from datasets.exchange.formats.labelstudio.config import CONTROLS, FILE, NAMES, OWN, written
from datasets.exchange.formats.labelstudio.tasks import MARK, PREDICTED, groups, results
from datasets.exchange.formats.several import parts
from datasets.images import masks
from datasets.images.outlines import pasted
from datasets.kinds import KEYPOINT, Kind
from datasets.labelschema import Schema, SchemaClass
from datasets.records import Finding, ImageRecord, Label, Progress, no_progress

_TYPES = {"choices": "choices", "text": "textarea", "number": "number"}
Held = tuple[Kind, Label]


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """A task for each record. One that came from Label Studio keeps its ids, and whatever else it held."""
    findings = Findings()
    plain = Schema.model_construct(classes=tuple(SchemaClass.model_construct(name=name) for name in draft.classes))
    tasks = [_told(record) for record in draft.records]
    writer = _Writer(draft, draft.schema or plain, findings, _controls(tasks))
    (folder / "images").mkdir()
    made = []
    for number, (record, name, task) in enumerate(
        zip(draft.records, files.file_names(draft.records), tasks, strict=True)
    ):
        files.place(record.path, folder / "images" / name, draft.media)
        made.append(writer.task(record, name, task))
        progress(number + 1, len(draft.records))
    files.write_json(folder / "tasks.json", made)
    (folder / FILE).write_bytes(written(writer.schema, writer.types or ["rectanglelabels"], writer.names))
    return findings.all()


def _told(record: ImageRecord) -> dict[str, Any] | None:
    text = record.about.get("labelstudio")
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("data"), dict) else None


def _controls(tasks: Sequence[dict[str, Any] | None]) -> dict[str, tuple[str, str]]:
    """The names that the project uses for the control of each type of result, and for its image."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for task in tasks:
        for _, part in groups(task) if task else ():
            for one in results(part):
                name = str(one.get("from_name")), str(one.get("to_name"))
                found.setdefault(str(one.get("type")), Counter())[name] += 1
    return {kind: names.most_common(1)[0][0] for kind, names in found.items()}


class _Writer:
    """Makes tasks of records."""

    def __init__(self, draft: Draft, schema: Schema, findings: Findings, controls: dict[str, tuple[str, str]]) -> None:
        self.draft, self.schema, self.findings, self.controls = draft, schema, findings, controls
        self.types: list[str] = []
        self.names = {kind: name for kind, (name, _) in controls.items()}
        self.groups = {key.removesuffix(f"_{kind.name}") for key, kind in draft.others.items()}
        self.count = 0
        self.titles = {one.name: (one.title or one.name, one.kind) for one in schema.attributes}

    def task(self, record: ImageRecord, name: str, told: dict[str, Any] | None) -> dict[str, Any]:
        """The task of a record."""
        made = told or {"data": self._data(record, name), "annotations": [], "predictions": []}
        known, held = dict(groups(made)), parts(self.draft, record)
        for group in dict.fromkeys((*known, *held)):
            labels = [(kind, label) for kind, found in held.get(group, ()) for label in found]
            if group in known or labels:
                part = known.get(group) or self._part(made, group)
                part["result"] = list(self._results(part, labels, record))
        left_out = [known[one] for one in known if one.startswith(PREDICTED) and one not in self.groups]
        if left_out:
            made["predictions"] = [one for one in made["predictions"] if not any(one is part for part in left_out)]
        return made

    def _data(self, record: ImageRecord, name: str) -> dict[str, Any]:
        path = str(record.path) if self.draft.media == "none" else f"images/{name}"
        split = {"split": record.split} if record.split else {}
        return {"image": f"/data/local-files/?d={quote(path)}", **split}

    def _part(self, task: dict[str, Any], group: str) -> dict[str, Any]:
        made: dict[str, Any] = {"result": []}
        if group.startswith(PREDICTED):
            made["model_version"] = group.removeprefix(PREDICTED)
        place = task.setdefault("predictions" if group.startswith(PREDICTED) else "annotations", [])
        place.append(made)
        return made

    def _results(self, part: dict[str, Any], labels: Sequence[Held], record: ImageRecord) -> Iterator[dict[str, Any]]:
        """What was there, with the values of the labels as they are now; then what is new. Deleted ones are gone."""
        held: dict[str, list[Held]] = {}
        for kind, label in labels:
            held.setdefault(str(label.attributes.get("labelstudio_id") or label.id or id(label)), []).append(
                (kind, label)
            )
        done: set[tuple[str, str]] = set()
        ids: set[str] = set()
        for one in results(part):
            mark, at = one.pop(MARK, None), one.pop("foveal_at", None)
            if mark is None:
                yield one
                continue
            key = str(one.get("id"))
            ids.add(key)
            if key in held:
                yield from self._again(one, mark, at, held[key], record)
                done.add((key, str(at[1]) if at else mark))
        for key, found in held.items():
            yield from self._new(key, found, record, done if key in ids else None)

    def _again(
        self, one: dict[str, Any], mark: str, at: Any, held: Sequence[Held], record: ImageRecord
    ) -> Iterator[dict[str, Any]]:
        kind, label = held[0]
        if mark == "choices":
            yield {**one, "value": {**one["value"], "choices": [label.label for _, label in held]}}
        elif mark == "attribute":
            value = label.attributes.get(at[1])
            if value is not None:
                several = at[0] in ("choices", "text") and not isinstance(value, list)
                yield {**one, "value": {**one["value"], at[0]: [value] if several else value}}
        else:
            yield from self._placed_again(one, mark, kind, label, record)

    def _placed_again(
        self, one: dict[str, Any], mark: str, kind: Kind, label: Label, record: ImageRecord
    ) -> Iterator[dict[str, Any]]:
        """A result that drew or named a region; as another type where the region is of another kind by now."""
        place = self._place(kind, label, record, say_closed="closed" in one["value"])
        if place is None:
            return
        named, value = str(one.get("type")), one["value"]
        if isinstance(value.get(named), list) and value[named][:1] != [label.label]:
            value = {**value, named: [label.label]}
        score = {"score": label.confidence} if label.confidence is not None and mark == "shape" else {}
        if named in CONTROLS and named != place[0] and mark == "shape":
            made = self._result(str(one.get("id")), place[0], {**place[1], place[0]: [label.label]}, record, label)
            yield {**one, **made}
        else:
            yield {**one, **score, "value": value if mark == "class" else {**value, **place[1]}}

    def _new(
        self, key: str, held: Sequence[Held], record: ImageRecord, done: set[tuple[str, str]] | None
    ) -> Iterator[dict[str, Any]]:
        kind, label = held[0]
        self.count += 1
        region = key if "labelstudio_id" in label.attributes or label.id else f"region_{self.count}"
        if done is None and kind.of_class:
            yield self._result(region, "choices", {"choices": [one.label for _, one in held]}, record, label)
        elif done is None:
            place = self._place(kind, label, record)
            if place is None:
                return
            yield self._result(region, place[0], {**place[1], place[0]: [label.label]}, record, label)
        for name, value in label.attributes.items():
            if (
                name in OWN
                or (done is not None and (key, name) in done)
                or not isinstance(value, bool | int | float | str)
            ):
                continue
            title, said = self.titles.get(name, (name, None))
            number = isinstance(value, int | float) and not isinstance(value, bool)
            at = "number" if number else "text" if said in (None, "text") and isinstance(value, str) else "choices"
            text = str(value).lower() if isinstance(value, bool) else value
            made = self._result(region, _TYPES[at], {at: value if number else [text]}, record, None)
            yield {**made, "from_name": title}

    def _result(
        self, key: str, kind: str, value: dict[str, Any], record: ImageRecord, label: Label | None
    ) -> dict[str, Any]:
        name, image = self.controls.get(kind, (NAMES.get(kind, kind), self.controls.get("", ("", "image"))[1]))
        if kind in NAMES and kind not in self.types:
            self.types.append(kind)
        score = {"score": label.confidence} if label and label.confidence is not None else {}
        size = {"original_width": record.width, "original_height": record.height, "image_rotation": 0}
        return {"id": key, "type": kind, "from_name": name, "to_name": image, **size, "value": value, **score}

    def _place(
        self, kind: Kind, label: Label, record: ImageRecord, *, say_closed: bool = True
    ) -> tuple[str, dict[str, Any]] | None:
        """The type of the result of a label, and its place in percent of the image."""
        size = record.width or 1, record.height or 1
        if kind.boxes:
            return self._box(label, size, f"{record.path}: {label.label}")
        several = label.points or ()
        if len(several) != 1 or (kind.item_class == KEYPOINT.item_class and len(several[0]) != 1):
            expected, found = "shapes of one part, single key points", f"one of {sum(map(len, several))} points"
            self.findings.warn("parts", f"{record.path}: {label.label}", expected, found, "it is left out")
            return None
        if kind.item_class == KEYPOINT.item_class:
            x, y = several[0][0]
            return "keypointlabels", {"x": x * 100, "y": y * 100}
        turned = rectangle([(x * size[0], y * size[1]) for x, y in several[0]], label.attributes.get("rotation"))
        if turned:
            (x, y), width, height = turned
            value = _percent(x / size[0], y / size[1], width / size[0], height / size[1])
            return "rectanglelabels", {**value, "rotation": label.attributes["rotation"]}
        closed = bool(label.attributes.get("closed") or label.attributes.get("filled"))
        more = {"closed": closed} if say_closed or not closed else {}
        return "polygonlabels", {"points": [[x * 100, y * 100] for x, y in several[0]], **more}

    def _box(self, label: Label, size: tuple[int, int], where: str) -> tuple[str, dict[str, Any]]:
        box = label.box or (0.0, 0.0, 1.0, 1.0)
        document = {"mask_path": label.mask_path, "mask": label.mask}
        if masks.has_mask(document):
            try:
                return "brushlabels", {"format": "rle", "rle": encoded(pasted(masks.read(document), box, size))}
            except EvaluationError as wrong:
                self.findings.warn("broken_mask", where, "a mask that can be read", str(wrong), "its box is written")
        return "rectanglelabels", {**_percent(*box), "rotation": 0}


def _percent(x: float, y: float, width: float, height: float) -> dict[str, Any]:
    return {"x": x * 100, "y": y * 100, "width": width * 100, "height": height * 100}
