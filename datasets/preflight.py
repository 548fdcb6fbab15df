"""Pre-flight: what a person should know about a manifest before hours are spent on it. Errors stop, warnings show."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from datasets.manifest import Manifest, load
from datasets.records import Finding
from datasets.tables import MANIFEST, read_table

FEW = 20  # images; fewer teach a detector next to nothing
TINY = 8  # pixels, once the image is scaled to SIDE: the finest stride of today's detectors
SIDE = 640
_THREADS = 8


@dataclass(frozen=True)
class _Rows:
    manifest: Manifest
    table: pa.Table

    def splits(self) -> list[str]:
        return [split or "" for split in self.table["split"].to_pylist()]


def check(
    path: Path, needed: Sequence[str] = ("train", "val"), *, labels: bool = True, seconds: float = 8
) -> list[Finding]:
    """Findings about a manifest, errors first.

    `needed` splits must hold samples (none for prediction); `labels=False` passes over what is about labels. Files are
    looked at for at most `seconds`; what was left out then stands in a note. 10,000 images take a few seconds.
    """
    rows = _Rows(load(path), read_table(path, MANIFEST))
    end = time.monotonic() + seconds
    found = [*_splits(rows, needed), *_shared_paths(rows)]
    if labels:
        found += [*_classes(rows, needed), *_unlabelled(rows), *_tiny(rows)]
    found += _media(rows, end)
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda one: rank[one.severity])


def _splits(rows: _Rows, needed: Sequence[str]) -> Iterator[Finding]:
    counts = rows.manifest.counts
    have = ", ".join(f"{name or 'no split'}: {count}" for name, count in counts.items())
    for split in needed:
        if not counts.get(split):
            action = "split the dataset, or choose a view that holds this split"
            yield Finding("error", "empty-split", split, f"samples in split {split}", f"none ({have})", action)
        elif split == "train" and counts[split] < FEW:
            yield Finding(
                "warning", "few-images", split, f"at least {FEW} images to learn from", str(counts[split]), "add more"
            )


def _shared_paths(rows: _Rows) -> Iterator[Finding]:
    splits = defaultdict(set)
    for path, split in zip(rows.table["path"].to_pylist(), rows.splits(), strict=True):
        splits[path].add(split)
    shared = [path for path, names in splits.items() if len(names) > 1]
    if shared:
        yield Finding(
            "error", "image-in-two-splits", shared[0], "every image in one split",
            f"{len(shared)} in several, this one in {', '.join(sorted(splits[shared[0]]))}",
            "split again without overlap",
        )  # fmt: skip


def _classes(rows: _Rows, needed: Sequence[str]) -> Iterator[Finding]:
    used = {split: set(_names(rows, split)) for split in ("train", "val", "test")}
    if "train" not in needed:
        return
    if rows.manifest.counts.get("train") and not used["train"]:
        field = rows.manifest.label_field or ""
        yield Finding(
            "error", "no-labels", field, "labels in split train", "none", "label images, or choose another field"
        )
        return
    for name in rows.manifest.classes:
        there = [split for split, names in used.items() if name in names]
        if not there:
            yield Finding("note", "class-unused", name, "examples of every class", "none in this view")
        elif "train" not in there:
            action = "split again, or merge or remove the class"
            yield Finding(
                "warning", "class-not-in-train", name, "examples in train", f"only in {', '.join(there)}", action
            )
        elif "val" in needed and used["val"] and "val" not in there:
            yield Finding(
                "warning", "class-not-in-val", name, "examples in val", "none, so it is not measured", "split again"
            )


def _names(rows: _Rows, split: str) -> list[str]:
    chosen = rows.table.filter(pc.equal(rows.table["split"], split))["labels"].combine_chunks()
    names: list[str] = pc.unique(pc.struct_field(pc.list_flatten(chosen), "label")).to_pylist()
    return names


def _unlabelled(rows: _Rows) -> Iterator[Finding]:
    counts = pc.list_value_length(rows.table["labels"]).to_numpy()
    empty = int((counts == 0).sum())
    if empty:
        share = empty / len(counts)
        yield Finding(
            "warning" if share > 0.5 else "note", "images-without-labels", rows.manifest.label_field or "",
            "labels on most images", f"{empty} of {len(counts)} images without ({share:.0%})",
            "right if nothing is on them: they count as background",
        )  # fmt: skip


def _tiny(rows: _Rows) -> Iterator[Finding]:
    lists = rows.table["labels"].combine_chunks()
    objects = pc.list_flatten(lists)
    box = pc.struct_field(objects, "box")
    boxed = pc.is_valid(box).to_numpy(zero_copy_only=False)
    if not boxed.any():
        return
    sides = pc.list_flatten(box).to_numpy().reshape(-1, 4)[:, 2:]
    size = np.stack([pc.fill_null(rows.table[name], 1).to_numpy() for name in ("width", "height")], axis=1)
    scaled = size * (SIDE / np.maximum(size.max(axis=1, keepdims=True), 1))
    owner = pc.list_parent_indices(lists).to_numpy()[boxed]
    tiny = int(((sides * scaled[owner]).min(axis=1) < TINY).sum())
    if tiny:
        yield Finding(
            "warning" if tiny > 0.1 * len(sides) else "note", "tiny-boxes", rows.manifest.label_field or "",
            f"boxes of at least {TINY} pixels when images are scaled to {SIDE}", f"{tiny} of {len(sides)} smaller",
            "train with larger images if these objects matter",
        )  # fmt: skip


def _media(rows: _Rows, end: float) -> Iterator[Finding]:
    paths = dict(zip(rows.table["path"].to_pylist(), rows.splits(), strict=True))
    with ThreadPoolExecutor(_THREADS) as pool:
        sizes = dict(zip(paths, pool.map(_bytes, paths), strict=True))
        missing = [path for path, size in sizes.items() if size is None]
        if missing:
            action = "bring the files back, or choose a view without them"
            yield Finding(
                "error", "missing-media", missing[0], "every image on disk", f"{len(missing)} missing", action
            )
        here = [path for path, size in sizes.items() if size is not None]
        opened = list(pool.map(lambda path: _problem(path, end), here))
        broken = [(path, why) for path, why in zip(here, opened, strict=True) if why]
        if broken:
            found = f"{len(broken)} that are not ({broken[0][1]})"
            yield Finding(
                "error", "unreadable-media", broken[0][0], "images that can be read", found, "repair or remove them"
            )
        yield from _duplicates(paths, sizes, end, pool)
    if time.monotonic() > end:
        found = "time was up before all were"
        yield Finding("note", "media-partly-checked", str(rows.manifest.path), "every file looked at", found)


def _duplicates(
    paths: dict[str, str], sizes: dict[str, int | None], end: float, pool: ThreadPoolExecutor
) -> Iterator[Finding]:
    """Equal content in two splits. Only files of equal size are read."""
    alike = defaultdict(list)
    for path, size in sizes.items():
        if size:
            alike[size].append(path)
    doubtful = [path for some in alike.values() if len({paths[one] for one in some}) > 1 for path in some]
    same = defaultdict(list)
    for path, digest in zip(doubtful, pool.map(lambda path: _digest(path, end), doubtful), strict=True):
        if digest:
            same[digest].append(path)
    twice = [some for some in same.values() if len({paths[one] for one in some}) > 1]
    if twice:
        names = ", ".join(sorted({paths[one] or "no split" for one in twice[0]}))
        yield Finding(
            "warning", "duplicates-across-splits", twice[0][0], "no image in two splits",
            f"{len(twice)} with copies, this one in {names} ({twice[0][1]})",
            "figures will look too good; remove copies",
        )  # fmt: skip


def _bytes(path: str) -> int | None:
    try:
        return Path(path).stat().st_size
    except OSError:
        return None


def _problem(path: str, end: float) -> str | None:
    if time.monotonic() > end:
        return None
    try:
        with Image.open(path) as image:
            return None if min(image.size) > 0 else "no pixels"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as wrong:
        return f"{type(wrong).__name__}: {wrong}"


def _digest(path: str, end: float) -> bytes | None:
    if time.monotonic() > end:
        return None
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()
