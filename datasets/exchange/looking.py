"""Look at a source: find its format, read its labels, probe its images. Nothing is written, no database is asked.

Untrusted sources are looked at in a separate process (`datasets.exchange.apart`), which calls this.
"""

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Literal

from datasets.errors import FormatError
from datasets.exchange.fitting import fit
from datasets.exchange.formats import registry
from datasets.exchange.formats.base import Detected, Findings, Source
from datasets.exchange.formats.common import classnames, files, leftovers, opened, parts, tree
from datasets.exchange.formats.common.bounds import Bounds, images_in
from datasets.exchange.formats.folders import class_folders
from datasets.exchange.formats.folders import images as images_alone
from datasets.exchange.formats.masks import folders as mask_folders
from datasets.exchange.formats.masks.classtable import ClassTable
from datasets.exchange.previews import Preview, class_names
from datasets.exchange.remarks import remarks
from datasets.exchange.sketches import FITTING, READING, SEARCHING, Sketch, Told, of_source, unheard
from datasets.exchange.unpacking import opening, packs
from datasets.exchange.unread import unread
from datasets.images.probe import probe
from datasets.records import Finding, Progress, no_progress
from datasets.speed import garbage

AUTO: Literal["auto"] = "auto"
WEAK = (images_alone.NAME, class_folders.NAME)  # formats that claim what nothing else does


@garbage.paused()
def preview(
    path: Path | str,
    format: str = AUTO,
    progress: Progress = no_progress,
    *,
    decode: bool = False,
    classes: ClassTable | None = None,
    allowed: Collection[Path] = (),
    images: Collection[Path] = (),
    merge_names: bool = False,
    told: Told = unheard,
) -> Preview:
    """Read labels and probe images; nothing is written. `progress` counts images while they are probed.

    With `decode` every pixel is decoded, which finds damage in the middle of a file but is slow. `classes` name the
    values or colours of semantic masks, in place of what the source says. Names that refer outside the source are
    followed only into `allowed` folders; the others are listed in `outside` and the findings, and nothing there is
    read. `images` are folders with the images of labels that lie far from them; they may lie anywhere.
    `merge_names` makes one class of names that are nearly equal. `told` hears what is known when a stage begins.

    Raises FormatError when there is nothing to import, Cancelled when `progress` does.
    """
    files.forget()
    asked = Path(path).expanduser().absolute()
    said = Findings()
    with tree.scanning() as scan:
        told(Sketch(SEARCHING))
        whole = bool(images) and asked.is_dir()
        place = asked if whole else opening.opened(asked, progress, said)
        with images_in(tuple(images)):
            found = registry.detect(place) if format == AUTO else _chosen(place, format)
        told(Sketch(READING, found))
        bounds = Bounds.of(place, frozenset(allowed), tuple(images))
        source, watch = _settled(found, progress, classes, bounds)
        source = _named(source, merge_names, place, said)
        bounds.tell(said)
        closed = packs.TOLD if asked.is_dir() and not whole else ()
        guess = leftovers.Guess(found.format, format == AUTO and found.format in WEAK, tuple(registry.FORMATS), closed)
        lost = leftovers.tell(place, source.records, watch.paths, guess, said)
        source = replace(source, records=()) if lost else source
        tree.tell(scan, said)
        left = tuple(unread(files.walk(place))) if place.is_dir() else ()
    read = (*found.findings, *said.all(), *watch.findings.all(), *source.findings)
    sketch = of_source(found, source, read)
    told(sketch)
    probes = probe([record.path for record in source.records], progress=progress, decode=decode)
    told(replace(sketch, stage=FITTING))
    fitted, findings = fit(source.records, probes)
    if not fitted and not lost:
        empty = Finding("error", "empty", str(asked), "at least one image", "none that can be read", bounds.hint())
        findings = (*findings, empty)
    kept = [record for record, _ in fitted]
    findings = (*findings, *left, *remarks([seen for _, seen in fitted]))
    return Preview(
        path=asked,
        root=found.path,
        format=found.format,
        why=found.why,
        kind=source.kind,
        classes=source.classes,
        records=tuple(kept),
        probes=tuple(seen for _, seen in fitted),
        findings=(*read, *findings),
        targets=source.targets,
        outside=tuple(bounds.named),
        others=source.others,
        about=source.about,
        schema=source.schema,
        skeleton=source.skeleton,
        score=found.score,
        choices=found.others,
    )


def _settled(
    found: Detected, progress: Progress, classes: ClassTable | None, bounds: Bounds
) -> tuple[Source, opened.Watch]:
    """What a format reads, once the finder of images knows which names lead to one image, with splits that it lacks."""
    while True:
        with opened.watching() as watch:
            source = _read(found, progress, classes, bounds)
            records = parts.given(source.records, _top(source, found.path, bounds), watch.findings)
        if bounds.settled():
            return replace(source, records=records), watch


def _top(source: Source, path: Path, bounds: Bounds) -> Path:
    """The folder below which all images of a source lie; that of the bounds for labels that lie beside them."""
    real = f"{os.path.realpath(path)}{os.sep}"
    inside = all(str(record.path).startswith(real) for record in source.records)
    return path if inside or not bounds.root.is_dir() else bounds.root


def _read(found: Detected, progress: Progress, classes: ClassTable | None, bounds: Bounds) -> Source:
    if found.format == mask_folders.NAME:
        return mask_folders.read(found.path, progress, bounds, classes)
    if classes is not None:
        raise FormatError(
            f"{found.path}: expected images and masks, since a class table was given, found {found.why}; "
            "leave the class table away, or choose the format mask_folders"
        )
    return registry.find(found.format).read(found.path, lambda done, _: progress(done, 0), bounds)


def _named(source: Source, merge: bool, path: Path, findings: Findings) -> Source:
    """Names that are nearly equal: made one, or told."""
    counts = Counter(name for record in source.records for name in class_names(record))
    if merge:
        return classnames.joined(source, counts)
    classnames.tell_alike(source.classes, counts, path, findings)
    return source


def _chosen(path: Path, name: str) -> Detected:
    return Detected(name, registry.locate(path, name), "chosen by hand")
