"""Sources that hold labels of several kinds for one image: which of them is the field itself, which lie beside it.

While such a source is read the labels of an image are in `ImageRecord.others`, by group and kind. A group is a set of
labels that somebody made: the main one has no name, others are those of further people, or predictions (`pred_…`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from datasets.exchange.formats.base import Draft, Findings, Source
from datasets.fieldnames import is_prediction
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, KEYPOINTS, POLYLINES, Kind
from datasets.labelschema import Schema
from datasets.records import ImageRecord, Label

KINDS = (DETECTIONS, POLYLINES, KEYPOINTS, CLASSIFICATIONS)  # the first that a group holds needs no word of its own
_MARK = "/"


def grouped(group: str, kind: Kind) -> str:
    """The key of labels in `ImageRecord.others` while a source is read."""
    return f"{group}{_MARK}{kind.name}"


def gathered(records: Sequence[ImageRecord], schema: Schema, findings: Findings, about: Mapping[str, str]) -> Source:
    """The source of records whose labels lie in `others` by group and kind."""
    held = dict.fromkeys(key for record in records for key in record.others)
    groups = dict.fromkeys(key.split(_MARK)[0] for key in sorted(held, key=lambda key: key.split(_MARK)[0] != ""))
    names: dict[str, tuple[str, Kind]] = {}
    for group in groups:
        first = True
        for kind in KINDS:
            if grouped(group, kind) in held:
                names[grouped(group, kind)] = (group if first else "_".join(filter(None, (group, kind.name)))), kind
                first = False
    single = _one_class(records, names)
    main = next((kind for name, kind in names.values() if not name), None)
    kept = [name for name in about if any(name in record.about for record in records)]
    return Source(
        tuple(_placed(record, names, single) for record in records), schema.names,
        CLASSIFICATION if single else main, findings.all(),
        others={name: kind for name, kind in names.values() if name},
        about={name: about[name] for name in kept}, schema=schema,
    )  # fmt: skip


def parts(draft: Draft, record: ImageRecord) -> dict[str, list[tuple[Kind, tuple[Label, ...]]]]:
    """The labels of a record to be written, by group: all kinds of a group together again."""
    found: dict[str, list[tuple[Kind, tuple[Label, ...]]]] = {"": []}
    own = (record.classification,) if record.classification else (*record.objects, *record.classifications)
    if draft.kind and own:
        found[""].append((draft.kind, own))
    for key, labels in record.others.items():
        kind = draft.others[key]
        bare = "" if key == kind.name else key.removesuffix(f"_{kind.name}")
        found.setdefault(bare, []).append((kind, labels))
    return found


def predictions(groups: Iterable[str]) -> list[str]:
    """The groups that are predictions."""
    return [one for one in groups if is_prediction(one)]


def _one_class(records: Sequence[ImageRecord], names: Mapping[str, tuple[str, Kind]]) -> bool:
    """Whether the field itself gives each image one class at most."""
    key = grouped("", CLASSIFICATIONS)
    return names.get(key, ("x",))[0] == "" and all(len(record.others.get(key, ())) < 2 for record in records)


def _placed(record: ImageRecord, names: Mapping[str, tuple[str, Kind]], single: bool) -> ImageRecord:
    found = {names[key]: labels for key, labels in record.others.items()}
    main = next(((kind, labels) for (name, kind), labels in found.items() if not name), None)
    own = main[1] if main else ()
    objects = own if main and main[0].place else ()
    classes = own if main and main[0].of_class else ()
    return replace(
        record, objects=objects, classification=classes[0] if single and classes else None,
        classifications=() if single else classes, others={name: labels for (name, _), labels in found.items() if name},
    )  # fmt: skip
