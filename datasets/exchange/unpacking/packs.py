"""Which files of a source pack others, and which are told because they stay closed."""

from collections.abc import Sequence
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, tree
from datasets.exchange.unpacking import columns, kinds
from datasets.records import first_paths

TOLD = frozenset({*kinds.PACKED, *kinds.CONTAINERS})  # endings of files that are told when they stay closed
FEW = 10  # images beside packed ones that are no dataset of their own
_LARGER = 10  # times: the packed ones are then
_PLAIN = frozenset({".txt", ".json", ".xml", ".csv", ".tsv", ".md", ".yaml", ".yml", ".html", ".pdf", ".py", ".ipynb"})
_MOST_LISTED = 20_000  # files of a folder that is looked through for archives


def packed_of(path: Path, findings: Findings) -> tuple[dict[Path, kinds.Packed], list[Path]]:
    """The packed files of a source by kind, and the other files of a folder; nothing where a folder holds images."""
    if path.is_file():
        kind = kinds.kind_of(path)
        if not kind and path.suffix.lower() in kinds.CONTAINERS:
            what, action = kinds.CONTAINERS[path.suffix.lower()]
            raise FormatError(f"{path}: expected images and labels as files, found {what}; {action}")
        if kind in ("parquet", "arrow") and not columns.holds_images(path):
            return {}, []
        partners = _siblings(path) if kind == "idx" else []
        return dict.fromkeys((path, *partners), kind) if kind else {}, []
    every = list(files.walk(path)) if path.is_dir() else []
    pictures = [file for file in every if files.is_image(file.name)]
    packed = {}
    if len(pictures) < FEW and len(every) < _MOST_LISTED:
        packed = {file: kind for file in every if (kind := kind_below(file, alone=not pictures))}
    if packed and sum(map(_size, packed)) < _LARGER * sum(map(_size, pictures)):
        packed = {}
    others = [file for file in every if file not in packed] if packed else every
    _tell_closed(path, others, findings)
    return packed, others


def kind_below(file: Path, *, alone: bool) -> kinds.Packed | None:
    """What a file of a folder packs. Beside images archives stay closed; tables without images pack nothing."""
    if files.is_image(file.name) or file.suffix.lower() in _PLAIN:
        return None
    kind = kinds.kind_of(file)
    if kind in ("parquet", "arrow"):
        return kind if columns.holds_images(file) else None
    return kind if alone or kind == "idx" else None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # a link that leads nowhere
        return 0


def _siblings(path: Path) -> list[Path]:
    """The other idx files beside one, of which its labels are one."""
    split = {"train", "t10k", "test"} & set(path.name.lower().replace(".", "-").split("-"))
    word = next(iter(split), "")
    return [one for one in sorted(path.parent.iterdir())
            if one != path and one.is_file() and word in one.name.lower() and kinds.kind_of(one) == "idx"]  # fmt: skip


def _tell_closed(path: Path, every: Sequence[Path], findings: Findings) -> None:
    """Files that hold images or tables, and stay closed, are told: one finding for each way out."""
    told: dict[tuple[str, str], list[Path]] = {}
    if not any(tree.with_suffix(path, ending) for ending in (*kinds.PACKED, *kinds.CONTAINERS)):
        return
    for file in every:
        ending = file.suffix.lower()
        if ending in kinds.PACKED:
            told.setdefault(("packed files", "unpack them by hand, or import them by their names"), []).append(file)
        elif ending in kinds.CONTAINERS:
            told.setdefault(kinds.CONTAINERS[ending], []).append(file)
    for (what, action), some in told.items():
        named = ", ".join(file.name for file in some[:5])
        paths = first_paths(some)
        found = f"{len(some):,} of {what}: {named}"
        closed = f"they stay closed; {action}"
        findings.warn("packed_beside", path, "images and labels as files", found, closed, count=len(some), paths=paths)


def check(packed: dict[Path, kinds.Packed]) -> None:
    """Raise FormatError, with the way out, for kinds that are not read."""
    for path, kind in packed.items():
        if kind in ("7-Zip", "RAR"):
            raise FormatError(
                f"{path}: expected a folder, a zip or a tar, found an archive of {kind}; unpack it (with 7-Zip or "
                "unar) and import the folder"
            )
        if kind == "pickle":
            raise FormatError(
                f"{path}: expected images, or a file that holds no code, found a Python pickle, as CIFAR's are, which "
                "could run anything; save its images as files (or use CIFAR as parquet) and import the folder"
            )
