"""Prepare the embedded sample datasets: media into `<home>/samples/<name>`, labels into the database, thumbnails ahead.

A second call costs milliseconds; a killed one is finished by the next. A sample dataset that a person deleted stays
deleted, unless it is asked for again.
"""

import fcntl
import json
import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.errors import DatasetsError
from datasets.records import FRAME_NUMBER, SEQUENCE, Label, Progress, no_progress
from datasets.samples import digits, mistakes, photos, street, tracks
from datasets.storage import collection, documents, labels, schemas, store
from datasets.workspace import Workspace

NAMES = ("photos", "digits", "street")  # the quickest first, so that there is something to open within seconds
RENDERED = "Rendered by Foveal, public domain (CC0)."


@dataclass(frozen=True)
class Sizes:
    """How much to make; tests make less."""

    images: int = street.COUNT
    frames: int = tracks.FRAMES
    digits: int | None = None
    workers: int | None = None


@dataclass(frozen=True)
class _Made:
    """A dataset ready to be written: field kinds, class order, sample documents, what to store about it."""

    name: str
    fields: Mapping[str, str]
    classes: tuple[str, ...]
    documents: list[dict[str, Any]]
    info: Mapping[str, Any]
    others: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[int, str] = field(default_factory=dict)


def prepare(
    workspace: Workspace,
    names: Sequence[str] = NAMES,
    progress: Progress = no_progress,
    *,
    again: bool = False,
    sizes: Sizes | None = None,
) -> list[str]:
    """Make the sample datasets that are missing and return the names of those that were made.

    `street` brings `street_video` with it. `again` recreates deleted ones. `progress` counts images over all of them
    and may raise Cancelled: no partial dataset remains, but rendered images do. Raises DatasetsError for an unknown
    name.
    """
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise DatasetsError(f"expected names of sample datasets among {', '.join(NAMES)}, found {', '.join(unknown)}")
    if not _wanted(workspace, names, again):
        return []
    with _alone(workspace):
        wanted = _wanted(workspace, names, again)
        return _prepare(workspace, wanted, progress, sizes or Sizes())


def missing(workspace: Workspace) -> list[str]:
    """The names for which something is to be made: missing, and not deleted by a person."""
    wanted = _wanted(workspace, NAMES, again=False)
    return [name for name in NAMES if any(one in wanted for one in _brings(name))]


