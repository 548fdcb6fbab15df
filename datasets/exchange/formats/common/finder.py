"""Which file a name means: in folders as it stands, then the longest end of the name that fits one image of a tree.

Letters are compared in one Unicode normal form (NFC). Exact letters go before letters without regard to case, a whole
name before one with another ending. Where several images fit equally well, none is taken.
"""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from datasets.exchange.formats.common import files, imagenames

MOST_SEARCHED = 3_000_000  # files of a tree
_MASKS = frozenset(
    {"mask", "masks", "groundtruth", "gt", "segmentationclass", "segmentationobject", "segmentationclassaug", "labels"}
)  # folders whose images are no photos, unless a name says so


@dataclass(frozen=True, slots=True)
class Found:
    """The image that a name means, or `several` that fit equally well, or neither.

    `shared` parts of the end of the name lead to it, None where it lies as the name says; `whole`, when they are all of
    its path below the tree. `ending`: it has another one.
    """

    path: Path | None = None
    several: tuple[Path, ...] = ()
    shared: int | None = None
    ending: bool = False
    whole: bool = False

    def __bool__(self) -> bool:
        return self.path is not None or bool(self.several)


NOTHING = Found()


def folded(name: str) -> str:
    """A name as names are compared: NFC, without regard to case."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


class Listings:
    """Files of folders by name; each folder is listed once."""

    def __init__(self) -> None:
        self._known: dict[str, _Folder | None] = {}

    def exact(self, paths: Iterable[str]) -> Found:
        """The first path that exists."""
        for path in paths:
            folder, name = os.path.split(path)
            listing = self._of(folder)
            if listing and name in listing.names:
                return Found(Path(path))
        return NOTHING

    def alike(self, paths: Iterable[str]) -> Found:
        """The first path that exists but for case and normal form."""
        for path in paths:
            folder, name = os.path.split(path)
            listing = self._of(folder)
            found = _among(folder, listing.alike(name)) if listing else NOTHING
            if found:
                return found
        return NOTHING

    def stems(self, paths: Iterable[str]) -> Found:
        """The first path that is an image once an ending is added."""
        for path in paths:
            folder, name = os.path.split(path)
            listing = self._of(folder)
            found = _among(folder, listing.stem(name)) if listing else NOTHING
            if found:
                return found
        return NOTHING

    def _of(self, folder: str) -> "_Folder | None":
        if folder not in self._known:
            try:
                with os.scandir(folder or ".") as entries:
                    self._known[folder] = _Folder(frozenset(one.name for one in entries if not _is_folder(one)))
            except (OSError, ValueError):
                self._known[folder] = None
        return self._known[folder]


class Tree:
    """All images below a folder, by every end of their path."""

    def __init__(self, root: Path) -> None:
        self.root, self.complete = root, True
        self._top = len(root.parent.parts)
        self._names: dict[str, list[Path]] | None = None
        self._stems: dict[str, list[Path]] | None = None
        self._ends: dict[tuple[str, bool], dict[tuple[str, ...], list[Path]]] = {}

    def ending(self, path: str, near: frozenset[str] = frozenset(), *, stem: bool = False) -> Found:
        """The image whose path ends like `path`; with `stem` the endings of both are left away.

        Of several that end alike, one is taken when its letters are the same, or when its folders share more words
        with `near` than those of any other.
        """
        wanted = imagenames.parts(path)
        if not wanted:
            return NOTHING
        last = _stem(wanted[-1]) if stem else wanted[-1]
        key = folded(last)
        images = (self._by_stem() if stem else self._by_name()).get(key, [])
        if not images:
            return NOTHING
        shared, best = self._longest((*map(folded, wanted[:-1]), key), images, stem)
        best = [one for one in best if not _MASKS & {*map(folded, one.parts[self._top + 1 : -shared])}]
        best = _same_letters(wanted, best, shared) if len(best) > 1 and not stem else best
        best = self._nearest(best, near) if len(best) > 1 and near else best
        if len(best) > 1:
            return Found(several=tuple(sorted(best)), shared=shared)
        if not best:
            return NOTHING
        whole = shared > len(best[0].parts) - self._top - 2
        return Found(best[0], shared=shared, ending=stem and files.is_image(path), whole=whole)

    def _longest(self, wanted: tuple[str, ...], images: list[Path], stem: bool) -> tuple[int, list[Path]]:
        """How many parts at the end the best of some images share with a name, and these images."""
        if len(images) == 1:
            return _shared(wanted, self._parts(images[0], stem)), images
        ends = self._ends.get((wanted[-1], stem))
        if ends is None:
            ends = self._ends[wanted[-1], stem] = {}
            for image in images:
                own = self._parts(image, stem)
                for at in range(len(own)):
                    ends.setdefault(own[at:], []).append(image)
        return next((len(wanted) - at, ends[wanted[at:]]) for at in range(len(wanted)) if wanted[at:] in ends)

    def _nearest(self, images: list[Path], near: frozenset[str]) -> list[Path]:
        kin = [len(near & words_of(one.parts[self._top + 1 : -1])) for one in images]
        return [one for one, count in zip(images, kin, strict=True) if count == max(kin)]

    def _parts(self, image: Path, stem: bool) -> tuple[str, ...]:
        *folders, last = image.parts[self._top :]
        return (*map(folded, folders), folded(_stem(last) if stem else last))

    def _by_name(self) -> dict[str, list[Path]]:
        if self._names is None:
            self._names = {}
            left = files.walk(self.root)
            for path in islice(left, MOST_SEARCHED):
                if files.is_image(path.name):
                    self._names.setdefault(folded(path.name), []).append(path)
            self.complete = next(left, None) is None
        return self._names

    def _by_stem(self) -> dict[str, list[Path]]:
        if self._stems is None:
            self._stems = {}
            for images in self._by_name().values():
                for path in images:
                    self._stems.setdefault(folded(path.stem), []).append(path)
        return self._stems


@dataclass(slots=True)
class _Folder:
    names: frozenset[str]
    _alike: dict[str, list[str]] = field(default_factory=dict)
    _stems: dict[str, list[str]] = field(default_factory=dict)

    def alike(self, name: str) -> list[str]:
        if not self._alike:
            for one in self.names:
                self._alike.setdefault(folded(one), []).append(one)
        return self._alike.get(folded(name), [])

    def stem(self, stem: str) -> list[str]:
        if not self._stems:
            for one in filter(files.is_image, self.names):
                self._stems.setdefault(folded(_stem(one)), []).append(one)
        found = self._stems.get(folded(stem), [])
        same = [one for one in found if _stem(one) == stem]
        return same or found


def words_of(parts: Iterable[str]) -> frozenset[str]:
    """The words by which folders are akin: their names, and the splits that these denote."""
    names = [*parts]
    return frozenset({*map(folded, names), *filter(None, map(files.split_of, names))})


def _among(folder: str, names: list[str]) -> Found:
    paths = tuple(sorted(Path(folder, name) for name in names))
    if len(paths) == 1:
        return Found(paths[0])
    return Found(several=paths) if paths else NOTHING


def _same_letters(wanted: Sequence[str], images: list[Path], shared: int) -> list[Path]:
    same = [one for one in images if one.parts[-shared:] == tuple(wanted[-shared:])]
    return same or images


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _stem(name: str) -> str:
    return name.rpartition(".")[0] if files.is_image(name) else name


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
