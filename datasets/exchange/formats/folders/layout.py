"""Which folders below a source are classes, which are splits of them, and which are neither.

Known: classes at the top or below splits of any name; a split whose images lie bare (unlabelled); splits inside each
class; parts (`fold_1`, `batch2`) that each hold the classes; a set inside a folder of its own name once more; folders
of images and of masks inside a class. A folder named like a split among classes is a class, and a finding says so.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, foldernames, opened, splits, tree

_DEEPEST = 8
_COMPARED = 20  # files of a copy, by size


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of images: its class (None: unlabelled), split and parts; without `below` only its own files count."""

    folder: Path
    label: str | None
    split: str | None = None
    tags: tuple[str, ...] = ()
    below: bool = True

    def images(self) -> Iterator[Path]:
        """Its images, those in folders of masks left out."""
        waiting = [self.folder]
        while waiting:
            found = tree.listing(waiting.pop())
            yield from found.images
            waiting += reversed(units(found.folders)) if self.below else ()


@dataclass
class Layout:
    """The places of a source, and what should be told of how they were understood."""

    places: list[Place] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    loose: int = 0  # images beside the classes, in no place

    @property
    def classes(self) -> set[str]:
        """The names of all classes."""
        return {place.label for place in self.places if place.label is not None}

    @property
    def unlabelled(self) -> list[Path]:
        """The folders of images that have no class."""
        return [place.folder for place in self.places if place.label is None]

    @property
    def split(self) -> bool:
        """Whether any class lies in a split."""
        return any(place.split and place.label is not None for place in self.places)


def layout_of(root: Path) -> Layout:
    """How the folders below `root` are understood; without places where they are no class folders."""
    made = Layout()
    listed = files.read_classes(root) if root.is_dir() else []
    _Reading(root, made, frozenset(listed)).look(root, None, (), 0)
    made.places = list(_settled(made.places, made.findings))
    return made


def units(folders: Sequence[Path]) -> list[Path]:
    """The folders that hold images and are not those of masks or labels."""
    beside = any(foldernames.holds(one.name) == "images" for one in folders)
    return [one for one in folders if not _is_labels(one.name, beside) and holds_image(one)]


def holds_image(folder: Path) -> bool:
    """Whether an image lies below it."""
    return any(listing.images for listing in tree.listings_below(folder))


def _is_labels(name: str, beside: bool) -> bool:
    return foldernames.holds(name) == "labels" and (beside or name.lower() not in foldernames.SINGULAR)


def _is_images(name: str) -> bool:
    return foldernames.holds(name) == "images" and not splits.split_of(name)


def _loose(folder: Path) -> int:
    return len(tree.listing(folder).images)