def _prepare(workspace: Workspace, wanted: Sequence[str], progress: Progress, sizes: Sizes) -> list[str]:
    steps = {"street": sizes.images, "street_video": sizes.frames, "digits": sizes.digits or 1797, "photos": 19}
    total, done = sum(steps[name] for name in wanted), 0
    for name in wanted:
        before = done

        def report(some: int, of: int, before: int = before, share: int = steps[name]) -> None:
            progress(before + share * some // max(of, 1), total)

        made = _MAKERS[name](workspace.samples / name, sizes, report)
        _store(made)
        _thumbnails(workspace, made)
        _mark(workspace, name)
        done += steps[name]
    progress(total, total)
    return list(wanted)


def _wanted(workspace: Workspace, names: Sequence[str], again: bool) -> list[str]:
    known = set(store.names())
    whole = [name for asked in names for name in _brings(asked)]
    deleted = {name for name in whole if _marker(workspace, name).exists()} if known and not again else set()
    return [name for name in whole if name not in known and name not in deleted]


def _brings(name: str) -> tuple[str, ...]:
    return (name, "street_video") if name == "street" else (name,)


def _street(folder: Path, sizes: Sizes, progress: Progress) -> _Made:
    shots = street.plan(sizes.images)
    street.shoot(folder, shots, sizes.workers, progress)
    images, planted = mistakes.plant(street.read_all(folder, shots))
    mistakes.write(planted, folder / "truth.json", seed=street.SEED)
    info = {
        "description": f"Street scenes in {', '.join(street.SCENES)}. {RENDERED} {len(planted)} label mistakes were "
        "planted on purpose; a bicycle's box includes its rider.",
        "truth": str(folder / "truth.json"),
    }
    fields = {"ground_truth": "detections", "scene": "classification", "semantic": "segmentation"}
    documents = [_street_document(image) for image in images]
    return _Made("street", fields, street.CLASSES, documents, info, targets=street.TARGETS)


def _video(folder: Path, sizes: Sizes, progress: Progress) -> _Made:
    tracks.film(folder, sizes.frames, sizes.workers, progress)
    documents = [_street_document(image) for image in tracks.read_frames(folder, sizes.frames)]
    info = {
        "description": f"A walk along a street, frame by frame, with a track index on every box. {RENDERED}",
        "video": str(folder / "video.mp4"),
        "tracks": str(folder / "gt.txt"),
        "frame_rate": tracks.RATE,
    }
    fields = {"ground_truth": "detections", "scene": "classification", "semantic": "segmentation"}
    return _Made(
        "street_video",
        fields,
        street.CLASSES,
        documents,
        info,
        {SEQUENCE: "string", FRAME_NUMBER: "int"},
        street.TARGETS,
    )


def _digits(folder: Path, sizes: Sizes, progress: Progress) -> _Made:
    found = digits.write(folder, sizes.digits, progress)
    documents = [
        _document(one.path, digits.SIDE, digits.SIDE, 1, split=one.split,
                  ground_truth=labels.to_document("classification", [Label(one.label)]))
        for one in found
    ]  # fmt: skip
    info = {"description": "Hand-written digits of 43 people, 8 x 8 pixels enlarged. Optical Recognition of "
            "Handwritten Digits, UCI Machine Learning Repository (CC BY 4.0), as carried by scikit-learn."}  # fmt: skip
    return _Made("digits", {"ground_truth": "classification"}, digits.CLASSES, documents, info)


def _photos(folder: Path, sizes: Sizes, progress: Progress) -> _Made:
    del sizes
    documents = []
    for one in photos.write(folder, progress):
        width, height, bands = photos.measure(one.path)
        documents.append(_document(one.path, width, height, bands, caption=one.caption))
    info = {"description": "Photographs without labels, carried by scikit-image."}
    return _Made("photos", {}, (), documents, info, {"caption": "string"})


_MAKERS: dict[str, Callable[[Path, Sizes, Progress], _Made]] = {
    "street": _street,
    "street_video": _video,
    "digits": _digits,
    "photos": _photos,
}


def _street_document(image: street.StreetImage) -> dict[str, Any]:
    semantic = Label("", mask_path=str(image.semantic))
    return _document(
        image.path, image.width, image.height, 3, split=image.split,
        **({} if image.frame is None else {SEQUENCE: "walk", FRAME_NUMBER: image.frame}),
        ground_truth=labels.to_document("detections", image.objects),
        scene=labels.to_document("classification", [Label(image.scene)]),
        semantic=labels.to_document("segmentation", [semantic]),
    )  # fmt: skip


def _document(path: Path, width: int, height: int, bands: int, **fields: Any) -> dict[str, Any]:
    mime = mimetypes.guess_type(path.name)[0]
    return collection.sample_document(
        str(path), collection.image_metadata(width, height, path.stat().st_size, mime, bands), **fields
    )


def _store(made: _Made) -> None:
    """Write under a hidden name, then rename: nobody sees a partial dataset."""
    hidden = f".{made.name}"
    if store.exists(hidden):
        store.delete(hidden)
    store.create(hidden, made.fields, made.classes, made.others)
    collection.insert(hidden, made.documents, len(made.documents))
    if made.targets:
        targets = {str(index): name for index, name in made.targets.items()}
        documents.update(hidden, {"default_mask_targets": targets})
    if made.name.startswith("street"):
        schemas.declare_attributes(hidden, "ground_truth")
    for key, value in made.info.items():
        store.set_info(hidden, key, value)
    store.rename(hidden, made.name)


def _thumbnails(workspace: Workspace, made: _Made) -> None:
    from datasets.showing import thumbnails

    thumbnails.make_ahead([Path(one["filepath"]) for one in made.documents], workspace=workspace)


def _marker(workspace: Workspace, name: str) -> Path:
    return workspace.samples / name / "prepared.json"


def _mark(workspace: Workspace, name: str) -> None:
    _marker(workspace, name).write_text(json.dumps({"dataset": name}))


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """A lock: two processes that prepare at once would write the same hidden dataset."""
    workspace.samples.mkdir(parents=True, exist_ok=True)
    with (workspace.samples / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
