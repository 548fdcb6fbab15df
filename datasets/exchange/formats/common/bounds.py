"""Which files the names in a source may refer to: those below the source, and those in folders that a person confirmed.

Names that refer elsewhere, absolute or by `..`, are matched below the source by the end of their path, because data
sets get moved; what is not found that way is not read, but counted by folder, so that a person can be asked.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files

EVERYWHERE = frozenset({Path("/")})
_LABELS = ("annotations", "labels")  # folders of label files: their images lie beside them
_LISTED = 20


@dataclass
class Bounds:
    """`root` is the folder of the source, `allowed` are folders elsewhere that a person confirmed.

    `images` are folders of images that a person named for these labels; they may lie anywhere.

    `named` counts, by folder, the names in the source that refer elsewhere; `read` those that were confirmed.
    """

    root: Path
    allowed: frozenset[Path] = frozenset()
    images: tuple[Path, ...] = ()
    named: Counter[Path] = field(default_factory=Counter)
    read: Counter[Path] = field(default_factory=Counter)
    _roots: tuple[Path, ...] = ()
    _known: dict[Path, bool] = field(default_factory=dict)
    _index: dict[str, list[Path]] | None = None

    def __post_init__(self) -> None:
        self._roots = tuple(dict.fromkeys((self.root, Path(os.path.realpath(self.root)))))

    @classmethod
    def of(cls, path: Path, allowed: frozenset[Path] = frozenset(), images: tuple[Path, ...] = ()) -> "Bounds":
        """The bounds of a source: its folder; for a file or folder of labels its parent, where the images lie."""
        folder = Path(os.path.normpath(path.absolute()))
        folder = folder if path.is_dir() else folder.parent
        return cls(folder.parent if folder.name.lower() in _LABELS else folder, allowed, images)

    def holds(self, path: Path) -> bool:
        """Whether a path without `..` lies inside."""
        return any(path.is_relative_to(root) for root in self._roots) or self._confirmed(path)

    def image(self, name: str, folders: Sequence[Path]) -> Path | None:
        """The image that a name in the source refers to, relative to `folders`; None when it is elsewhere.

        A name that refers inside is returned as a path even if no image exists there.
        """
        plain = name.replace("\\", "/").replace("\0", "?")
        inside, outside = self._sorted(plain, folders)
        found = files.find_image(*inside)
        if found is None and (outside or PurePosixPath(plain).is_absolute() or not inside):
            found = self._by_tail(plain)
        if found is None and outside:
            self.named[outside[0].parent] += 1
            return None
        found = found or (inside[0] if inside else self.root / PurePosixPath(plain).name)
        if self._confirmed(found):
            self.read[found.parent] += 1
        return found

    def place(self, name: str, folders: Sequence[Path], top: Path | None = None) -> Path | None:
        """The folder or file that a name refers to, relative to `folders`; None when it is absent or elsewhere.

        What is elsewhere counts under `top`, if it lies below that.
        """
        plain = name.replace("\\", "/").replace("\0", "?")
        inside, outside = self._sorted(plain, folders)
        tails = (self.root / tail for tail in _tails(PurePosixPath(plain))) if outside else ()
        found = next((one for one in (*inside, *tails) if _exists(one)), None)
        if found is None and outside:
            first = outside[0]
            self.named[top if top and first.is_relative_to(top) and not self.holds(top) else first] += 1
        if found is not None and self._confirmed(found):
            self.read[found] += 1
        return found

    def tell(self, findings: Findings) -> None:
        """What was not read and what was read elsewhere, as findings: one per folder."""
        expected = f"files below {self.root}"
        for number, (folder, count) in enumerate(self.named.most_common()):
            if number == _LISTED:
                more = f"names that lead to {len(self.named) - _LISTED:,} more folders"
                findings.warn("outside", self.root, expected, more, "they are left alone until you confirm them")
                break
            found = f"{count:,} {'name that leads' if count == 1 else 'names that lead'} to {folder}"
            findings.warn("outside", folder, expected, found, "nothing there is read until you confirm it")
        for folder, count in self.read.most_common(_LISTED):
            findings.note("outside_read", folder, expected, f"{count:,} in {folder}", "read, as you confirmed")

    def _held(self, folder: Path) -> bool:
        if folder not in self._known:
            self._known[folder] = self.holds(Path(os.path.normpath(folder)))
        return self._known[folder]

    def _confirmed(self, path: Path) -> bool:
        return (
            bool(self.allowed)
            and not any(path.is_relative_to(root) for root in self._roots)
            and any(path.is_relative_to(folder) for folder in self.allowed)
        )

    def _sorted(self, plain: str, folders: Sequence[Path]) -> tuple[list[Path], list[Path]]:
        """The paths of a name relative to each folder, inside and elsewhere; `..` is resolved without the disk."""
        if PureWindowsPath(plain).drive:
            return [], [Path("/", *PureWindowsPath(plain).parts[1:])]
        if ".." not in plain and not plain.startswith("/"):  # most names; they refer to where the folders are
            held = [(folder, self._held(folder)) for folder in folders]
            return [one / plain for one, yes in held if yes], [one / plain for one, yes in held if not yes]
        tried = dict.fromkeys(Path(os.path.normpath(folder / plain)) for folder in folders or (self.root,))
        return [one for one in tried if self.holds(one)], [one for one in tried if not self.holds(one)]

    def _by_tail(self, plain: str) -> Path | None:
        """The one image below the source that shares more of the end of a path than any other."""
        wanted = PurePosixPath(plain).parts[::-1]
        if self._index is None:
            self._index = {}
            for path in files.images_below(self.root):
                self._index.setdefault(path.name.casefold(), []).append(path)
        ranked = (
            sorted(
                ((_shared(wanted, path.parts[::-1]), path) for path in self._index.get(wanted[0].casefold(), ())),
                reverse=True,
            )
            if wanted
            else []
        )
        alone = len(ranked) == 1 or (len(ranked) > 1 and ranked[0][0] > ranked[1][0])
        return ranked[0][1] if alone else None


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a.casefold() != b.casefold()), min(len(one), len(other)))


def _tails(path: PurePosixPath) -> Iterator[PurePosixPath]:
    """`b/c`, `c` of `/a/b/c`; the trailing parts of a path, longest first."""
    parts = [part for part in path.parts if part not in ("/", "..", ".")]
    yield from (PurePosixPath(*parts[at:]) for at in range(len(parts)))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long
        return False
