"""Pre-flight checks: what a person should know about a manifest beforehand. Errors stop a job, warnings do not."""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from datasets.handover import label_checks, mask_checks
from datasets.handover.label_checks import SIDE, Rows
from datasets.handover.manifest import load
from datasets.images import videos
from datasets.images.probe import probe_one
from datasets.images.regular import open_regular
from datasets.records import SHOWN, Finding, first_paths
from datasets.tables import MANIFEST, read_table

FEW = 20  # images; a model learns next to nothing from fewer
FEW_MASKS = 10  # of whole images, where every pixel is an example
_MASKS = 0.5  # part of the time that masks may take
_THREADS = 8
THIN = 10  # pixels; YOLO takes no image with a shorter side


def check(
    path: Path,
    needed: Sequence[str] = ("train", "val"),
    *,
    labels: bool = True,
    needs_masks: bool = False,
    seconds: float = 8,
) -> list[Finding]:
    """Findings about a manifest, errors first.

    `needed` splits must hold samples (none for prediction); `labels=False` skips the checks of labels, and
    `needs_masks` says that objects without masks are useless. Files are looked at for at most `seconds`; what was
    left out is stated in a note. 10,000 images take a few seconds.
    """
    rows = Rows(load(path), read_table(path, MANIFEST))
    end = time.monotonic() + seconds
    found = [*_splits(rows, needed), *_shared_paths(rows), *label_checks.never_labelled(rows)]
    if labels and rows.whole_masks:
        found += mask_checks.check(rows, needed, seconds * _MASKS)
    elif labels:
        found += label_checks.check(rows, needed, masks=needs_masks)
    found += [*_media(rows, needed, end), *_thin(rows)]
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda one: rank[one.severity])


def _splits(rows: Rows, needed: Sequence[str]) -> Iterator[Finding]:
    counts = rows.manifest.counts
    have = ", ".join(f"{name or 'no split'}: {count}" for name, count in counts.items())
    for split in needed:
        if not counts.get(split):
            action = "split the dataset, or choose a view that holds this split"
            yield Finding("error", "empty-split", split, f"samples in split {split}", f"none ({have})", action)
        elif split == "train" and counts[split] < (few := FEW_MASKS if rows.whole_masks else FEW):
            yield Finding(
                "warning", "few-images", split, f"at least {few} images to learn from", str(counts[split]), "add more"
            )


def _shared_paths(rows: Rows) -> Iterator[Finding]:
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


def _media(rows: Rows, needed: Sequence[str], end: float) -> Iterator[Finding]:
    paths = dict(zip(rows.table["path"].to_pylist(), rows.splits(), strict=True))
    with ThreadPoolExecutor(_THREADS) as pool:
        sizes = dict(zip(paths, pool.map(_bytes, paths), strict=True))
        missing = [path for path, size in sizes.items() if size is None]
        here = [path for path, size in sizes.items() if size is not None]
        opened = list(pool.map(lambda path: _problem(path, end), here))
        broken = [(path, why) for path, why in zip(here, opened, strict=True) if why]
        whole = Counter(paths[path] for path, why in zip(here, opened, strict=True) if not why)
        gone = [split for split in needed if not whole[split]]
        yield from _missing(missing, gone)
        yield from _unreadable(broken, gone)
        yield from _duplicates(paths, sizes, end, pool)
    if time.monotonic() > end:
        found = "time was up before all were"
        yield Finding("note", "media-partly-checked", str(rows.manifest.path), "every file looked at", found)


def _missing(missing: Sequence[str], gone: Sequence[str]) -> Iterator[Finding]:
    """Images that are no longer there, told as those that cannot be read."""
    if missing:
        action = f"bring them back: nothing else is in split {gone[0]}" if gone else "left out; bring them back"
        yield Finding(
            "error" if gone else "warning", "missing-media", missing[0], "every image on disk",
            f"{len(missing)} missing", action, len(missing), first_paths(missing),
        )  # fmt: skip


def _unreadable(broken: Sequence[tuple[str, str]], gone: Sequence[str]) -> Iterator[Finding]:
    """Images that cannot be read: they are left out, unless splits that are needed are `gone` without them."""
    if broken:
        found = f"{len(broken)} that are not ({broken[0][1]})"
        action = f"repair them: nothing else is in split {gone[0]}" if gone else "left out; repair or replace them"
        names = first_paths(path for path, _ in broken)
        yield Finding(
            "error" if gone else "warning", "unreadable-media", broken[0][0], "images that can be read", found, action,
            len(broken), names,
        )  # fmt: skip


def _thin(rows: Rows) -> Iterator[Finding]:
    """Images so thin that a network sees little of them, or cannot take them."""
    sizes = np.stack([pc.fill_null(rows.table[name], 0).to_numpy() for name in ("width", "height")], axis=1)
    short, long = sizes.min(axis=1), sizes.max(axis=1)
    thin = np.flatnonzero((short > 0) & ((short < THIN) | (short * SIDE < long * 2)))
    if len(thin):
        paths = tuple(rows.table["path"].take(thin[:SHOWN]).to_pylist())
        (width, height) = sizes[thin[0]]
        yield Finding(
            "warning", "thin-images", paths[0], f"images of at least {THIN} pixels whose sides are alike",
            f"{len(thin)} others (one of {width} x {height})",
            "networks that cannot take them leave them out; cut them into parts", len(thin), paths,
        )  # fmt: skip


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
        if videos.is_video(path):
            videos.about(path)
            return None
    except OSError as wrong:
        return str(wrong)
    return probe_one(Path(path)).detail or None


def _digest(path: str, end: float) -> bytes | None:
    if time.monotonic() > end:
        return None
    with open_regular(path) as file:
        return hashlib.file_digest(file, "blake2b").digest()
