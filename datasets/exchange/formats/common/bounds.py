"""Which files the names in a source may refer to: those below the source, and those in folders that a person confirmed.

A name is taken as it stands, then cleaned of what another system put around it (`imagenames`), then by the end of its
path (`finder`), because data sets get moved. What leads elsewhere is not read, but counted by folder, so that a person
can be asked. No image is taken for two names of which one merely ends like it.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, imagenames
from datasets.exchange.formats.common.finder import NOTHING, Found, Listings, Tree, words_of
from datasets.exchange.formats.common.searches import Searches, would_do

EVERYWHERE = frozenset({Path("/")})
_LABELS = frozenset({"annotations", "annotation", "annos", "anno", "anns", "ann", "annot", "annots", "labels", "label"})
_LISTED = 20
_NAME_THEM = "name the folder of its images (--images DIR)"
_given: ContextVar[tuple[Path, ...]] = ContextVar("images", default=())


@contextmanager
def images_in(folders: Sequence[Path]) -> Iterator[None]:
    """Meanwhile all bounds know these folders of images, also those of formats that look whether a source is theirs."""
    before = _given.set(tuple(map(_absolute, folders)))
    try:
        yield
    finally:
        _given.reset(before)


@dataclass
class Bounds:
    """`root` is the folder of the source, `allowed` are folders elsewhere that a person confirmed.

    `images` are folders of images that a person named for these labels; they may lie anywhere and are looked into
    first. `named` counts, by folder, the names in the source that refer elsewhere; `read` those that were confirmed.
    """

    root: Path
    allowed: frozenset[Path] = frozenset()
    images: tuple[Path, ...] = ()
    named: Counter[Path] = field(default_factory=Counter)
    read: Counter[Path] = field(default_factory=Counter)
    searches: Searches = field(default_factory=Searches)
    _roots: tuple[Path, ...] = ()
    _known: dict[Path, bool] = field(default_factory=dict)
    _listings: Listings = field(default_factory=Listings)
    _trees: tuple[Tree, ...] = ()
    _akin: dict[Path, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tops = (self.root, *self.images)
        self._roots = tuple(dict.fromkeys((*tops, *(Path(os.path.realpath(one)) for one in tops))))
        self._trees = tuple(Tree(top) for top in dict.fromkeys((*self.images, self.root)))

    @classmethod
    def of(cls, path: Path, allowed: frozenset[Path] = frozenset(), images: tuple[Path, ...] = ()) -> "Bounds":
        """The bounds of a source: its folder; for a file or folder of labels its parent, where the images lie."""
        folder = _absolute(path)
        folder = folder if path.is_dir() else folder.parent
        chosen = tuple(map(_absolute, images)) or _given.get()
        return cls(folder.parent if folder.name.lower() in _LABELS else folder, allowed, chosen)

    def holds(self, path: Path) -> bool:
        """Whether a path without `..` lies inside."""
        return any(path.is_relative_to(root) for root in self._roots) or self._confirmed(path)

    def image(self, name: str, folders: Sequence[Path], near: Path | None = None) -> Path | None:
        """The image that a name in the source refers to, relative to `folders`.

        `near` is the file that holds the name: of images that fit equally well, the one is taken whose folders share
        words with its path (`train`, `cam1`). None when no image is to be taken, which `tell` says: the name leads
        elsewhere, several images fit, or the image is that of another name. A name that refers inside is returned as a
        path even if no image exists there.
        """
        ways, inside, outside = self._ways(name, folders)
        found, asked = self._sought(ways, inside, near), self._key(ways, folders)
        if found.path is not None:
            return self._taken(found, asked, name)
        away = imagenames.is_address(name) or not ways
        if outside and not away and not imagenames.is_served(name):
            self.named[Path(outside[0]).parent] += 1
        if found.several:
            self.searches.several.setdefault(name, found.several)
            return None
        self.searches.absent(name, away=away)
        if away or (outside and not imagenames.is_served(name)):
            return None
        return Path(inside[0]) if inside else self.root / (PurePosixPath(ways[0]).name or "unnamed")

    def seek(self, name: str, folders: Sequence[Path], near: Path | None = None) -> Path | None:
        """Like `image`, but None as well where no image exists, and nothing is told of a name that leads to none."""
        ways, inside, _ = self._ways(name, folders)
        found = self._sought(ways, inside, near)
        return self._taken(found, self._key(ways, folders), name) if found.path is not None else None

    def place(self, name: str, folders: Sequence[Path], top: Path | None = None) -> Path | None:
        """The folder or file that a name refers to, relative to `folders`; None when it is absent or elsewhere.

        What is elsewhere counts under `top`, if it lies below that.
        """
        plain = name.replace("\\", "/").replace("\0", "?")
        inside, outside = self._sorted(plain, folders)
        tops = dict.fromkeys((self.root, *(one for one in folders if self.holds(one))))
        tails = (one / tail for tail in _tails(PurePosixPath(plain)) for one in tops) if outside else ()
        found = next((one for one in (*inside, *tails) if _exists(one)), None)
        if found is None and outside:
            first = outside[0]
            self.named[top if top and first.is_relative_to(top) and not self.holds(top) else first] += 1
        if found is not None and self._confirmed(found):
            self.read[found] += 1
        return found

    def settled(self) -> bool:
        """Whether each image was taken for one name alone. If not, the source is to be read again.

        The names that lose are then refused, and nothing of the first reading is told.
        """
        if not self.searches.disputed():
            return True
        self.named.clear()
        self.read.clear()
        self.searches = self.searches.again()
        return False

    def hint(self) -> str:
        """What a person can do when no image was found; empty when nothing is known."""
        if not self.named and not self.searches.missing:
            return ""
        there = any(_exists(one) for one in self.named)  # then nothing but that is to be asked
        near = None if there else would_do(self.root, self.searches.missing)
        ask = "confirm the folders that its names lead to (--allow-outside), or " if self.named else ""
        return f"{ask}{_NAME_THEM}{f'; {near} holds images of these names' if near else ''}"

    def tell(self, findings: Findings) -> None:
        """What was not read and what was read elsewhere, as findings: one per folder or kind."""
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
        self.searches.tell(self.root, findings)
        if not all(tree.complete for tree in self._trees):
            found, action = "more files", "images were looked for in a part of them; name their folder (--images DIR)"
            findings.warn("search_ended", self.root, "a folder that can be searched", found, action)

    def _ways(self, name: str, folders: Sequence[Path]) -> tuple[tuple[str, ...], list[str], list[str]]:
        """The ways to understand a name, and the paths that it has so, inside and elsewhere."""
        inside: list[str] = []
        outside: list[str] = []
        ways = imagenames.ways(name)
        tops = (*self.images, *folders) if self.images else folders
        for way in ways:
            drive = imagenames.drive(way)
            if drive:
                outside.append("/" + way[len(drive) :].lstrip("/"))
            elif way.startswith("/") or ".." in way:  # `..` is resolved without the disk
                above = ("",) if way.startswith("/") else (f"{one}/" for one in tops or (self.root,))
                for path in dict.fromkeys(os.path.normpath(one + way) for one in above):
                    (inside if self._inside(path) else outside).append(path)
            else:  # most names; they refer to where the folders are
                for one in tops:
                    (inside if self._held(one) else outside).append(f"{one}/{way}")
        return ways, inside, outside

    def _sought(self, ways: Sequence[str], inside: Sequence[str], near: Path | None) -> Found:
        found = self._listings.exact(inside) or self._listings.alike(inside)
        if found or not ways:
            return found
        found = self._listings.stems(one for one in inside if not files.is_image(one))
        if found:
            return found
        akin = self._words(near) if near else frozenset()
        short = [one for way in ways if (one := imagenames.without_prefix(way))]
        for names in (ways, short):
            for stem in (False, True):
                found = next(filter(None, (self._ending(way, akin, stem) for way in names)), NOTHING)
                if found:
                    return found
        return NOTHING

    def _words(self, near: Path) -> frozenset[str]:
        if near not in self._akin:
            self._akin[near] = words_of((*near.parent.parts[len(self.root.parts) :], near.stem))
        return self._akin[near]

    def _ending(self, way: str, akin: frozenset[str], stem: bool) -> Found:
        return next(filter(None, (tree.ending(way, akin, stem=stem) for tree in self._trees)), NOTHING)

    def _taken(self, found: Found, asked: tuple[str, str], name: str) -> Path | None:
        path = found.path
        if path is None or self.searches.refuses(asked, path):
            return None
        self.searches.found(asked, name, found)
        if self._confirmed(path):
            self.read[path.parent] += 1
        return path

    def _key(self, ways: Sequence[str], folders: Sequence[Path]) -> tuple[str, str]:
        return ways[0] if ways else "", str(folders[0]) if folders else ""

    def _inside(self, path: str) -> bool:
        return any(
            path == str(top) or path.startswith(f"{str(top).rstrip('/')}/") for top in (*self._roots, *self.allowed)
        )

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


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def _tails(path: PurePosixPath) -> Iterator[PurePosixPath]:
    """`b/c`, `c` of `/a/b/c`; the trailing parts of a path, longest first."""
    parts = [part for part in path.parts if part not in ("/", "..", ".")]
    yield from (PurePosixPath(*parts[at:]) for at in range(len(parts)))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long
        return False