@dataclass
class _Reading:
    root: Path
    made: Layout
    listed: frozenset[str]  # the classes that the source itself names

    def look(self, folder: Path, split: str | None, tags: tuple[str, ...], depth: int) -> None:
        """Add the places below a folder that is no class itself."""
        inner = units(tree.listing(folder).folders)
        if depth > _DEEPEST or not inner:
            return self._bare(folder, split, tags)
        if len(inner) == 1 and not _loose(folder) and self._holds_classes(inner[0]):
            return self.look(inner[0], split or splits.split_of(inner[0].name), tags, depth + 1)
        known = self._splits(inner) if split is None else _repeated(inner)
        if known:
            return self._look_at_splits(folder, inner, known, tags, depth)
        self._bare(folder, split, tags)
        pictures = [one for one in inner if _is_images(one.name)]
        if len(pictures) == len(inner):
            for one in inner:
                self.look(one, split, tags, depth + 1)
        elif all(foldernames.is_part(one.name) for one in inner):
            for one in inner:
                self.look(one, split, (*tags, one.name), depth + 1)
        else:
            self._add_classes([one for one in inner if one not in pictures], split, tags)
        return None

    def _holds_classes(self, folder: Path) -> bool:
        """Whether the only folder in another is around classes, not a class itself."""
        inner = units(tree.listing(folder).folders)
        around = _is_images(folder.name) or bool(splits.split_of(folder.name)) or any(map(self._folders_in, inner))
        return bool(inner) and (around or any(self._looks_like_class(one, folder) for one in inner))

    def _splits(self, inner: Sequence[Path]) -> dict[str, str]:
        """The folders that are splits, with their split."""
        known = splits.among(one.name for one in inner)
        if not known:  # one split with classes, beside folders of anything
            return {one.name: split for one in inner if (split := splits.split_of(one.name)) and self._folders_in(one)}
        others = [one for one in inner if one.name not in known and not self._folders_in(one)]
        if len(others) > 1 and not any(self._folders_in(one) for one in inner if one.name in known):
            listed = ", ".join(sorted(known))
            self.made.findings.warn(
                "splits_beside_classes", self.root, "splits with the classes in them",
                f"{listed} with bare images beside the class folders {others[0].name}, {others[1].name} ...",
                f"the images in {listed} are taken as unlabelled images of these splits",
            )  # fmt: skip
        return known

    def _folders_in(self, folder: Path) -> bool:
        return bool(units(tree.listing(folder).folders))

    def _look_at_splits(
        self, folder: Path, inner: Sequence[Path], known: dict[str, str], tags: tuple[str, ...], depth: int
    ) -> None:
        self._bare(folder, None, tags)
        for one in inner:
            if one.name in known:
                self.look(one, known[one.name], tags, depth + 1)
        classes = self.made.classes | self.listed
        for one in inner:
            below = {deeper.name for deeper in units(tree.listing(one).folders)}
            if one.name in known or self._is_copy(one, folder):
                continue
            if not below and (one.name in classes or _mixed(known, inner)):
                self._add_classes([one], None, tags)
            elif below & classes or below & known.keys():
                own = () if one.name.lower() == folder.name.lower() else (one.name,)
                self.look(one, None, (*tags, *own), depth + 1)

    def _is_copy(self, inner: Path, outer: Path) -> bool:
        """Whether a folder holds nothing but what lies around it once more; it is left out then."""
        own = {file.relative_to(inner): file for file in tree.walk(inner) if files.is_image(file)}
        pairs = [(file, outer / name) for name, file in own.items()]
        if not all(there.exists() for _, there in pairs):
            return False
        if any(one.stat().st_size != there.stat().st_size for one, there in pairs[:: max(1, len(pairs) // _COMPARED)]):
            return False
        for file in own.values():
            opened.note(file)
        self.made.findings.warn(
            "set_in_itself", inner, "each image once", f"{len(pairs):,} images of {outer.name} once more", "left out",
            count=len(pairs),
        )  # fmt: skip
        return True

    def _bare(self, folder: Path, split: str | None, tags: tuple[str, ...]) -> None:
        """The images of a folder itself: unlabelled ones of its split or part, else none of a class."""
        number = _loose(folder)
        if number and (split or tags):
            self.made.places.append(Place(folder, None, split, tags, below=False))
        else:
            self.made.loose += number

    def _add_classes(self, folders: Sequence[Path], split: str | None, tags: tuple[str, ...]) -> None:
        inner = {one: units(tree.listing(one).folders) for one in folders}
        divided = [one for one in folders if split is None and inner[one] and self._is_divided(inner[one])]
        nested = []
        for one in folders:
            label = None if foldernames.is_unlabelled(one.name) else one.name
            if one in divided:
                known = splits.among(deeper.name for deeper in inner[one])
                self.made.places += (Place(deeper, label, known[deeper.name], tags) for deeper in inner[one])
                if _loose(one):
                    self.made.places.append(Place(one, label, split, tags, below=False))
                continue
            self.made.places.append(Place(one, label, split, tags))
            nested += [deeper for deeper in inner[one] if self._looks_like_class(deeper, one)]
            if splits.split_of(one.name) and split is None:
                self._tell_split_as_class(one, folders)
        if nested:
            self._tell_nested(nested)

    def _is_divided(self, inner: Sequence[Path]) -> bool:
        names = [one.name for one in inner]
        return len(splits.among(names)) == len(names) and not any(map(self._folders_in, inner))

    def _looks_like_class(self, folder: Path, outer: Path) -> bool:
        name = folder.name
        return name.lower() != outer.name.lower() and not foldernames.is_part(name) and not _is_images(name)

    def _tell_split_as_class(self, folder: Path, beside: Sequence[Path]) -> None:
        others = ", ".join(one.name for one in beside[:4] if one != folder)
        self.made.findings.warn(
            "split_as_class", folder, "a folder named like a split to hold images of all classes",
            f"{folder.name} beside the class folders {others}",
            f"{folder.name} is taken for a class too; move it elsewhere if it is the split {folder.name}",
        )  # fmt: skip

    def _tell_nested(self, nested: Sequence[Path]) -> None:
        first = nested[0].relative_to(self.root)
        self.made.findings.warn(
            "nested_classes", self.root, "class folders that hold images alone", f"folders in them, as {first}",
            f"the outer names are the classes ({nested[0].parent.name}); if the inner ones are, import each of the "
            "outer folders as a set of its own, or move the inner ones up", count=len(nested),
        )  # fmt: skip


def _repeated(inner: Sequence[Path]) -> dict[str, str]:
    """Folders in a split that are called like it once more (`train/train`), or are splits of it."""
    known = splits.among(one.name for one in inner)
    return known if len(known) == len(inner) else {}


def _mixed(known: dict[str, str], inner: Sequence[Path]) -> bool:
    """Whether folders beside splits of bare images are classes themselves."""
    others = [one for one in inner if one.name not in known]
    return len(others) > 1 and not any(units(tree.listing(one).folders) for one in inner)


def _settled(places: Sequence[Place], findings: Findings) -> Iterator[Place]:
    """The only folder in a split that no other split has as a class (`test/unknown`) holds unlabelled images."""
    by_split: dict[str | None, set[str]] = defaultdict(set)
    for place in places:
        if place.label is not None:
            by_split[place.split].add(place.label)
    for place in places:
        others = set().union(*(names for split, names in by_split.items() if split != place.split))
        alone = place.split and by_split[place.split] == {place.label} and place.label not in others
        if alone and len(others) > 1:
            findings.note(
                "bare_split", place.folder, "the classes of the other splits", f"the one folder {place.label}",
                f"its images are unlabelled images of {place.split}",
            )  # fmt: skip
        yield replace(place, label=None) if alone and len(others) > 1 else place
